"""What a hand-over would move now: each duty by name, and how many there are of each kind.

Posts that await moderation go with the role of their room's moderator. They are told to whom it is offered as a number,
and only those of which the giver may know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from directory import contact_points, officials
from groupware.caller import Caller
from groupware.duties import booked, movers, naming
from groupware.duties.moved import BOOKINGS, HELD, PLACES, ROLES
from groupware.tables import post
from policies.vocabulary import Action, Door, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.store import Snapshot

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
        """Whether there is nothing to hand over."""
        return not any(count for _, count in self.counts)


def moving(snapshot: Snapshot, monitor: Monitor, giver: int) -> Moving:
    """What of somebody's would go to a successor."""
    grants = movers.going(snapshot, giver)
    rooms = [each.scope for each in grants if each.role is Role.MODERATOR and each.valid_from <= snapshot.now]
    counts = (
        (ROLES, len(grants)),
        (PLACES, len(contact_points.with_official(snapshot.connection, giver))),
        (HELD, held(snapshot, monitor, giver, rooms)),
        (BOOKINGS, booked.count(snapshot, giver)),
    )
    return Moving([naming.duty(snapshot, each.role, each.scope) for each in grants], counts)


def held(snapshot: Snapshot, monitor: Monitor, moderator: int, rooms: Sequence[int]) -> int:
    """How many posts in these rooms await a decision that this moderator may take."""
    if not rooms:
        return 0
    known = officials.get(snapshot.connection, moderator)
    caller = Caller(known.id, known.login, known.address, known.name, Door.PORTAL, strong=True)
    view = monitor.view(snapshot, caller, Action.MODERATE, Kind.POST)
    return int(snapshot.connection.execute(_HELD.where(view.clause), {"rooms": rooms, **view.parameters}).scalar_one())
