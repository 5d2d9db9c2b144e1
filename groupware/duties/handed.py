"""What notices say of a hand-over: what would move, while it is under way; what has moved, once it is done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from directory import duty_moves, roles
from directory.hand_overs import HandOverState
from groupware.clock import MICROSECONDS
from groupware.duties import movers, moving, naming
from groupware.duties.moved import HELD
from groupware.duties.words import PORTAL
from groupware.notices import quoted
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.hand_overs import HandOver
    from directory.roles import Grant
    from groupware.duties.moving import Moving
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

SUBJECTS = {
    HandOverState.PROPOSED: "Duties are offered to you",
    HandOverState.ACCEPTED: "A hand-over of duties was accepted",
    HandOverState.DECLINED: "A hand-over of duties was declined",
    HandOverState.WITHDRAWN: "A hand-over of duties was withdrawn",
    HandOverState.DONE: "Duties were handed over",
}
_OPEN = (HandOverState.PROPOSED, HandOverState.ACCEPTED)


def told(snapshot: Snapshot, monitor: Monitor, known: HandOver) -> str:
    """The words of a notice about it, as it stands now."""
    giver, taker = naming.person(snapshot, known.giver), naming.person(snapshot, known.taker)
    note = quoted(naming.person(snapshot, known.proposed_by), known.note) if known.note else ""
    parts = [f"From {giver} to {taker}.", note]
    if known.state in _OPEN:
        parts += [_waits(known), _listed("What goes over:", moving.moving(snapshot, monitor, known.giver))]
    elif known.state is HandOverState.DONE:
        parts.append(_listed("What has gone over:", _done(snapshot, monitor, known)))
    else:
        parts.append("Nothing has moved.")
    return "\n\n".join(filter(None, (*parts, PORTAL)))


def _waits(known: HandOver) -> str:
    """When it happens, and whose word is missing."""
    when = _day(known.effective) if known.effective else "as soon as all words are given"
    missing = ["the successor's"] if known.state is HandOverState.PROPOSED else []
    missing += [] if known.confirmed_by else ["the giver's, or that of a second person who may name the body's people"]
    return f"It happens {when}. Words still needed: {' and '.join(missing) or 'none'}."


def _day(moment: int) -> str:
    return f"on {datetime.fromtimestamp(moment / MICROSECONDS, UTC):%Y-%m-%d} (UTC)"


def _done(snapshot: Snapshot, monitor: Monitor, known: HandOver) -> Moving:
    """As of that moment; but what awaits moderation or a word is counted now."""
    mine = [each for each in roles.all_of(snapshot.connection, known.taker, snapshot.now) if _came_with(each, known.id)]
    rooms = [each.scope for each in mine if each.role is Role.MODERATOR]
    counts = [(each.what, each.count) for each in duty_moves.of_hand_over(snapshot.connection, known.id)]
    counts.append((HELD, moving.held(snapshot, monitor, known.taker, rooms)))
    counts += moving.spoken_for(snapshot, monitor, known.taker, mine)
    return moving.Moving([naming.duty(snapshot, each.role, each.scope) for each in mine], counts)


def _came_with(grant: Grant, number: int) -> bool:
    return grant.reason.startswith(f"{movers.mark(number)} ")


def _listed(head: str, found: Moving) -> str:
    counts: Sequence[str] = [f"{what}: {count}" for what, count in found.counts if count]
    lines = [*(f"- {duty}" for duty in found.duties), *counts]
    return "\n".join([head, *lines]) if lines else f"{head} nothing at present."
