"""States and institutions: who owns units and administers officials of its own, and no other's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from directory import rights
from directory.errors import StaleError, TakenError, UnknownEntryError
from directory.rows import add_row
from directory.tables import body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


class BodyKind(StrEnum):
    """What sort of body takes part (Decision 2005/267/EC, article 1; the associated states by their agreements)."""

    MEMBER_STATE = "member-state"
    ASSOCIATED_STATE = "associated-state"
    INSTITUTION = "institution"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Body:
    """One row; `code` is that of the EU's authority lists: EST, COM. `authority` is the body that governs it, or 0."""

    id: int
    code: str
    name: str
    kind: BodyKind
    suspended: bool
    authority: int = 0
    version: int = 1


_ADD = insert(body)
_FIND = select(body).where(func.lower(body.c.code) == bindparam("wanted"))
_BY_ID = select(body).where(body.c.id == bindparam("wanted"))
_GOVERN = update(body).where(body.c.id == bindparam("wanted")).values(authority=bindparam("by"))
_SUSPEND = (
    update(body)
    .where(body.c.id == bindparam("wanted"))
    .values(suspended=bindparam("state"), version=body.c.version + 1)
)
_CHANGE = (
    update(body)
    .where(body.c.id == bindparam("wanted"), body.c.version == bindparam("seen"))
    .values(name=bindparam("called"), authority=bindparam("by"), version=bindparam("seen") + 1)
)


def create(connection: Connection, code: str, name: str, kind: BodyKind, authority: int = 0) -> int:
    """Add a body, governed by another or by nobody yet, and return its id; TakenError if the code is known."""
    if find(connection, code):
        raise TakenError(f"body {code}")
    row = {"code": code, "name": name, "kind": kind, "suspended": False, "authority": authority}
    number = add_row(connection, _ADD, row)
    rights.bump(connection)
    return number


def find(connection: Connection, code: str) -> Body | None:
    """The body of this code, in any case."""
    if not code.isprintable():
        return None
    row = connection.execute(_FIND, {"wanted": code.lower()}).mappings().first()
    return None if row is None else Body(**{**row, "kind": BodyKind(row["kind"])})


def get(connection: Connection, number: int) -> Body:
    """The body of this id; UnknownEntryError if there is none."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    if row is None:
        raise UnknownEntryError(f"body {number}")
    return Body(**{**row, "kind": BodyKind(row["kind"])})


def change(connection: Connection, changed: Body) -> None:
    """Write name and authority anew; StaleError if the row isn't of the version that `changed` was made from."""
    row = {"wanted": changed.id, "seen": changed.version, "called": changed.name, "by": changed.authority}
    if not connection.execute(_CHANGE, row).rowcount:
        get(connection, changed.id)
        raise StaleError(f"body {changed.id}")
    rights.bump(connection)


def put_under(connection: Connection, numbers: Sequence[int], authority: int) -> None:
    """Have bodies governed by one, which may be among them."""
    for number in numbers:
        connection.execute(_GOVERN, {"wanted": number, "by": authority})
    rights.bump(connection)


def suspend(connection: Connection, number: int, *, suspended: bool = True) -> None:
    """Shut out all officials of a body, or with `suspended=False` let them in again."""
    if not connection.execute(_SUSPEND, {"wanted": number, "state": suspended}).rowcount:
        raise UnknownEntryError(f"body {number}")
    rights.bump(connection)
