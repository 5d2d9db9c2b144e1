"""Contact points as rows: whom to ask at a body, about everything or one area, who stands in, and when.

Rows of officials who left are emptied by who ends them; nothing here knows of rights.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from directory.duty_tables import contact_deputy, contact_point, duty_hours
from directory.errors import StaleError, UnfitError, UnknownEntryError
from directory.rows import add_row, grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, RowMapping

EVERYTHING = 0
"""The area of a body's general contact point."""
NOBODY = 0
DAYS, MINUTES = 7, 1440


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of duty on a weekday (from 0, Monday), in minutes of the day; they end before `closes`."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One row with its deputies in order and its hours, in the zone's local time; without hours it has no set ones."""

    body: int
    area: int = EVERYTHING
    holder: int = NOBODY
    zone: str = "UTC"
    deputies: tuple[int, ...] = ()
    hours: tuple[Hours, ...] = field(default=())
    version: int = 1
    id: int = 0


_p, _d, _h = contact_point.c, contact_deputy.c, duty_hours.c
_ADD = insert(contact_point)
_CHANGE = (
    update(contact_point)
    .where(_p.id == bindparam("wanted"), _p.version == bindparam("seen"))
    .values(holder=bindparam("who"), zone=bindparam("where"), version=bindparam("next"))
)
_BY_ID = select(contact_point).where(_p.id == bindparam("wanted"))
_FIND = select(contact_point).where(_p.body == bindparam("of"), _p.area == bindparam("about"))
_OF_BODY = select(contact_point).where(_p.body == bindparam("of")).order_by(_p.area)
_ALL = select(contact_point).order_by(_p.body, _p.area)
_WITH = (
    select(contact_point)
    .where(
        or_(
            _p.holder == bindparam("whom"),
            exists().where(_d.contact_point == _p.id, _d.official == bindparam("whom")),
        )
    )
    .order_by(_p.id)
)
_DEPUTIES = select(_d.official).where(_d.contact_point == bindparam("point")).order_by(_d.place)
_HOURS = select(_h.weekday, _h.opens, _h.closes).where(_h.contact_point == bindparam("point")).order_by(*duty_hours.c)
_ALL_DEPUTIES = select(_d.contact_point, _d.official).order_by(_d.contact_point, _d.place)
_ALL_HOURS = select(_h.contact_point, _h.weekday, _h.opens, _h.closes).order_by(*duty_hours.c)
_NO_DEPUTIES = delete(contact_deputy).where(_d.contact_point == bindparam("point"))
_NO_HOURS = delete(duty_hours).where(_h.contact_point == bindparam("point"))
_DEPUTY = insert(contact_deputy)
_HOUR = insert(duty_hours)


def add(connection: Connection, new: ContactPoint) -> int:
    """Add one and return its id. UnfitError for what no contact point can be; the body and area have none yet."""
    _check(new)
    row = {"body": new.body, "area": new.area, "holder": new.holder, "zone": new.zone}
    number = add_row(connection, _ADD, row)
    _write(connection, number, new)
    return number


def change(connection: Connection, changed: ContactPoint) -> None:
    """Write one anew, deputies and hours too. StaleError when it isn't of the version that `changed` was made from."""
    _check(changed)
    row = {"wanted": changed.id, "seen": changed.version, "next": changed.version + 1}
    if not connection.execute(_CHANGE, {**row, "who": changed.holder, "where": changed.zone}).rowcount:
        get(connection, changed.id)
        raise StaleError(f"contact point {changed.id}")
    _write(connection, changed.id, changed)


def get(connection: Connection, number: int) -> ContactPoint:
    """The one of this id; UnknownEntryError if there is none."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    if row is None:
        raise UnknownEntryError(f"contact point {number}")
    return _point(connection, row)


def find(connection: Connection, body: int, area: int = EVERYTHING) -> ContactPoint | None:
    """A body's contact point for an area, or its general one."""
    row = connection.execute(_FIND, {"of": body, "about": area}).mappings().first()
    return None if row is None else _point(connection, row)


def of_body(connection: Connection, body: int) -> list[ContactPoint]:
    """All of a body, the general one first."""
    return [_point(connection, row) for row in connection.execute(_OF_BODY, {"of": body}).mappings()]


def everywhere(connection: Connection) -> list[ContactPoint]:
    """All of all bodies."""
    deputies, hours = grouped(connection, _ALL_DEPUTIES), grouped(connection, _ALL_HOURS)
    return [
        ContactPoint(
            **row,
            deputies=tuple(official for (official,) in deputies[row["id"]]),
            hours=tuple(Hours(*each) for each in hours[row["id"]]),
        )
        for row in connection.execute(_ALL).mappings()
    ]


def with_official(connection: Connection, official: int) -> list[ContactPoint]:
    """Those that somebody holds or is a deputy of."""
    return [_point(connection, row) for row in connection.execute(_WITH, {"whom": official}).mappings()]


def _point(connection: Connection, row: RowMapping) -> ContactPoint:
    key = {"point": row["id"]}
    deputies = tuple(connection.scalars(_DEPUTIES, key))
    return ContactPoint(**row, deputies=deputies, hours=tuple(Hours(*each) for each in connection.execute(_HOURS, key)))


def _check(new: ContactPoint) -> None:
    if len(set(new.deputies)) != len(new.deputies) or not {new.holder, NOBODY}.isdisjoint(new.deputies):
        raise UnfitError("a contact point's deputies are officials of whom each has one place in it")
    for each in new.hours:
        if not (0 <= each.weekday < DAYS and 0 <= each.opens < each.closes <= MINUTES):
            raise UnfitError("hours are of one day, and end after they begin")
    if _overlap(new.hours):
        raise UnfitError("hours of one day don't overlap")


def _overlap(hours: Sequence[Hours]) -> bool:
    ordered = sorted((each.weekday, each.opens, each.closes) for each in hours)
    return any(one[0] == two[0] and two[1] < one[2] for one, two in itertools.pairwise(ordered))


def _write(connection: Connection, number: int, new: ContactPoint) -> None:
    connection.execute(_NO_DEPUTIES, {"point": number})
    connection.execute(_NO_HOURS, {"point": number})
    for place, official in enumerate(new.deputies, 1):
        connection.execute(_DEPUTY, {"contact_point": number, "place": place, "official": official})
    for each in new.hours:
        row = {"weekday": each.weekday, "opens": each.opens, "closes": each.closes}
        connection.execute(_HOUR, {"contact_point": number, **row})
