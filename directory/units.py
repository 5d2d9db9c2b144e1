"""Units of a body: a tree, kept closed in `unit_above` and `unit_competence` by the transaction that changes it.

Policies ask "is her unit this one or below it?" and "is her unit competent?" for every item of a list, so both
answers are rows, not walks. A competence given to a unit holds for all units below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, exists, false, func, insert, select, update

from directory import access, rights
from directory.errors import StaleError, TakenError, UnfitError, UnknownEntryError
from directory.rows import add_row
from directory.tables import unit, unit_above, unit_competence

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Unit:
    """One row; `address` is its functional mailbox, "" without one."""

    id: int
    body: int
    parent: int | None
    code: str
    name: str
    address: str = ""
    phone: str = ""
    version: int = 1


LONGEST_CALLED = 200
"""Letters of what a unit is called."""
_path = unit_above.alias("path")
_under = unit_above.alias("under")
_given = unit_competence.alias("given_above")
_own = unit_competence.alias("own")
_below_top = select(_under.c.unit).where(_under.c.above == bindparam("top"))

_ADD = insert(unit)
_BY_ID = select(unit).where(unit.c.id == bindparam("wanted"))
_OF = select(unit).where(unit.c.body == bindparam("in_body")).order_by(unit.c.code)
_CHANGE = (
    update(unit)
    .where(unit.c.id == bindparam("wanted"), unit.c.version == bindparam("seen"))
    .values(
        name=bindparam("new_name"),
        address=bindparam("new_address"),
        phone=bindparam("new_phone"),
        version=bindparam("seen") + 1,
    )
)
_BODY = select(unit.c.body).where(unit.c.id == bindparam("wanted"))
_BY_CODE = select(unit.c.id).where(unit.c.body == bindparam("in_body"), unit.c.code == bindparam("wanted"))
_IS_BELOW = select(unit_above.c.unit).where(
    unit_above.c.above == bindparam("top"), unit_above.c.unit == bindparam("wanted")
)
_SET_PARENT = update(unit).where(unit.c.id == bindparam("top")).values(parent=bindparam("new_parent"))
_ADD_SELF = insert(unit_above)
_CUT = delete(unit_above).where(unit_above.c.unit.in_(_below_top), unit_above.c.above.not_in(_below_top))
_JOIN = insert(unit_above).from_select(
    ["above", "unit"],
    select(_path.c.above, _under.c.unit)
    .join_from(_path, _under, _under.c.above == bindparam("top"))
    .where(_path.c.unit == bindparam("new_parent")),
)
_FORGET_DERIVED = delete(unit_competence).where(
    unit_competence.c.unit.in_(_below_top), unit_competence.c.given == false()
)
_DERIVE = insert(unit_competence).from_select(
    ["competence", "unit", "given"],
    select(_given.c.competence, _under.c.unit, false())
    .distinct()
    .select_from(_under)
    .join(_path, _path.c.unit == _under.c.unit)
    .join(_given, and_(_given.c.unit == _path.c.above, _given.c.given))
    .where(
        _under.c.above == bindparam("top"),
        ~exists().where(_own.c.unit == _under.c.unit, _own.c.competence == _given.c.competence),
    ),
)
_here = and_(unit_competence.c.unit == bindparam("top"), unit_competence.c.competence == bindparam("which"))
_FORGET_HERE = delete(unit_competence).where(_here)
_GIVE = insert(unit_competence)
_COMPETENT = (
    select(func.count())
    .select_from(unit_competence)
    .where(unit_competence.c.unit == bindparam("top"), unit_competence.c.competence == bindparam("which"))
)


def create(connection: Connection, body: int, code: str, name: str, parent: int | None = None) -> int:
    """Add a unit, below `parent` of the same body if given, and return its id.

    TakenError if the body has that code; UnfitError if the parent is another body's.
    """
    if find(connection, body, code) is not None:
        raise TakenError(f"unit {code}")
    if parent is not None and body_of(connection, parent) != body:
        raise UnfitError("a unit stays in its body")
    row = {"body": body, "code": code, "name": name, "parent": parent}
    number = add_row(connection, _ADD, row)
    connection.execute(_ADD_SELF, {"above": number, "unit": number})
    _hang(connection, number, parent)
    return number


def move(connection: Connection, number: int, parent: int | None) -> None:
    """Hang a unit and all below it under another unit of its body, or at the top.

    UnfitError if that would make a circle or leave the body.
    """
    body = body_of(connection, number)
    if parent is not None:
        if body_of(connection, parent) != body:
            raise UnfitError("a unit stays in its body")
        if is_below(connection, parent, number):
            raise UnfitError("a unit cannot be below itself")
    connection.execute(_SET_PARENT, {"top": number, "new_parent": parent})
    connection.execute(_CUT, {"top": number})
    _hang(connection, number, parent)
    access.rederive_for_unit(connection, number)


def change(connection: Connection, changed: Unit) -> None:
    """Write name, address and phone anew; where it hangs is `move`'s, its code stays.

    StaleError if the row isn't of the version that `changed` was made from; the new row's is one higher.
    """
    if not changed.name.isprintable() or not 0 < len(changed.name) <= LONGEST_CALLED:
        raise UnfitError(f"name of unit {changed.code!r}")
    values = {"new_name": changed.name, "new_address": changed.address, "new_phone": changed.phone}
    if not connection.execute(_CHANGE, {**values, "wanted": changed.id, "seen": changed.version}).rowcount:
        get(connection, changed.id)
        raise StaleError(f"unit {changed.id}")
    rights.bump(connection)


def give_competence(connection: Connection, number: int, competence: int) -> None:
    """Make a unit and all below it competent."""
    connection.execute(_FORGET_HERE, {"top": number, "which": competence})
    connection.execute(_GIVE, {"unit": number, "competence": competence, "given": True})
    _derive(connection, number)


def take_competence(connection: Connection, number: int, competence: int) -> None:
    """End what was given to this very unit; what a unit above has stays."""
    connection.execute(_FORGET_HERE, {"top": number, "which": competence})
    _derive(connection, number)


def find(connection: Connection, body: int, code: str) -> int | None:
    """The unit of this code in a body."""
    return connection.execute(_BY_CODE, {"in_body": body, "wanted": code}).scalar()


def get(connection: Connection, number: int) -> Unit:
    """The unit of this id; UnknownEntryError if there is none."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    if row is None:
        raise UnknownEntryError(f"unit {number}")
    return Unit(**row)


def of_body(connection: Connection, body: int) -> list[Unit]:
    """All of a body, by code."""
    return [Unit(**row) for row in connection.execute(_OF, {"in_body": body}).mappings()]


def body_of(connection: Connection, number: int) -> int:
    """The body of a unit; UnknownEntryError if there is no such unit."""
    body = connection.execute(_BODY, {"wanted": number}).scalar()
    if body is None:
        raise UnknownEntryError(f"unit {number}")
    return int(body)


def is_below(connection: Connection, number: int, above: int) -> bool:
    """Whether a unit is the other one or somewhere below it."""
    return connection.execute(_IS_BELOW, {"top": above, "wanted": number}).first() is not None


def is_competent(connection: Connection, number: int, competence: int) -> bool:
    """Whether a unit has a competence, of its own or from above."""
    return bool(connection.execute(_COMPETENT, {"top": number, "which": competence}).scalar())


def _hang(connection: Connection, number: int, parent: int | None) -> None:
    if parent is not None:
        connection.execute(_JOIN, {"top": number, "new_parent": parent})
    _derive(connection, number)


def _derive(connection: Connection, top: int) -> None:
    """Write anew what the units from `top` down have from above."""
    connection.execute(_FORGET_DERIVED, {"top": top})
    connection.execute(_DERIVE, {"top": top})
    rights.bump(connection)
