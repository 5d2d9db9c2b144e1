"""Follower: says in the rooms of an area what was booked by its members. When, and of what; not by whom or what for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, bindparam, select

from groupware import tables
from groupware.events import Event, EventKind
from groupware.meetings import reply
from groupware.meetings.expand import Occurrence
from groupware.meetings.itip import State, Verdict
from groupware.store import Tx
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor

NAME = "announcements"
KINDS = (EventKind.BOOKING_DECIDED,)
Announce = Callable[[Tx, int, str], None]
"""Says a text in the room with that id, once, when the transaction is durable."""

_a, _b, _r = tables.booking_answer.c, tables.booking.c, tables.resource.c
_DECIDED: Select[Any] = (
    select(_b.id, _b.author, _b.state, _r.id.label("resource"), _r.name, _r.zone, _a.verdict)
    .select_from(tables.booking_answer)
    .join(tables.booking, _b.id == _a.booking)
    .join(tables.resource, _r.id == _b.resource)
    .where(_a.id == bindparam("answer"))
)
_ROOMS = (
    select(tables.room.c.id)
    .join(tables.resource_area, tables.resource_area.c.area == tables.room.c.area)
    .where(tables.resource_area.c.resource == bindparam("resource"))
    .order_by(tables.room.c.id)
)
_TO_COME = (
    select(tables.occurrence.c.t0, tables.occurrence.c.t1, tables.occurrence.c.recurrence)
    .where(tables.occurrence.c.booking == bindparam("booking"), tables.occurrence.c.t1 > bindparam("now"))
    .order_by(tables.occurrence.c.t0)
)


class Announcements:
    """Acts on `booking-decided`, with the booking as it stands by then."""

    def __init__(self, monitor: Monitor, announce: Announce) -> None:
        self._monitor = monitor
        self._announce = announce

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Once for each decision by which a time is taken or free again, in the rooms that the organiser enters."""
        for event in events:
            decided = tx.connection.execute(_DECIDED, {"answer": event.subject}).first()
            if decided is not None:
                self._tell(tx, decided)

    def _tell(self, tx: Tx, decided: Row[Any]) -> None:
        text = _text(tx, decided)
        for room in tx.connection.scalars(_ROOMS, {"resource": decided.resource}).all():
            if decided.author in self._monitor.audience(tx, Action.ENTER, Kind.ROOM, room):
                self._announce(tx, room, text)


def _text(tx: Tx, decided: Row[Any]) -> str:
    rows = tx.connection.execute(_TO_COME, {"booking": decided.id, "now": tx.now})
    booked = [Occurrence(*row) for row in rows]
    if decided.state != State.BOOKED or not booked:
        return f"A booking of {decided.name} is cancelled."
    what = "is booked" if decided.verdict == Verdict.ACCEPTED else "is still booked"
    return f"{decided.name} {what}: {reply.dates(booked, decided.zone)} (local time of {decided.zone})."
