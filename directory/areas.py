"""Areas of work and the competences by which a unit is concerned with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory import rights
from directory.errors import TakenError
from directory.rows import add_row
from directory.tables import area, competence

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ADD_AREA = insert(area)
_ADD_COMPETENCE = insert(competence)
_GIVE_AREA = update(area).where(area.c.id == bindparam("wanted")).values(body=bindparam("by"))
_AREA = select(area.c.id).where(area.c.code == bindparam("wanted"))
_COMPETENCE = select(competence.c.id).where(competence.c.code == bindparam("wanted"))


def create_area(connection: Connection, code: str, name: str, body: int = 0) -> int:
    """Add an area, run by a body or by nobody yet, and return its id; TakenError if the code is known."""
    if connection.execute(_AREA, {"wanted": code}).first():
        raise TakenError(f"area {code}")
    return add_row(connection, _ADD_AREA, {"code": code, "name": name, "body": body})


def give_area(connection: Connection, number: int, body: int) -> None:
    """Have a body run an area."""
    connection.execute(_GIVE_AREA, {"wanted": number, "by": body})
    rights.bump(connection)


def create_competence(connection: Connection, code: str) -> int:
    """Add a competence and return its id; TakenError if the code is known."""
    if connection.execute(_COMPETENCE, {"wanted": code}).first():
        raise TakenError(f"competence {code}")
    return add_row(connection, _ADD_COMPETENCE, {"code": code})
