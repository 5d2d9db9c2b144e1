"""A moderator asleep: a post held for too long is told to the deputies, and then to who runs the room.

What is due follows from the posts and from what was told before, so nothing is forgotten over a restart; a step is
taken in the transaction that writes its notice, so it is taken once, however many processes watch.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, and_, bindparam, func, insert, select

from groupware import tables
from groupware.area_tables import escalation, room_deputy
from groupware.areas import people
from groupware.notices import send
from groupware.steadily import steadily
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Store, Tx

DEPUTIES, RUNNERS = 1, 2
"""The steps: after once and after twice the room's patience."""
AT_ONCE = 100
_post, _room, _told = tables.post.c, tables.room.c, escalation.c
_steps = select(func.count()).where(_told.post == _post.id).correlate(tables.post).scalar_subquery().label("steps")
_due_at = (_post.received + _room.patience * (_steps + 1)).label("due")
_WAITING: Select[Any] = (
    select(_post.id, _post.number, _room.id.label("room"), _room.code, _room.name, _steps, _due_at)
    .join(tables.room, _room.id == _post.room)
    .where(and_(_post.state == "held", _room.patience > 0, _steps < RUNNERS))
)
_DUE = _WAITING.where(_due_at <= bindparam("at", type_=BigInteger)).order_by(_due_at).limit(AT_ONCE)
_NEXT = select(func.min(_WAITING.subquery().c.due))
_KEEP = insert(escalation)
_OF_ROOM = select(room_deputy.c.official).where(room_deputy.c.room == bindparam("room"))


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a step tells: the room's deputies, or those who run it."""

    officials: tuple[int, ...]
    deputies: bool


class Watch:
    """Looks when something is due, for as long as the process lives."""

    def __init__(self, store: Store, monitor: Monitor, domain: str) -> None:
        self._store = store
        self._monitor = monitor
        self._domain = domain

    async def run(self) -> None:
        """Until cancelled."""
        await steadily(self._store, "the watch for held posts", self.step)

    async def step(self) -> bool:
        """Tell of what is due; whether there was anything."""
        ahead = await self._store.read(next_due)
        if ahead is None or ahead > 0:
            return False
        return bool(await self._store.run(lambda tx: tell(tx, self._monitor, self._domain)))


def next_due(snapshot: Snapshot) -> int | None:
    """In how many microseconds a post has been held for too long, 0 or less for now; None while none is held."""
    due = snapshot.connection.execute(_NEXT).scalar()
    return None if due is None else int(due) - snapshot.now


def tell(tx: Tx, monitor: Monitor, domain: str) -> int:
    """Take the steps that are due, at most AT_ONCE; how many there were. One notice a room and step."""
    due = tx.connection.execute(_DUE, {"at": tx.now}).all()
    groups: defaultdict[tuple[int, int, Told], list[Row[Any]]] = defaultdict(list)
    for row in due:
        groups[row.room, row.steps + 1, _whom(tx, monitor, row)].append(row)
    for (_, step, told), posts in groups.items():
        for post in posts:
            tx.connection.execute(_KEEP, {"post": post.id, "step": step, "at": tx.now, "told": len(told.officials)})
        _send(tx, domain, told, posts)
    return len(due)


def _whom(tx: Tx, monitor: Monitor, post: Row[Any]) -> Told:
    """The deputies who may decide about it; without any, and at the second step, those who run the room."""
    if post.steps + 1 == DEPUTIES:
        deputies = set(tx.connection.scalars(_OF_ROOM, {"room": post.room}))
        able = deputies & set(monitor.audience(tx, Action.MODERATE, Kind.POST, post.id, strong=True))
        if able:
            return Told(tuple(sorted(able)), deputies=True)
    return Told(tuple(sorted(people.ids(tx, monitor, post.room, people.May.MANAGE))), deputies=False)


def _send(tx: Tx, domain: str, told: Told, posts: Sequence[Row[Any]]) -> None:
    first = posts[0]
    many = "1 message" if len(posts) == 1 else f"{len(posts)} messages"
    numbers = ", ".join(f"no. {post.number}" for post in posts)
    asked = "As a deputy you are asked to decide." if told.deputies else "See to it that its moderators do."
    text = f"Nobody has decided about {numbers} in {first.name} ({first.code}) in time. {asked}"
    send(tx, domain, told.officials, f"{many} for {first.name}: nobody has decided", text)
