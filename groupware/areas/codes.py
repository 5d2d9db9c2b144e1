"""Codes of areas and rooms: what is an address, a newsgroup, a folder and an alias at once, and is never used again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from directory import tables as directory
from groupware import tables
from groupware.errors import Conflict, Refused
from groupware.reserved import RESERVED

if TYPE_CHECKING:
    from groupware.store import Tx

SHAPE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""RFC 5321 4.1.2 atom; RFC 5536 3.1.4 component; an IMAP name without quotes; a Matrix alias in lower case."""
SHORTEST, LONGEST = 2, 40
_ROOM = select(tables.room.c.id).where(tables.room.c.code == bindparam("code"))
_AREA = select(directory.area.c.id).where(directory.area.c.code == bindparam("code"))
_ADDRESS = or_(
    select(directory.official.c.id).where(directory.official.c.address == bindparam("address")).exists(),
    select(tables.resource.c.id).where(tables.resource.c.address == bindparam("address")).exists(),
    select(directory.unit.c.id).where(directory.unit.c.address == bindparam("address")).exists(),
)


def require_fit(code: str) -> None:
    """Raise Refused(unfit-code) for what can't be a code at every door."""
    if not SHORTEST <= len(code) <= LONGEST or not SHAPE.fullmatch(code) or code in RESERVED:
        raise Refused(
            "unfit-code",
            f"a code is {SHORTEST} to {LONGEST} small letters, digits and single hyphens, beginning with a letter",
        )


def require_free(tx: Tx, code: str, domain: str, area: int = 0) -> None:
    """Raise Conflict(code-taken) for a code that a room has or had, another area, a person, a unit or a resource.

    A room may have the code of its own `area`.
    """
    its_area = tx.connection.scalar(_AREA, {"code": code})
    rival = its_area not in (None, area) or tx.connection.execute(_ROOM, {"code": code}).first() is not None
    if rival or tx.connection.scalar(select(_ADDRESS), {"address": f"{code}@{domain}"}):
        raise Conflict("code-taken", "this code is taken, or was once")
