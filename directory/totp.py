"""One-time codes from an authenticator app (RFC 6238): SHA-1, 30 seconds, six digits, each good for one use.

SHA-1 and six digits because that is what every app understands; the guessing of a million codes is for the callers to
limit. Written here and not taken from a library: the algorithm is five lines of hmac, and the single use, which is what
matters, no library has. The secret has to be had in the clear, so it is kept encrypted under the server's key: a stolen
table alone makes no codes.
"""

from __future__ import annotations

import hmac
import secrets
import struct
from base64 import b32encode
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, delete, insert, select, update

from directory.credential_tables import totp

if TYPE_CHECKING:
    from sqlalchemy import Connection

STEP = 30 * 1_000_000
DIGITS = 6
_OCTETS = 20
"""Of a secret (RFC 4226 4, R6: at least 128 bits, 160 recommended)."""
_NONCE = 12
_SLACK = 1
"""Steps that a clock may be off, either way (RFC 6238 5.2)."""

_ADD = insert(totp)
_FIND = select(totp.c.sealed, totp.c.step).where(totp.c.official == bindparam("of"))
_USE = (
    update(totp)
    .where(totp.c.official == bindparam("of"), totp.c.step < bindparam("now_at"))
    .values(step=bindparam("now_at"))
)
_FORGET = delete(totp).where(totp.c.official == bindparam("of"))


def made() -> bytes:
    """A new secret."""
    return secrets.token_bytes(_OCTETS)


def spelled(secret: bytes) -> str:
    """A secret as it is typed into an app (base 32, in groups of four)."""
    text = b32encode(secret).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def address(secret: bytes, issuer: str, name: str) -> str:
    """What the picture for an app's camera says (Key URI format)."""
    values = {"secret": b32encode(secret).decode(), "issuer": issuer, "digits": DIGITS, "period": STEP // 1_000_000}
    return f"otpauth://totp/{quote(f'{issuer}:{name}')}?{urlencode(values, quote_via=quote)}"


def code(secret: bytes, step: int) -> str:
    """The code of a step, which is its time divided by 30 seconds (RFC 4226 5.3)."""
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 0x0F)
    return f"{(number & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: bytes, text: str, now: int) -> int:
    """The step that `text` is the code of, now or one before or after; 0 if of none. Spaces don't count."""
    given = "".join(text.split()).encode("utf-8", "surrogatepass")
    here, found = now // STEP, 0
    for step in range(here - _SLACK, here + _SLACK + 1):
        if hmac.compare_digest(code(secret, step).encode(), given):
            found = step
    return found


def sealed(secret: bytes, key: bytes, official: int, purpose: bytes = b"totp") -> bytes:
    """A secret encrypted for one official; `key` is the server's, 32 octets."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_subkey(key, purpose)).encrypt(nonce, secret, str(official).encode())


def opened(octets: bytes, key: bytes, official: int, purpose: bytes = b"totp") -> bytes | None:
    """What `sealed` made, or None if it wasn't that, for this official."""
    try:
        return AESGCM(_subkey(key, purpose)).decrypt(octets[:_NONCE], octets[_NONCE:], str(official).encode())
    except (InvalidTag, ValueError):
        return None


def keep(connection: Connection, official: int, secret: bytes, key: bytes, *, step: int, now: int) -> None:
    """Replace an official's secret by one whose code of `step` was just shown."""
    forget(connection, official)
    row = {"official": official, "sealed": sealed(secret, key, official), "step": step, "created": now}
    connection.execute(_ADD, row)


def spend(connection: Connection, official: int, text: str, key: bytes, now: int) -> bool:
    """Whether `text` is an official's code now, never used before, nor any later one; then it is used."""
    row = connection.execute(_FIND, {"of": official}).first()
    secret = opened(bytes(row.sealed), key, official) if row else None
    step = matching_step(secret or bytes(_OCTETS), text, now)
    if secret is None or not step:
        return False
    return connection.execute(_USE, {"of": official, "now_at": step}).rowcount == 1


def has(connection: Connection, official: int) -> bool:
    """Whether an official has an authenticator app."""
    return connection.execute(_FIND, {"of": official}).first() is not None


def forget(connection: Connection, official: int) -> bool:
    """Leave an official without; False if they were already."""
    return connection.execute(_FORGET, {"of": official}).rowcount == 1


def _subkey(key: bytes, purpose: bytes) -> bytes:
    return blake2b(key=key, digest_size=32, person=purpose).digest()
