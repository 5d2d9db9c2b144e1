"""When a resource is taken, for those who may see it; whose and what for, only where they may read the booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from directory import tables as directory
from groupware import tables
from groupware.errors import Refused
from groupware.meetings import resources, times
from groupware.meetings.expand import LONGEST
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.meetings.resources import ResourceCard
    from groupware.monitor import View

MOST = 2_000
_o, _b = tables.occurrence.c, tables.booking.c
_BETWEEN = (
    select(_o.t0, _o.t1, _b.summary, _b.marking, directory.official.c.name)
    .join(tables.booking, _b.id == _o.booking)
    .join(directory.official, directory.official.c.id == _b.author)
    .where(
        _o.resource == bindparam("resource"),
        _o.t0 > bindparam("first") - LONGEST,
        _o.t0 < bindparam("last"),
        _o.t1 > bindparam("first"),
    )
    .order_by(_o.t0)
    .limit(MOST + 1)
)


@dataclass(frozen=True, slots=True)
class Slot:
    """Taken from `start` to before `end` (microseconds); the rest is empty, `marking` None, where it isn't shown."""

    start: int
    end: int
    summary: str = ""
    organiser: str = ""
    marking: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Days, from `first` to before `last`, in the resource's local time."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Timetable:
    """A resource and when it is taken, in order."""

    card: ResourceCard
    slots: Sequence[Slot]


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may see: calendars of resources, what is in bookings, and the rooms of which areas."""

    calendars: View
    bookings: View
    rooms: View


def of_resource(sight: Sight, address: str, span: Span) -> Timetable:
    """A resource between two days. Raises NotFound, Refused(too-many-bookings) where some would be left out."""
    readable = sight.bookings
    readable.use(Kind.BOOKING, Action.READ)
    card = resources.one_of(sight.calendars, sight.rooms, address)
    zone = ZoneInfo(card.resource.zone)
    values = {
        "resource": card.resource.id,
        "first": _midnight(span.first, zone),
        "last": _midnight(span.last, zone),
        **readable.parameters,
    }
    statement = _BETWEEN.add_columns(readable.clause.label("known"))
    rows = readable.snapshot.connection.execute(statement, values).all()
    if len(rows) > MOST:
        raise Refused("too-many-bookings", f"it is taken more than {MOST} times: ask about fewer days")
    slots = [
        Slot(row.t0, row.t1, row.summary, row.name, row.marking) if row.known else Slot(row.t0, row.t1) for row in rows
    ]
    return Timetable(card, slots)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return times.micro(datetime.combine(day, datetime.min.time(), zone))
