"""What has to go outside of this database, with patience: what can't be removed is tried again, others go on meanwhile.

What isn't gone after a try waits twice as long as before it, up to an hour. That stands in rows: a new start doesn't
hurry, and the operator sees what is in the way. What is to wait for longer than that was put off by a wrong clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, exists, or_, select, update

from groupware import clock
from groupware.retention_tables import erasure, erasure_errand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import BindParameter

    from groupware.store import Snapshot, Tx

FIRST_WAIT = 2 * clock.MICROSECONDS
LONGEST_WAIT = 3600 * clock.MICROSECONDS
LONGEST_WHY = 300
MOST_SHOWN = 100
SCOURED, WAITING = "scoured", "waiting"
"""Stages of an erasure: to be looked for now, and once its errands are done."""
_errand, _e = erasure_errand.c, erasure.c
_kinds: BindParameter[Any] = bindparam("kinds", expanding=True)
_names: BindParameter[Any] = bindparam("names", expanding=True)
_numbers: BindParameter[Any] = bindparam("numbers", expanding=True)
_DUE = (
    select(_errand.name)
    .where(_errand.done == 0, _errand.kind == bindparam("kind"))
    .where(
        or_(
            _errand.again <= bindparam("up_to", type_=BigInteger),
            _errand.again > bindparam("beyond", type_=BigInteger),
        )
    )
    .order_by(_errand.again, _errand.id)
    .limit(bindparam("most"))
)
_OF_KINDS = _errand.kind.in_(_kinds) & _errand.name.in_(_names)
_CALLED = select(_errand.id, _errand.name, _errand.tries).where(_errand.done == 0, _OF_KINDS)
_DONE = update(erasure_errand).where(_errand.id.in_(_numbers)).values(done=bindparam("at"))
_FAILED = (
    update(erasure_errand)
    .where(_errand.id == bindparam("this"))
    .values(tries=_errand.tries + 1, again=bindparam("from_", type_=BigInteger), why=bindparam("because"))
)
_AT_ONCE = update(erasure_errand).where(_errand.done == 0, _errand.again > 0).values(again=0)
UNDONE = exists().where(_errand.post == _e.post, _errand.done == 0)
"""True for rows of `erasure` of which something is outside of the database yet."""
_GO_ON = (
    update(erasure)
    .where(_e.stage == WAITING, _e.post.in_(select(_errand.post).where(_errand.id.in_(_numbers))), ~UNDONE)
    .values(stage=SCOURED)
)
_PENDING: Select[Any] = select(
    *(_errand.post, _errand.kind, _errand.name, _errand.tries, _errand.again, _errand.why)
).where(_errand.done == 0)
_TROUBLED = _PENDING.where(_errand.tries > 0).order_by(_errand.again.desc(), _errand.id).limit(MOST_SHOWN)
_OF_POSTS = _PENDING.where(_errand.post.in_(_numbers)).order_by(_errand.id)


@dataclass(frozen=True, slots=True)
class Pending:
    """What is still outside: after so many `tries`, when it is tried `again` (microseconds), and what was in the way.

    `kind` is file, event or media; of an event or media the homeserver says why, as is.
    """

    post: int
    kind: str
    name: str
    tries: int
    again: int
    why: str


def due(snapshot: Snapshot, kind: str, most: int) -> list[str]:
    """Names of what is to be tried now: what was tried never, or least lately, comes first."""
    values = {"kind": kind, "up_to": snapshot.now, "beyond": snapshot.now + LONGEST_WAIT, "most": most}
    return list(snapshot.connection.scalars(_DUE, values))


def gone(tx: Tx, kinds: Sequence[str], names: Sequence[str]) -> None:
    """These aren't there any more; erasures that waited for nothing else are looked at now."""
    values = {"kinds": list(kinds), "names": list(names)}
    numbers = {"numbers": [row.id for row in tx.connection.execute(_CALLED, values)]}
    tx.connection.execute(_DONE, {**numbers, "at": tx.now})
    tx.connection.execute(_GO_ON, numbers)


def left(tx: Tx, kinds: Sequence[str], why: Mapping[str, str]) -> None:
    """These are there yet, by name, and what was in the way."""
    for row in tx.connection.execute(_CALLED, {"kinds": list(kinds), "names": list(why)}).all():
        said = "".join(letter if letter.isprintable() else " " for letter in why[row.name][:LONGEST_WHY])
        tx.connection.execute(_FAILED, {"this": row.id, "from_": tx.now + _wait(row.tries), "because": said})


def at_once(tx: Tx) -> None:
    """The operator has seen to it: all are tried again now."""
    tx.connection.execute(_AT_ONCE)


def troubled(snapshot: Snapshot) -> Sequence[Pending]:
    """What couldn't be removed, at most a hundred: what was tried last comes first."""
    return [Pending(*row) for row in snapshot.connection.execute(_TROUBLED)]


def of_posts(snapshot: Snapshot, posts: Sequence[int]) -> Sequence[Pending]:
    """What there is outside of the database of each of these."""
    return [Pending(*row) for row in snapshot.connection.execute(_OF_POSTS, {"numbers": list(posts)})]


def _wait(tries: int) -> int:
    doublings = min(tries, LONGEST_WAIT.bit_length())  # no number without an end
    return min(FIRST_WAIT << doublings, LONGEST_WAIT)
