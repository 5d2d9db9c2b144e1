"""Areas of work and the competences by which a unit is concerned with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from directory.errors import TakenError
from directory.rows import add_row
from directory.tables import area, competence

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ADD_AREA = insert(area)
_ADD_COMPETENCE = insert(competence)
_AREA = select(area.c.id).where(area.c.code == bindparam("wanted"))
_COMPETENCE = select(competence.c.id).where(competence.c.code == bindparam("wanted"))


def create_area(connection: Connection, code: str, name: str) -> int:
    """Add an area and return its id; TakenError if the code is known."""
    if connection.execute(_AREA, {"wanted": code}).first():
        raise TakenError(f"area {code}")
    return add_row(connection, _ADD_AREA, {"code": code, "name": name})


def create_competence(connection: Connection, code: str) -> int:
    """Add a competence and return its id; TakenError if the code is known."""
    if connection.execute(_COMPETENCE, {"wanted": code}).first():
        raise TakenError(f"competence {code}")
    return add_row(connection, _ADD_COMPETENCE, {"code": code})
