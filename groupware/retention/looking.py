"""What is shown of retention: numbers for the operator, and the proof of each erasure for security officers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, func, or_, select

from directory import officials
from directory import tables as directory
from groupware import tables
from groupware.errors import NotFound
from groupware.retention import errands
from groupware.retention.errands import Pending
from groupware.retention.stores import SCOURED, STORES
from groupware.retention_tables import erasure, erasure_step
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

PAGE = 50
LAST = 2**62
_e, _s, _post = erasure.c, erasure_step.c, tables.post.c
_ORDER = {name: number for number, name in enumerate([*(each.name for each in STORES), SCOURED])}
_unit = directory.unit.alias("owning")
_ERASURES: Select[Any] = (
    select(
        *(_e.post, _e.message_id, tables.room.c.code.label("room"), directory.body.c.name.label("owner")),
        *(_e.kept_as, _e.due, _e.rule, _e.at, _e.whole, _e.stage, _e.verified),
    )
    .join(tables.post, _post.id == _e.post)
    .join(tables.room, tables.room.c.id == _post.room)
    .join(directory.area, directory.area.c.id == tables.room.c.area)
    .join(_unit, _unit.c.id == _post.owner)
    .join(directory.body, directory.body.c.id == _unit.c.body)
    .where(_e.post < bindparam("before", type_=BigInteger))
    .order_by(_e.post.desc())
)
_THEIRS = or_(_unit.c.body == bindparam("own"), directory.area.c.body == bindparam("own"))
_PAGE = _ERASURES.limit(PAGE)
_STEPS = select(_s.post, _s.store, _s.removed, _s.remains, _s.at).where(_s.post.in_(bindparam("posts", expanding=True)))
_STAGES = select(_e.stage, func.count().label("posts")).group_by(_e.stage).order_by(_e.stage)


@dataclass(frozen=True, slots=True)
class Step:
    """One store: what was removed there, and how much was there when it was looked for (-1: not yet), and when."""

    store: str
    removed: int
    remains: int
    at: int


@dataclass(frozen=True, slots=True)
class Proof:
    """A tombstone with its proof. Times in microseconds; `verified` 0: not yet; `pending` is outside yet, and why."""

    post: int
    message_id: str
    room: str
    owner: str
    kept_as: str
    due: int
    rule: str
    at: int
    whole: bool
    stage: str
    verified: int
    steps: Sequence[Step]
    pending: Sequence[Pending]


def proofs(snapshot: Snapshot, monitor: Monitor, caller: Caller, before: int = LAST) -> Sequence[Proof]:
    """A page of what was erased of the caller's body, or in areas that it runs, newest first. Raises Forbidden."""
    own = _own(snapshot, monitor, caller)
    return _with_steps(
        snapshot, snapshot.connection.execute(_PAGE.where(_THEIRS), {"own": own, "before": before}).all()
    )


def proof(snapshot: Snapshot, monitor: Monitor, caller: Caller, post: int) -> Proof:
    """One of them. Raises NotFound, Forbidden."""
    own = _own(snapshot, monitor, caller)
    one = _ERASURES.where(_THEIRS, _e.post == bindparam("post"))
    rows = snapshot.connection.execute(one, {"own": own, "before": LAST, "post": post}).all()
    if not rows:
        raise NotFound(f"erasure {post}")
    return _with_steps(snapshot, rows)[0]


def all_proofs(snapshot: Snapshot, before: int) -> Sequence[Proof]:
    """A page of all of them, for the operator: ids and numbers."""
    return _with_steps(snapshot, snapshot.connection.execute(_PAGE, {"before": before}).all())


def stages(snapshot: Snapshot) -> Mapping[str, int]:
    """How many erasures are at each stage."""
    return {row.stage: row.posts for row in snapshot.connection.execute(_STAGES)}


def _own(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> int:
    body = officials.get(snapshot.connection, caller.official).body
    monitor.require(snapshot, caller, Action.READ_AUDIT, Kind.BODY, body)
    return body


def _with_steps(snapshot: Snapshot, rows: Sequence[Row[Any]]) -> Sequence[Proof]:
    steps, pending = defaultdict[int, list[Step]](list), defaultdict[int, list[Pending]](list)
    posts = [row.post for row in rows]
    for step in snapshot.connection.execute(_STEPS, {"posts": posts}):
        steps[step.post].append(Step(*step[1:]))
    for each in errands.of_posts(snapshot, posts):
        pending[each.post].append(each)
    return [
        Proof(**row._mapping, steps=sorted(steps[row.post], key=_place), pending=pending[row.post])  # noqa: SLF001 -- public, in spite of its name
        for row in rows
    ]


def _place(step: Step) -> int:
    return _ORDER.get(step.store, len(_ORDER))
