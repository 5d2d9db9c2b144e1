"""Whether who began something may still do it: an act that waits for another's answer counts while both could do it.

What two have agreed on stands from then on, whatever becomes of them later: see docs/decisions/0023.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import officials
from groupware.caller import Caller
from groupware.errors import Forbidden, NotFound
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from directory.appointments import Appointment
    from directory.hand_overs import HandOver
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

OPERATOR = 0


def still(snapshot: Snapshot, official: int, leave: Callable[[Caller], object]) -> bool:
    """Whether somebody is in office and has `leave`, which raises otherwise; judged by the strong sign-in they had."""
    try:
        leave(_as_strong(snapshot, official))
    except (Forbidden, NotFound):
        return False
    return officials.in_office(snapshot.connection, official, snapshot.now)


def _as_strong(snapshot: Snapshot, official: int) -> Caller:
    known = officials.get(snapshot.connection, official)
    return Caller(known.id, known.login, known.address, known.name, Door.PORTAL, strong=True)


def still_appoints(snapshot: Snapshot, monitor: Monitor, known: Appointment) -> bool:
    """Whether an appointment still has its appointer behind it."""
    if known.appointed_by == OPERATOR:
        return True
    who = _as_strong(snapshot, known.appointed_by)
    return monitor.decide(snapshot, who, Action.APPOINT, Kind.BODY, known.body).allowed


def still_offered(snapshot: Snapshot, monitor: Monitor, known: HandOver) -> bool:
    """Whether a hand-over has the word of the giver, or still of somebody who designates giver and taker."""
    if known.giver in (known.proposed_by, known.confirmed_by):
        return True
    who = _as_strong(snapshot, known.proposed_by)
    both = (known.giver, known.taker)
    return all(monitor.decide(snapshot, who, Action.DESIGNATE, Kind.OFFICIAL, each).allowed for each in both)
