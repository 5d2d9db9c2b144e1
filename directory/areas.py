"""Areas of work and the competences by which a unit is concerned with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory import rights
from directory.errors import StaleError, TakenError, UnknownEntryError
from directory.rows import add_row
from directory.tables import area, competence

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Area:
    """One row; `body` is the id of the one that runs it, or 0."""

    id: int
    code: str
    name: str
    body: int
    version: int
    state: str = "open"


_ADD_AREA = insert(area)
_ADD_COMPETENCE = insert(competence)
_GIVE_AREA = update(area).where(area.c.id == bindparam("wanted")).values(body=bindparam("by"))
_AREAS = select(area.c.id, area.c.code, area.c.name, area.c.body, area.c.version, area.c.state)
_BY_ID = _AREAS.where(area.c.id == bindparam("wanted"))
_BY_CODE = _AREAS.where(area.c.code == bindparam("wanted"))
_CHANGE = (
    update(area)
    .where(area.c.id == bindparam("wanted"), area.c.version == bindparam("seen"))
    .values(name=bindparam("called"), state=bindparam("stands"), version=bindparam("seen") + 1)
)
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


def change_area(connection: Connection, changed: Area) -> None:
    """Write name and state anew; StaleError if the row isn't of the version that `changed` was made from."""
    row = {"wanted": changed.id, "seen": changed.version, "called": changed.name, "stands": changed.state}
    if not connection.execute(_CHANGE, row).rowcount:
        raise StaleError(f"area {changed.id}")
    rights.bump(connection)


def get_area(connection: Connection, number: int) -> Area:
    """The area with this id; UnknownEntryError."""
    row = connection.execute(_BY_ID, {"wanted": number}).first()
    if row is None:
        raise UnknownEntryError(f"area {number}")
    return Area(*row)


def find_area(connection: Connection, code: str) -> Area | None:
    """The area of this code."""
    row = connection.execute(_BY_CODE, {"wanted": code}).first()
    return None if row is None else Area(*row)


def competence_of(connection: Connection, code: str) -> int:
    """The competence by which units are concerned with the area of this code; UnknownEntryError."""
    number = connection.execute(_COMPETENCE, {"wanted": code}).scalar()
    if number is None:
        raise UnknownEntryError(f"competence {code}")
    return int(number)
