"""The version of the rights: whoever remembers a decision keeps this number beside it and asks again when it moved.

It moves in steps of chance. A transaction that is undone gives its number back, and what was remembered within it
must not pass for what a later one with other rights finds.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory.tables import rights

if TYPE_CHECKING:
    from sqlalchemy import Connection

_READ = select(rights.c.version).where(rights.c.id == 1)
_BUMP = update(rights).where(rights.c.id == 1).values(version=rights.c.version + bindparam("step"))
_FIRST = insert(rights)
LONGEST_STEP = 2**32
_BUMPS = "rights.bumps"


def version(connection: Connection) -> int:
    """Higher after each change, by no set amount; 0 in an empty directory."""
    return connection.execute(_READ).scalar() or 0


def bumps(connection: Connection) -> int:
    """How often `bump` was called on this connection: while it stays the same, so does one transaction's version."""
    count: int = connection.info.get(_BUMPS, 0)
    return count


def bump(connection: Connection) -> None:
    """Say, in the changing transaction, that answers of the policies may now differ."""
    connection.info[_BUMPS] = bumps(connection) + 1
    step = 1 + secrets.randbelow(LONGEST_STEP)
    if not connection.execute(_BUMP, {"step": step}).rowcount:
        connection.execute(_FIRST, {"id": 1, "version": step})
