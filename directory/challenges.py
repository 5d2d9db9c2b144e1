"""Challenges for passkeys: made without keeping anything, bound to who asked and to what for, and good once.

A challenge is a random number, a time until which it is good, and a keyed hash over both, its purpose and the token of
the browser that asked. So strangers who ask for a million of them fill nothing; only those that were answered rightly
are kept, until they would be too old anyhow.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from directory.credential_tables import spent_challenge

if TYPE_CHECKING:
    from sqlalchemy import Connection

LASTS = 15 * 60 * 1_000_000
_NONCE, _TIME = 16, 8

_ADD = insert(spent_challenge)
_FIND = select(spent_challenge.c.until).where(spent_challenge.c.digest == bindparam("wanted"))
_SWEEP = delete(spent_challenge).where(spent_challenge.c.until <= bindparam("at"))


def made(key: bytes, purpose: str, asker: str, now: int) -> bytes:
    """A new challenge; `key` is the server's, `asker` the token of the browser."""
    head = secrets.token_bytes(_NONCE) + (now + LASTS).to_bytes(_TIME, "big")
    return head + _mac(key, purpose, asker, head)


def holds(challenge: bytes, key: bytes, purpose: str, asker: str, now: int) -> bool:
    """Whether it was made here, for this, and isn't too old."""
    head = challenge[: _NONCE + _TIME]
    same = hmac.compare_digest(challenge[len(head) :], _mac(key, purpose, asker, head))
    return same and now < _until(challenge)


def spend(connection: Connection, challenge: bytes, now: int) -> bool:
    """Use up one that holds; False if it was used before."""
    connection.execute(_SWEEP, {"at": now})
    digest = blake2b(challenge, digest_size=32).digest()
    if connection.execute(_FIND, {"wanted": digest}).first() is not None:
        return False
    connection.execute(_ADD, {"digest": digest, "until": _until(challenge)})
    return True


def _until(challenge: bytes) -> int:
    return int.from_bytes(challenge[_NONCE : _NONCE + _TIME], "big")


def _mac(key: bytes, purpose: str, asker: str, head: bytes) -> bytes:
    told = b"\0".join((purpose.encode(), asker.encode("utf-8", "surrogatepass"), head))
    return blake2b(told, key=key, digest_size=32, person=b"challenge").digest()
