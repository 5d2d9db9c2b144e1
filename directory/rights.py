"""The version of the rights: whoever remembers a decision keeps this number beside it and asks again when it moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from directory.tables import rights

if TYPE_CHECKING:
    from sqlalchemy import Connection

_READ = select(rights.c.version).where(rights.c.id == 1)
_BUMP = update(rights).where(rights.c.id == 1).values(version=rights.c.version + 1)
_FIRST = insert(rights).values(id=1, version=1)


def version(connection: Connection) -> int:
    """How many changes there were; 0 in an empty directory."""
    return connection.execute(_READ).scalar() or 0


def bump(connection: Connection) -> None:
    """Say, in the changing transaction, that answers of the policies may now differ."""
    if not connection.execute(_BUMP).rowcount:
        connection.execute(_FIRST)
