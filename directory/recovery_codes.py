"""Recovery codes: ten on paper for the day when the second factor is lost, each good once.

Each has 120 random bits, so a keyed hash is enough (NIST SP 800-63B-4, look-up secrets: a slow one only below 112).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select, update

from directory.credential_tables import recovery_code
from directory.secret_text import grouped, is_made_of, plain, random_text
from directory.tables import FOREVER

if TYPE_CHECKING:
    from sqlalchemy import Connection

HOW_MANY = 10
_LENGTH = 24

_ADD = insert(recovery_code)
_FORGET = delete(recovery_code).where(recovery_code.c.official == bindparam("of"))
_LEFT = (
    select(func.count())
    .select_from(recovery_code)
    .where(recovery_code.c.official == bindparam("of"), recovery_code.c.used == FOREVER)
)
_SPEND = (
    update(recovery_code)
    .where(
        recovery_code.c.digest == bindparam("wanted"),
        recovery_code.c.official == bindparam("of"),
        recovery_code.c.used == FOREVER,
    )
    .values(used=bindparam("at"))
)


def renew(connection: Connection, official: int, key: bytes) -> list[str]:
    """Ten new codes, as their holder sees them once; older ones are good for nothing any more."""
    texts = [random_text(_LENGTH) for _ in range(HOW_MANY)]
    forget(connection, official)
    for text in texts:
        connection.execute(_ADD, {"digest": _digest(key, official, text), "official": official})
    return [grouped(text) for text in texts]


def spend(connection: Connection, official: int, text: str, key: bytes, now: int) -> bool:
    """Whether `text` is an unused code of this official; then it is used."""
    digest = _digest(key, official, plain(text))
    return connection.execute(_SPEND, {"of": official, "wanted": digest, "at": now}).rowcount == 1


def is_one(text: str) -> bool:
    """Whether a text looks like a recovery code, right or not."""
    return is_made_of(plain(text), _LENGTH)


def left(connection: Connection, official: int) -> int:
    """How many unused ones an official has."""
    return int(connection.execute(_LEFT, {"of": official}).scalar_one())


def forget(connection: Connection, official: int) -> None:
    """Leave an official without."""
    connection.execute(_FORGET, {"of": official})


def _digest(key: bytes, official: int, text: str) -> bytes:
    told = f"{official}.{text}".encode("utf-8", "surrogatepass")
    return blake2b(told, key=key, digest_size=32, person=b"recovery").digest()
