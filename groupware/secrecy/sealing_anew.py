"""What is kept for longer than its period, or belongs to another by now, is sealed anew under that one's key.

A date that moves marks its post (`retention_date.moved`), and the post is looked at soon. When a month is over and what
was due in it is erased, whatever lies under its key yet (on hold, or with a date that nobody looked at) goes under
another, so that nothing keeps the key. Rows alone say how far it has come: each value names its key, and is replaced in
one transaction. A large file stays as it is; its row seals the file's own key anew.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, literal_column, select, update

from groupware import content, rendering, sealed_periods, tables
from groupware.retention import erasing, watch
from groupware.retention_tables import retention_date
from groupware.sealing.keys import KeyAway
from groupware.sealing.seals import UNDATED, month, month_begins, period_of, prefix
from groupware.secrecy.belonging import together
from groupware.secrecy_tables import beginning
from groupware.store.dialect import is_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from groupware.store import Snapshot, Store, Tx

REST = 0.02
"""Seconds between two slices, so that others are written, too."""
AT_ONCE = 10
"""Contents looked at in one transaction, for which nobody else is written."""
OCTETS = 512 * 1024
"""Sealed anew in one transaction; no value is larger than half of it."""
logger = logging.getLogger(__name__)
_c, _r, _d, _post = tables.content.c, tables.rendering.c, retention_date.c, tables.post.c
_MOVED = (
    select(_d.post, _r.content)
    .select_from(retention_date)
    .join(tables.post, _post.id == _d.post)
    .join(tables.rendering, _r.id == _post.rendering)
    .where(_d.moved == literal_column("1"), _d.post > bindparam("after"))
    .order_by(_d.post)
    .limit(AT_ONCE)
)
_LOOKED_AT = update(retention_date).where(_d.post == bindparam("this")).values(moved=0)
_UNDER = (
    select(_c.id)
    .where(is_sealed(_c.body), beginning(_c.body) == bindparam("begins"), _c.id > bindparam("after"))
    .order_by(_c.id)
    .limit(AT_ONCE)
)
_THIS = select(_c.body).where(_c.id == bindparam("this"), is_sealed(_c.body))
_CHANGE = update(tables.content).where(_c.id == bindparam("this")).values(body=bindparam("new_body"))
_RENDERINGS = select(_r.id, *(_r[name] for name in rendering.SEALED)).where(
    _r.content == bindparam("this"), is_sealed(_r.head)
)
_CHANGE_RENDERING = (
    update(tables.rendering)
    .where(_r.id == bindparam("this"))
    .values({name: bindparam(f"new_{name}") for name in rendering.SEALED})
)


@dataclass(slots=True)
class Slice:
    """What one transaction did: up to which it has looked, and whether there was nothing more to look at.

    `stuck` says why contents stay where they are; those of them that are `waiting` do for a key.
    """

    last: int
    over: bool = False
    number: int = 0
    octets: int = 0
    waiting: int = 0
    stuck: list[str] = field(default_factory=list)

    def sealed(self, octets: int) -> bool:
        """Count a content, if it was one; whether that is enough."""
        self.number += octets > 0
        self.octets += octets
        return octets > 0 and self.octets >= OCTETS


class SealingAnew:
    """For one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told: dict[str, str] = {}

    async def all(self) -> int:
        """Everything that belongs under another key now; how many contents that were."""
        folder, total = self._store.seals.folder, 0
        if not self._store.seals.sealing or folder is None:
            return 0
        if await self._store.read(_any_moved):
            total += await self._each("dates that moved", follow)
        for period in await self._store.read(lambda snapshot: ended(snapshot, folder.names())):
            total += await self._each(period, partial(empty, period=period))
        return total

    async def _each(self, what: str, use_case: Callable[..., Slice]) -> int:
        """One slice after the other."""
        total, stuck, done = 0, [], Slice(0)
        while not done.over:
            done = await self._store.run(partial(use_case, after=done.last))
            total += done.number
            stuck += done.stuck
            await asyncio.sleep(REST)
        self._tell(what, stuck)
        if total:
            logger.info("sealed-anew: %d contents, %s", total, what)
        return total

    def _tell(self, what: str, stuck: Sequence[str]) -> None:
        """One line for all that couldn't be, until it is another one."""
        line = f"{len(stuck)} not sealed anew, the first is {stuck[0]}" if stuck else ""
        if line and line != self._told.get(what):
            logger.error("secrecy: %s: %s", what, line)
        self._told[what] = line


def ended(snapshot: Snapshot, names: Iterable[str]) -> list[str]:
    """Those of the periods that are over, by the clock that retention believes, if what was due in them is erased."""
    known = watch.read(snapshot)
    if known is None:
        return []
    now = known.limit(snapshot.now)
    past = [name for name in names if UNDATED < name < month(now)]
    return [] if past and erasing.is_due(snapshot, month_begins(now) - 1) else past


def follow(tx: Tx, after: int) -> Slice:
    """Look at the next posts whose dates moved. What waits for a key stays marked."""
    rows, done = tx.rows(_MOVED, {"after": after}), Slice(after)
    for row in rows:
        waiting = done.waiting
        if not _settle(tx, row.content, done):
            return done  # it is marked yet
        done.last = row.post
        if done.waiting == waiting:
            tx.change(_LOOKED_AT, {"this": row.post})
    done.over = not rows
    return done


def empty(tx: Tx, after: int, period: str) -> Slice:
    """Seal anew the next contents under a key."""
    rows, done = tx.rows(_UNDER, {"begins": prefix(period), "after": after}), Slice(after)
    for row in rows:
        done.last = row.id
        if not _settle(tx, row.id, done):
            return done  # what goes with it has its own turn
    done.over = not rows
    return done


def _any_moved(snapshot: Snapshot) -> bool:
    return bool(snapshot.rows(_MOVED, {"after": 0}))


def _settle(tx: Tx, number: int, done: Slice) -> bool:
    """Put a content, and what goes with it, where it belongs; False when that is enough for one transaction."""
    known = watch.read(tx)
    now = tx.now if known is None else known.limit(tx.now)
    for each, period in together(tx, number, now):
        try:
            size = _seal_anew(tx, each, period, month(now))
        except KeyAway as error:
            done.waiting += 1
            done.stuck.append(f"content {each}: {error}")
        except OSError as error:  # it can't be read where it is: its key stays
            done.stuck.append(f"content {each}: {error.strerror}")
        else:
            if done.sealed(size):
                return False
    return True


def _seal_anew(tx: Tx, number: int, period: str, now: str) -> int:
    """The octets that were, 0 for what lies there already, in clear, or nowhere. Raises KeyAway and OSError."""
    row = tx.first(_THIS, {"this": number})
    lies = period_of(bytes(row.body)) if row is not None else ""
    if lies in {"", period} or tx.seals.erased(bytes(row.body)):
        return 0
    clear = tx.seals.open(content.COLUMN, number, bytes(row.body))
    texts = [_opened(tx, each) for each in tx.rows(_RENDERINGS, {"this": number})]
    sealed_periods.require(tx, period)
    body = tx.seals.seal(period, content.COLUMN, number, clear)
    closed = [rendering.sealed(tx, period, each) for each in texts]  # all of it, before anything is written
    tx.change(_CHANGE, {"this": number, "new_body": body})
    for each in closed:
        tx.change(_CHANGE_RENDERING, {"this": each["id"], **{f"new_{name}": each[name] for name in rendering.SEALED}})
    sealed_periods.empty(tx, lies, now)
    return len(clear) + sum(len(each[name]) for each in texts for name in rendering.SEALED)


def _opened(tx: Tx, row: Any) -> dict[str, Any]:  # noqa: ANN401 -- a row of _RENDERINGS
    opened = {name: tx.seals.open(f"rendering.{name}", row.id, bytes(getattr(row, name))) for name in rendering.SEALED}
    return {"id": row.id, **opened}
