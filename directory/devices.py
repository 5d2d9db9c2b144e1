"""Browsers that somebody signed in with: each has a random number, sealed for its official and their password of now.

Nothing is kept here: a seal is broken when the password is changed, replaced by a link or taken away, as off-boarding
does. A token opens nothing. It only says that a wrong password from this browser isn't a stranger's guess.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

MOST = 4
"""People who share one browser; whoever came before that is a stranger again."""
_NUMBER, _SEAL, _LENGTH = 12, 21, 44


def known(key: bytes, told: str, official: int, changed: int) -> str:
    """The number of the browser that `told` this (the cookie), "" if the official of a password hasn't used it.

    `changed` is when the password was set (microseconds); `key` the server's.
    """
    for token in _tokens(told):
        octets = _octets(token)
        number = octets[:_NUMBER]
        if hmac.compare_digest(octets[_NUMBER:], _seal(key, number, official, changed)):
            return number.hex()
    return ""


def with_one(key: bytes, told: str, official: int, changed: int) -> str:
    """What the browser is to tell from now on: as before if it is known, otherwise with one more token in front."""
    if known(key, told, official, changed):
        return told
    number = secrets.token_bytes(_NUMBER)
    token = urlsafe_b64encode(number + _seal(key, number, official, changed)).decode()
    return ".".join([token, *_tokens(told)][:MOST])


def _tokens(told: str) -> list[str]:
    return [token for token in told.split(".", MOST)[:MOST] if len(token) == _LENGTH and token.isascii()]


def _octets(token: str) -> bytes:
    """Whatever is none is b"", which no seal fits; no padding is left to chance, 33 octets need none."""
    try:
        return urlsafe_b64decode(token)
    except ValueError:
        return b""


def _seal(key: bytes, number: bytes, official: int, changed: int) -> bytes:
    said = number + official.to_bytes(8, "big") + changed.to_bytes(8, "big")
    return blake2b(said, key=key, digest_size=_SEAL, person=b"device").digest()
