"""Who left without a successor: what they have booked goes to somebody of their body who can keep it.

Whoever may book the same resource, and may read the booking once it is theirs: an organiser of an area that the
resource is for, of the leaver's unit before others; then a colleague of the unit that owns it; then who speaks for the
body. What nobody can keep stays as it is, and the body's contact points are told.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import duty_moves, officials
from directory.duty_moves import NOBODY, Move
from directory.tables import official, role_grant, unit_above
from groupware.duties import booked, moved, places
from groupware.duties.moved import Followed
from groupware.events import EventKind
from groupware.tables import resource_area, room
from policies.vocabulary import Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from directory.officials import Official
    from groupware.events import Event
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

NAME = "inheritance"
KINDS = (EventKind.OFFICIAL_OFF_BOARDED,)
_ORGANISERS = (
    select(official.c.id)
    .join(role_grant, role_grant.c.official == official.c.id)
    .join(room, room.c.id == role_grant.c.scope)
    .join(resource_area, resource_area.c.area == room.c.area)
    .where(
        role_grant.c.role == Role.ORGANISER,
        role_grant.c.valid_from <= bindparam("now"),
        role_grant.c.valid_until > bindparam("now"),
        resource_area.c.resource == bindparam("resource"),
        official.c.body == bindparam("body"),
    )
    .order_by(official.c.unit != bindparam("unit"), official.c.id)
)
_COLLEAGUES = (
    select(official.c.id)
    .join(unit_above, unit_above.c.unit == official.c.unit)
    .where(unit_above.c.above == bindparam("owner"), official.c.body == bindparam("body"))
    .order_by(official.c.unit != bindparam("owner"), official.c.id)
)


class Inheritance:
    """Follower: finds the heirs of whom a national system off-boarded, which hasn't looked for them itself."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Once for each who left; what is settled already stays so."""
        for event in events:
            known = officials.get(tx.connection, event.subject)
            if known.departed and not _settled(tx, known):
                inherit(tx, self._monitor, known.id)


def inherit(tx: Tx, monitor: Monitor, leaver: int, by: int = 0) -> None:
    """Give away what is booked. Never refuses; what nobody could keep before is tried anew.

    Whose act it is (`by`) gets nothing by it, but for what their own unit owns.
    """
    known = officials.get(tx.connection, leaver)
    duty_moves.forget_left(tx.connection, leaver)
    found = Counter(_heir(tx, monitor, known, booking, by) for booking in booked.to_come(tx, leaver))
    for taker, count in found.items():
        moved.write_down(tx, Move(leaver, taker, moved.BOOKINGS, count, tx.now))


def followed(snapshot: Snapshot, leaver: int, since: int) -> tuple[Followed, ...]:
    """What went to whom since somebody left (microseconds)."""
    moves = duty_moves.of_leaver(snapshot.connection, leaver, since)
    return tuple(Followed(each.what, each.count, _login(snapshot, each.taker)) for each in moves if each.count)


def _login(snapshot: Snapshot, number: int) -> str:
    return officials.get(snapshot.connection, number).login if number else ""


def _settled(snapshot: Snapshot, known: Official) -> bool:
    """Whether heirs were looked for when they left."""
    moves = duty_moves.of_leaver(snapshot.connection, known.id, known.departed)
    return any(each.what == moved.BOOKINGS and not each.hand_over for each in moves)


def _heir(tx: Tx, monitor: Monitor, leaver: Official, booking: tuple[int, int, int], by: int) -> int:
    """Give one booking to the first who can keep it; NOBODY if there is none."""
    number, resource, owner = booking
    may_book = frozenset(monitor.audience(tx, Action.BOOK, Kind.RESOURCE, resource))
    for candidate in _candidates(tx, leaver, resource, owner, by):
        if candidate in may_book:
            booked.give(tx, number, candidate)
            if candidate in monitor.audience(tx, Action.READ, Kind.BOOKING, number, strong=True):
                return candidate
    booked.give(tx, number, leaver.id)
    return NOBODY


def _candidates(snapshot: Snapshot, leaver: Official, resource: int, owner: int, by: int) -> Iterable[int]:
    """In the order in which they are asked for."""
    connection, body = snapshot.connection, leaver.body
    place = {"resource": resource, "body": body, "unit": leaver.unit, "now": snapshot.now}
    colleagues = connection.scalars(_COLLEAGUES, {"owner": owner, "body": body}).all()
    order = (*connection.scalars(_ORGANISERS, place), *colleagues, *places.in_line(snapshot, body, leaver.id))
    return [each for each in dict.fromkeys(order) if each != leaver.id and (each != by or each in colleagues)]
