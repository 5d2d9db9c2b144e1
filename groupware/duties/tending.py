"""What comes with time: hand-overs whose day has come, and contact points whose term has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import contact_points, hand_overs, officials
from directory.contact_points import EVERYTHING
from groupware.duties import handing_over, places

if TYPE_CHECKING:
    from directory.contact_points import ContactPoint
    from groupware.store import Snapshot, Tx

ENDED = "the term has ended"


def due(snapshot: Snapshot) -> tuple[list[int], list[int]]:
    """The hand-overs to be carried out, and the officials whose places others take, as of now."""
    ready = [each.id for each in hand_overs.due(snapshot.connection, snapshot.now)]
    points = contact_points.everywhere(snapshot.connection)
    lapsed = {official for point in points for official in _lapsed(snapshot, point)}
    return ready, sorted(lapsed)


def tend(tx: Tx) -> int:
    """Do what is due; returns how much it was."""
    ready, _ = due(tx)
    for number in ready:
        handing_over.carry_out(tx, number)
    _, lapsed = due(tx)
    for official in lapsed:
        places.leave(tx, official, 0, ENDED, everywhere=_has_left(tx, official))
    return len(ready) + len(lapsed)


def _lapsed(snapshot: Snapshot, point: ContactPoint) -> list[int]:
    """Who has a place without the role that gave it, or is past their time; who is suspended may come back."""
    named = [each for each in (point.holder, *point.deputies) if each]
    gone = [each for each in named if _has_left(snapshot, each)]
    if point.area != EVERYTHING:
        return gone
    return gone + [each for each in named if not places.holds(snapshot, each, point.body, *places.OF_CONTACT)]


def _has_left(snapshot: Snapshot, official: int) -> bool:
    return officials.get(snapshot.connection, official).valid_until <= snapshot.now
