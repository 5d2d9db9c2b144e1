"""Keys that follow from DIR/server.key, each for one purpose, and what is sealed with them."""

from __future__ import annotations

import secrets
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


def derived(key: bytes, purpose: str) -> bytes:
    """32 octets for one purpose; neither the server's key nor another purpose's follow from them."""
    return blake2b(purpose.encode(), key=key, digest_size=32, person=b"iconet provider").digest()


class Seal:
    """AES-256-GCM (NIST SP 800-38D) for one purpose: what it opens, it has sealed, and nobody has changed it."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._cipher = AESGCM(derived(key, purpose))

    def seal(self, text: bytes) -> bytes:
        """Nonce and ciphertext."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text, None)

    def unseal(self, sealed: bytes) -> bytes | None:
        """What was sealed; None for anything else."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError):
            return None
