"""What somebody has booked and what is yet to come of it: the bookings that a successor has to keep, and their notice.

Notices name the resource and the times, never what a meeting is about: they are read under a wider marking.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select, update

from groupware.clock import MICROSECONDS
from groupware.duties.words import PORTAL
from groupware.tables import booking, occurrence, resource, submission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.officials import Official
    from groupware.store import Snapshot, Tx

NAMED = 5
"""Dates of a series that a notice names."""
_TO_COME = (
    select(booking.c.id, booking.c.resource, booking.c.owner)
    .join(occurrence, occurrence.c.booking == booking.c.id)
    .where(booking.c.author == bindparam("of"), occurrence.c.t1 > bindparam("now"))
    .distinct()
    .order_by(booking.c.id)
)
_COUNT = select(func.count()).select_from(_TO_COME.order_by(None).subquery())
_GIVE = update(booking).where(booking.c.id == bindparam("this")).values(author=bindparam("taker"))
_GIVE_ALL = update(booking).where(booking.c.author == bindparam("giver")).values(author=bindparam("taker"))
_FROM = (
    select(
        *(booking.c.id, booking.c.uid, resource.c.name, resource.c.address, resource.c.zone),
        *(occurrence.c.t0, occurrence.c.t1),
    )
    .join(resource, resource.c.id == booking.c.resource)
    .join(occurrence, occurrence.c.booking == booking.c.id)
    .join(submission, submission.c.id == booking.c.submission)
    .where(
        booking.c.author == bindparam("taker"),
        submission.c.author == bindparam("giver"),
        occurrence.c.t1 > bindparam("now"),
    )
    .order_by(booking.c.id, occurrence.c.t0)
)


def to_come(snapshot: Snapshot, official: int) -> Sequence[tuple[int, int, int]]:
    """Those that haven't ended: booking, resource, and the unit that owns the booking."""
    rows = snapshot.connection.execute(_TO_COME, {"of": official, "now": snapshot.now})
    return [(row.id, row.resource, row.owner) for row in rows]


def count(snapshot: Snapshot, official: int) -> int:
    """How many those are."""
    return int(snapshot.connection.execute(_COUNT, {"of": official, "now": snapshot.now}).scalar_one())


def give(tx: Tx, booking_id: int, taker: int) -> None:
    """From now on the taker changes and cancels it, under the same UID. It stays the unit's."""
    tx.connection.execute(_GIVE, {"this": booking_id, "taker": taker})


def give_all(tx: Tx, giver: int, taker: int) -> int:
    """The same with all that somebody ever booked; returns how many of those are yet to come."""
    found = count(tx, giver)
    tx.connection.execute(_GIVE_ALL, {"giver": giver, "taker": taker})
    return found


def told(snapshot: Snapshot, giver: Official, taker: int) -> str:
    """To who keeps them now: what is booked, and how it is changed."""
    values = {"giver": giver.id, "taker": taker, "now": snapshot.now}
    rows = snapshot.connection.execute(_FROM, values).all()
    lines = []
    for _, same in groupby(rows, key=lambda row: row.id):
        each = list(same)
        when = _dates([(row.t0, row.t1) for row in each], ZoneInfo(each[0].zone))
        lines.append(f"- {each[0].name} ({each[0].address}): {when}, local time of {each[0].zone}; UID {each[0].uid}")
    first = f"{giver.name} ({giver.login}) has left. What they had booked stays booked, and you keep it from now on:"
    return "\n".join([first, *lines, "", _HOW])


def _dates(spans: Sequence[tuple[int, int]], zone: ZoneInfo) -> str:
    """The first few in local time, and how many more there are."""
    named = []
    for first, last in spans[:NAMED]:
        start, end = (datetime.fromtimestamp(edge // MICROSECONDS, zone) for edge in (first, last))
        until = f"{end:%H:%M}" if end.date() == start.date() else f"{end.day} {end:%b %Y, %H:%M}"
        named.append(f"{start:%a} {start.day} {start:%b %Y, %H:%M}-{until}")
    more = len(spans) - len(named)
    return "; ".join([*named, f"and {more} more"] if more else named)


def left(giver: Official, count: int) -> str:
    """To the body's people with duties: nobody could take them."""
    return f"{giver.name} ({giver.login}) has left. What they had booked and nobody keeps: {count}. {_WHY}\n\n{PORTAL}"


_HOW = (
    "If a meeting doesn't take place, free the room: send its address a cancellation with the same UID from your "
    "calendar program. If somebody else should keep them, hand your duties over."
)
_WHY = (
    "Nobody of your body can keep them: no colleague of their unit, no organiser and no contact point may book these "
    "rooms. They stay booked. Have somebody let in to the area that the rooms are for, then off-board the same login "
    "once more: whoever can keep them is looked for again."
)
