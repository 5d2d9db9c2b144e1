"""Whether a period's key may go: never while something on hold lies under it; by itself, once nothing does any more.

What is kept for longer than its period is sealed anew (sealing_anew.py). So that it is never in no backup at all, the
key waits then for a backup that was begun later, a month at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from groupware import clock, sealed_periods, tables
from groupware.acts import Act, Happening
from groupware.retention import watch
from groupware.retention.holds import held
from groupware.sealing.seals import UNDATED, month, prefix
from groupware.secrecy_tables import beginning
from groupware.store.dialect import is_sealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from groupware.store import Snapshot, Tx

_c, _r, _post = tables.content.c, tables.rendering.c, tables.post.c
WITHOUT_BACKUPS = 60 * clock.MICROSECONDS
"""After something was sealed anew, for who reads what was before it (Limits.read_seconds)."""
WITH_BACKUPS = 31 * 24 * 3600 * clock.MICROSECONDS
"""For which a backup of what was sealed anew is waited for."""
SLACK = 24 * 3600 * clock.MICROSECONDS
"""By how much the clocks of two processes may differ."""
_head_lies, _bytes_lie = (beginning(each) == bindparam("begins") for each in (_r.head, _c.body))
_RENDERED = select(_r.id).where(is_sealed(_r.head), _head_lies).limit(1)
_STORED = select(_c.id).where(is_sealed(_c.body), _bytes_lie).limit(1)
_HELD = (
    select(_post.id)
    .join(tables.submission, tables.submission.c.id == _post.submission)
    .join(tables.rendering, _r.id == _post.rendering)
    .join(tables.content, _c.id == tables.submission.c.content)
    .where(or_(_head_lies, _bytes_lie), held())
    .order_by(_post.id)
    .limit(1)
)


def on_hold(snapshot: Snapshot, period: str) -> int:
    """A post that a hold keeps, and whose octets lie under this period's key; 0 for none."""
    return int(snapshot.connection.scalar(_HELD, {"begins": prefix(period)}) or 0)


def spent(snapshot: Snapshot, names: Iterable[str], *, backups: bool) -> list[str]:
    """Those of the periods that are past, as far as retention believes the clock, and of which nothing is left.

    They have been for a day: till then a process whose clock is behind may seal under them. `backups`: there may be
    some that can be read.
    """
    known = watch.read(snapshot)
    if known is None:
        return []
    now, emptied = known.limit(snapshot.now), sealed_periods.emptied(snapshot)
    before = now - (WITH_BACKUPS if backups else WITHOUT_BACKUPS)
    past = (name for name in names if UNDATED < name < month(now - SLACK) and emptied.get(name, 0) < before)
    return [name for name in past if not _anything(snapshot, name)]


def from_ahead(snapshot: Snapshot) -> bool:
    """Whether a clock that was ahead has noted from when on a key waits: it would wait until then."""
    return max(sealed_periods.emptied(snapshot).values(), default=0) > _latest(snapshot)


def set_right(tx: Tx) -> None:
    """Such keys wait from now on."""
    sealed_periods.not_after(tx, _latest(tx))


def _latest(snapshot: Snapshot) -> int:
    """A clock that went back doesn't shorten what is waited for."""
    known = watch.read(snapshot)
    return snapshot.now if known is None else max(snapshot.now, known.counted)


def covered(tx: Tx, known: Mapping[str, int]) -> None:
    """A backup is whole that was begun when `known` was: what was sealed anew by then, and nothing later, is in it.

    Who still reads what was before that is waited for.
    """
    sealed_periods.wait_from(tx, known, tx.now - WITH_BACKUPS + WITHOUT_BACKUPS)


def end(tx: Tx, period: str) -> bool:
    """Put on record that a spent period's key goes; False when something lies under it meanwhile."""
    if _anything(tx, period):
        return False
    on_record(tx, "destroy", period)
    sealed_periods.end(tx, period)
    return True


def on_record(tx: Tx, action: str, period: str) -> None:
    """The operator's act, or the house's, which no official's permit stands behind."""
    tx.acts.append(Act(Happening.CHANGED, 0, "", action, "secrecy-period", period))


def _anything(snapshot: Snapshot, period: str) -> bool:
    return any(snapshot.first(each, {"begins": prefix(period)}) is not None for each in (_RENDERED, _STORED))
