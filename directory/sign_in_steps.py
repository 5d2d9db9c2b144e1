"""Half a sign-in: the password was right, the second factor is owed. The token names that and opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from directory.credential_tables import sign_in_step

if TYPE_CHECKING:
    from sqlalchemy import Connection

LASTS = 10 * 60 * 1_000_000

_ADD = insert(sign_in_step)
_FIND = select(sign_in_step.c.official).where(
    sign_in_step.c.digest == bindparam("wanted"), sign_in_step.c.expires > bindparam("at")
)
_END = delete(sign_in_step).where(sign_in_step.c.digest == bindparam("wanted"))
_END_ALL = delete(sign_in_step).where(sign_in_step.c.official == bindparam("of"))
_SWEEP = delete(sign_in_step).where(sign_in_step.c.expires <= bindparam("at"))


def begin(connection: Connection, official: int, now: int) -> str:
    """A token good for ten minutes; old ones of everybody are swept on the way."""
    connection.execute(_SWEEP, {"at": now})
    token = secrets.token_urlsafe(32)
    connection.execute(_ADD, {"digest": _digest(token), "official": official, "expires": now + LASTS})
    return token


def find(connection: Connection, token: str, now: int) -> int:
    """Whose it is; 0 if it isn't any more."""
    return connection.execute(_FIND, {"wanted": _digest(token), "at": now}).scalar() or 0


def end(connection: Connection, token: str) -> bool:
    """It has led to a session; False if another was quicker."""
    return connection.execute(_END, {"wanted": _digest(token)}).rowcount == 1


def end_all(connection: Connection, official: int) -> None:
    """All of an official end."""
    connection.execute(_END_ALL, {"of": official})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
