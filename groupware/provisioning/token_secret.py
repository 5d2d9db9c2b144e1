"""What a token looks like, and the one thing that is kept of it.

It is `iconet-scim-` and 256 random bits, so a fast keyed hash is enough (NIST SP 800-63B-4: from 112 bits on), and as
the hash needs the server's key, looking it up by an index tells a guesser nothing.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b

PREFIX = "iconet-scim-"
LONGEST = 200
_OCTETS = 32


def made() -> str:
    """A new token, as its holder sees it, once."""
    return PREFIX + secrets.token_urlsafe(_OCTETS)


def digest(text: str, key: bytes) -> bytes:
    """What is kept of a token; `key` is the server's. Whatever was given has one."""
    return blake2b(text[:LONGEST].encode(errors="replace"), key=key, digest_size=32, person=b"scim-token").digest()
