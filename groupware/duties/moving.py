"""What a hand-over would move now: each duty by name, and how many there are of each kind.

Posts that await moderation go with the role of their room's moderator, releases that await a word with the contact
point's or deputy's; so does who acknowledges for the body. They are told to whom it is offered as numbers, and only
those of which the giver may know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from directory import contact_points, officials
from groupware import to_acknowledge
from groupware.caller import Caller
from groupware.duties import booked, movers, naming
from groupware.duties.moved import ACKNOWLEDGEMENTS, BOOKINGS, CONSENTS, HELD, PLACES, ROLES
from groupware.releases import looking as releases
from groupware.tables import post
from policies.vocabulary import Action, Door, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.roles import Grant
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

SPEAKERS = (Role.CONTACT_POINT, Role.DEPUTY)
_HELD = (
    select(func.count())
    .select_from(post)
    .where(post.c.state == "held", post.c.room.in_(bindparam("rooms", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Moving:
    """`duties` are the roles in words; `counts` says how many there are of each kind of duty, 0 for none."""

    duties: Sequence[str]
    counts: Sequence[tuple[str, int]]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to hand over; what somebody is asked to acknowledge is none by itself."""
        return not any(count for what, count in self.counts if what != ACKNOWLEDGEMENTS)


def moving(snapshot: Snapshot, monitor: Monitor, giver: int) -> Moving:
    """What of somebody's would go to a successor."""
    grants = movers.going(snapshot, giver)
    rooms = [each.scope for each in grants if each.role is Role.MODERATOR and each.valid_from <= snapshot.now]
    counts = (
        (ROLES, len(grants)),
        (PLACES, len(contact_points.with_official(snapshot.connection, giver))),
        (HELD, held(snapshot, monitor, giver, rooms)),
        (BOOKINGS, booked.count(snapshot, giver)),
        *spoken_for(snapshot, monitor, giver, grants),
    )
    return Moving([naming.duty(snapshot, each.role, each.scope) for each in grants], counts)


def held(snapshot: Snapshot, monitor: Monitor, moderator: int, rooms: Sequence[int]) -> int:
    """How many posts in these rooms await a decision that this moderator may take."""
    if not rooms:
        return 0
    view = monitor.view(snapshot, _as(snapshot, moderator), Action.MODERATE, Kind.POST)
    return int(snapshot.connection.execute(_HELD.where(view.clause), {"rooms": rooms, **view.parameters}).scalar_one())


def spoken_for(
    snapshot: Snapshot, monitor: Monitor, speaker: int, grants: Sequence[Grant]
) -> tuple[tuple[str, int], ...]:
    """What awaits somebody's word as their body's contact point or deputy; nothing where they aren't."""
    if not any(each.role in SPEAKERS and each.valid_from <= snapshot.now for each in grants):
        return ()
    caller = _as(snapshot, speaker)
    consents = len(releases.waiting(snapshot, monitor, caller))
    return (CONSENTS, consents), (ACKNOWLEDGEMENTS, to_acknowledge.count(snapshot, monitor, caller))


def _as(snapshot: Snapshot, official: int) -> Caller:
    known = officials.get(snapshot.connection, official)
    return Caller(known.id, known.login, known.address, known.name, Door.PORTAL, strong=True)
