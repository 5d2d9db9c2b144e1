"""What moves with a hand-over: each a function that takes it from the giver to the taker and says how much it was.

Ownership stays with units, and what somebody reads as a member stays theirs. What is decided by who holds a role (posts
that await moderation, releases that await a word, acknowledgements for the body) goes with the role, so has no mover.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from directory import contact_points, officials, roles
from directory.hand_overs import HandOver
from groupware.administering import MANY
from groupware.duties import booked, places
from groupware.duties.moved import BOOKINGS, PLACES, ROLES
from groupware.duties.scopes import DUTIES
from groupware.events import EventKind
from groupware.store import Tx
from policies.vocabulary import Access

if TYPE_CHECKING:
    from directory.contact_points import ContactPoint
    from directory.roles import Grant
    from groupware.store import Snapshot

Mover = Callable[[Tx, HandOver], int]


def contacts(tx: Tx, hand_over: HandOver) -> int:
    """Places in contact points. Who has one already moves up where the giver's was before theirs."""
    found = contact_points.with_official(tx.connection, hand_over.giver)
    for point in found:
        places.write(tx, _given(point, hand_over.giver, hand_over.taker))
    return len(found)


def _given(point: ContactPoint, giver: int, taker: int) -> ContactPoint:
    """The first of the places that the two have, in the order of who is asked, is the taker's."""
    order = [taker if each == giver else each for each in (point.holder, *point.deputies)]
    once = list(dict.fromkeys(order))
    return replace(point, holder=once[0], deputies=tuple(once[1:]))


def grants(tx: Tx, hand_over: HandOver) -> int:
    """Roles with their dates: those of contact points and moderators, and with them what awaits a decision.

    What follows from a rule stays with it, and who sends for a head does so by that head's word, for nobody else.
    """
    found = going(tx, hand_over.giver)
    for grant in found:
        _move(tx, grant, hand_over)
    if found:
        tx.record(EventKind.RIGHTS_CHANGED, MANY)
    return len(found)


def going(snapshot: Snapshot, giver: int) -> list[Grant]:
    """The grants that go over, whether they hold already or will."""
    found = roles.all_of(snapshot.connection, giver, snapshot.now)
    return [each for each in found if each.role in DUTIES and each.role is not Access.SENDER and not each.access]


def _move(tx: Tx, grant: Grant, hand_over: HandOver) -> None:
    giver = officials.get(tx.connection, hand_over.giver).login
    why = mark(hand_over.id)
    roles.revoke(tx.connection, grant.id, tx.now, hand_over.proposed_by, why)
    taken = replace(
        grant,
        official=hand_over.taker,
        valid_from=max(tx.now, grant.valid_from),
        granted_by=hand_over.proposed_by,
        approved_by=_approver(hand_over),
        reason=f"{why} from {giver}, accepted by the successor",
    )
    roles.grant(tx.connection, taken)


def mark(number: int) -> str:
    """How the reason of a grant begins that came with a hand-over."""
    return f"hand-over no. {number}"


def _approver(hand_over: HandOver) -> int:
    """The second word, where there was one beside the offer's: whoever approved the giver never saw the taker."""
    return hand_over.confirmed_by if hand_over.confirmed_by != hand_over.proposed_by else 0


def bookings(tx: Tx, hand_over: HandOver) -> int:
    """Who booked may cancel and change: from now on the taker, under the same UID. They stay the unit's."""
    return booked.give_all(tx, hand_over.giver, hand_over.taker)


MOVERS: tuple[tuple[str, Mover], ...] = (
    (PLACES, contacts),
    (ROLES, grants),
    (BOOKINGS, bookings),
)
