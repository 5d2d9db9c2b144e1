"""One-time links by which officials make their own credentials: `https://PORTAL/join/TOKEN`.

The token has 256 random bits, and only its hash is kept. A link is found while it is unused and not expired; whoever
opens the page uses nothing up, only the form does.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory import resets
from directory.rows import add_row
from directory.tables import invitation

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Purpose(StrEnum):
    """What a link is for: the first credentials, or new ones in place of all that were lost."""

    JOIN = "join"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that works; `created_by` is an official, or 0 for the operator."""

    id: int
    official: int
    purpose: Purpose
    created_by: int
    expires: int


_ADD = insert(invitation)
_FIND = select(
    invitation.c.id, invitation.c.official, invitation.c.purpose, invitation.c.created_by, invitation.c.expires
).where(invitation.c.digest == bindparam("wanted"), invitation.c.used == 0, invitation.c.expires > bindparam("at"))
_OPEN = select(
    invitation.c.id, invitation.c.official, invitation.c.purpose, invitation.c.created_by, invitation.c.expires
).where(invitation.c.official == bindparam("of"), invitation.c.used == 0, invitation.c.expires > bindparam("at"))
_MADE_BY = (
    select(invitation.c.id)
    .where(invitation.c.official == bindparam("of"), invitation.c.created_by == bindparam("by"))
    .limit(1)
)
_SPEND = (
    update(invitation)
    .where(invitation.c.id == bindparam("wanted"), invitation.c.used == 0)
    .values(used=bindparam("at"))
)
_END_ALL = (
    update(invitation)
    .where(invitation.c.official == bindparam("of"), invitation.c.used == 0, invitation.c.expires > bindparam("at"))
    .values(expires=bindparam("at"))
)


def make(connection: Connection, official: int, purpose: Purpose, *, expires: int, created_by: int, now: int) -> str:
    """A new link's token, told once; earlier links of the official end."""
    end_all(connection, official, now)
    token = secrets.token_urlsafe(32)
    row = {"official": official, "purpose": str(purpose), "digest": digest(token), "created": now}
    add_row(connection, _ADD, {**row, "created_by": created_by, "expires": expires})
    return token


def find(connection: Connection, token: str, now: int) -> Invitation | None:
    """What a token is for, as long as it works."""
    row = connection.execute(_FIND, {"wanted": digest(token), "at": now}).mappings().first()
    return None if row is None else Invitation(**{**row, "purpose": Purpose(row["purpose"])})


def open_of(connection: Connection, official: int, now: int) -> Invitation | None:
    """An official's link that still works; there is at most one."""
    row = connection.execute(_OPEN, {"of": official, "at": now}).mappings().first()
    return None if row is None else Invitation(**{**row, "purpose": Purpose(row["purpose"])})


def made_by(connection: Connection, official: int, by: int) -> bool:
    """Whether somebody ever made a link for an official, used or not."""
    return connection.execute(_MADE_BY, {"of": official, "by": by}).first() is not None


def spend(connection: Connection, number: int, now: int) -> bool:
    """Use a link up; False if another was quicker."""
    return connection.execute(_SPEND, {"wanted": number, "at": now}).rowcount == 1


def end_all(connection: Connection, official: int, now: int) -> int:
    """Withdraw an official's open links, and what is asked for; return how many that were."""
    asked = resets.end(connection, official, now)
    return asked + connection.execute(_END_ALL, {"of": official, "at": now}).rowcount


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
