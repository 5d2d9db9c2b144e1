"""What an installation has of its own, made at its first start: the key under which secrets are kept as hashes."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from groupware.errors import StoreFailed

if TYPE_CHECKING:
    from pathlib import Path

KEY_FILE = "server.key"
_LENGTH = 32


def server_key(directory: Path) -> bytes:
    """The 32 octets of DIR/server.key, readable by its owner only; made if there is none.

    It belongs into every backup: without it no app password, recovery code or authenticator app opens anything.
    StoreFailed names the path and the cause.
    """
    path = directory / KEY_FILE
    try:
        return _read(path)
    except FileNotFoundError:
        write_private(path, secrets.token_bytes(_LENGTH))
        return _read(path)


def write_private(path: Path, contents: bytes, *, new: bool = False) -> None:
    """A file for its owner only, on disk whole when this returns; one that is there already is replaced.

    With `new` it stays as it is, even if it came in this very moment.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(descriptor)
    if new:
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    else:
        draft.replace(path)
    _sync(path.parent)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise StoreFailed(f"{path}: others may read it; chmod 600")
        key = file.read(_LENGTH + 1)
    if len(key) != _LENGTH:
        raise StoreFailed(f"{path}: not a key of {_LENGTH} octets")
    return key


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
