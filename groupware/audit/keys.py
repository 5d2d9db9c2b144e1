"""The key with which this installation signs checkpoints of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from groupware.errors import StoreFailed
from groupware.installation import write_private

if TYPE_CHECKING:
    from pathlib import Path

KEY_FILE = "audit.key"


def signing_key(directory: Path) -> Ed25519PrivateKey:
    """The key in DIR/audit.key, of 32 octets; made if there is none. Raises StoreFailed for another file there."""
    path = directory / KEY_FILE
    if not path.exists():
        write_private(path, Ed25519PrivateKey.generate().private_bytes_raw())
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except ValueError as error:
        raise StoreFailed(f"{path}: {error}") from error
