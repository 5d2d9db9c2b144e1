"""Words for searching: each new rendering is decoded by the parser's child process and kept folded.

Not a follower, since the child answers outside of transactions: it looks for renderings without words, and a repeat
finds them kept already. A search first has the rest of its own folder indexed, so nothing is missed meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, insert, select

from groupware import clock, content, tables
from groupware.content import within
from groupware.rendering import opened
from groupware.steadily import steadily

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Row

    from groupware.message.parser import Parser
    from groupware.store import Snapshot, Store, Tx

logger = logging.getLogger(__name__)

SLICE = 50
MOST_OCTETS = 8 << 20
"""Of messages that are in memory at once; a larger one comes alone."""
MOST_FOLDERS = 10_000
AT_ONCE = 4
"""Renderings indexed in one transaction: some milliseconds, for which nobody else is written."""
LOOK_AGAIN = 0.1
NO_LONGER = 5.0
"""Seconds for which it waits until accepting mail is done; a search completes what it needs before."""
LOOK_BACK = 10_000
"""How far below the newest id one may be missing after a start: PostgreSQL commits ids out of order."""
SETTLED_AFTER = 60.0
"""Seconds after which none is missing any more below what was the newest: no transaction takes so long."""

_rendering, _place = tables.rendering.c, tables.place.c
_HAS_WORDS = exists().where(tables.search_text.c.rendering == _rendering.id)
_NOBODYS = exists().where(tables.post.c.rendering == _rendering.id, tables.post.c.state.in_(["unconfirmed", "draft"]))
"""What awaits its author's or a colleague's word leaves no words in an index; later a search brings them there."""
_WITHOUT = select(
    _rendering.id, _rendering.received, _rendering.head, _rendering.content, _rendering.body_at, _rendering.size
).where(~_HAS_WORDS, ~_NOBODYS, _rendering.size > 0)
_NEXT = _WITHOUT.where(_rendering.id > bindparam("after")).order_by(_rendering.id).limit(SLICE)
_IN_FOLDER = (
    _WITHOUT.join(tables.place, _place.rendering == _rendering.id)
    .where(_place.folder == bindparam("folder"), _place.uid >= bindparam("after"))
    .order_by(_rendering.id)
    .limit(SLICE)
)
_NEWEST = select(func.coalesce(func.max(_rendering.id), 0))
_KEPT = select(tables.search_text.c.rendering).where(tables.search_text.c.rendering == bindparam("rendering"))
_STILL_THERE = select(_rendering.id).where(
    _rendering.id == bindparam("rendering"), _rendering.received == bindparam("received"), _rendering.size > 0
)
"""A post may be erased while its words are looked for, and is empty then.

A draft goes whole, and SQLite gives its id to the next message.
"""
_KEEP = insert(tables.search_text)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rendering to be indexed: its id and when it was made, which together name it for ever, and its bytes."""

    rendering: int
    received: int
    head: bytes
    body: bytes


class Indexer:
    """Keeps the words of one store."""

    def __init__(self, store: Store, parser: Parser, settled_after: float = SETTLED_AFTER) -> None:
        self._store = store
        self._parser = parser
        self._settled_after = settled_after
        self._low_water = 0
        self._newest, self._newest_at = 0, clock.monotonic()
        self._whole: dict[int, int] = {}

    async def run(self) -> None:
        """Index whatever comes in, until cancelled."""
        await steadily(self._store, "the index of words", self._step_when_calm)

    async def _step_when_calm(self) -> int:
        until = clock.monotonic() + NO_LONGER
        while self._store.crowded and clock.monotonic() < until:  # noqa: ASYNC110 -- no event tells of a rate that falls
            await asyncio.sleep(LOOK_AGAIN)
        return await self.step()

    async def step(self) -> int:
        """Index the next slice and return how many that were."""
        found, newest = await self._store.read(self._look)
        await self._index(found)
        if not found:
            self._all_indexed(newest)
        return len(found)

    def _look(self, snapshot: Snapshot) -> tuple[list[Loaded], int]:
        """The next slice above the low-water mark, and the newest id there is."""
        newest = int(snapshot.connection.execute(_NEWEST).scalar_one())
        return self._load(snapshot, min(self._low_water, newest), None), newest

    def _all_indexed(self, newest: int) -> None:
        """Raise the mark to what was the newest a while ago, so that an idle look passes over few ids."""
        now = clock.monotonic()
        if now - self._newest_at >= self._settled_after:
            self._low_water = max(self._low_water, self._newest)
            self._newest, self._newest_at = newest, now
        self._low_water = max(self._low_water, newest - LOOK_BACK)

    async def complete(self, folder: int, uidnext: int) -> None:
        """Index what lies in a folder below `uidnext` and has no words yet. What was seen whole isn't seen again."""
        first = self._whole.get(folder, 1)
        if first >= uidnext:
            return
        while found := await self._store.read(lambda snapshot: self._load(snapshot, first, folder)):
            await self._index(found)
        if len(self._whole) >= MOST_FOLDERS:
            self._whole.clear()
        self._whole[folder] = uidnext

    def _load(self, snapshot: Snapshot, after: int, folder: int | None) -> list[Loaded]:
        statement, values = (
            (_NEXT, {"after": after}) if folder is None else (_IN_FOLDER, {"after": after, "folder": folder})
        )
        rows = snapshot.connection.execute(statement, values).all()
        return [
            Loaded(row.id, row.received, opened(snapshot, row.id, bytes(row.head)), self._body(snapshot, row))
            for row in within(MOST_OCTETS, rows)
        ]

    def _body(self, snapshot: Snapshot, row: Row[*tuple[Any, ...]]) -> bytes:
        """The bytes behind the header; none where the file is lost, which a check reports and no search mends."""
        try:
            return content.load(snapshot, self._store.directory, row.content, row.body_at)
        except OSError as error:
            logger.error("rendering %d can't be indexed: %s", row.id, error)  # noqa: TRY400 -- one line
            return b""

    async def _index(self, found: Sequence[Loaded]) -> None:
        words = [(each, *await self._parser.search_text(each.head, each.body)) for each in found]
        for start in range(0, len(words), AT_ONCE):
            await self._store.run(partial(_keep, words=words[start : start + AT_ONCE]))


def _keep(tx: Tx, words: Sequence[tuple[Loaded, str, str]]) -> None:
    for loaded, header, body in words:
        key = {"rendering": loaded.rendering}
        there = tx.connection.execute(_STILL_THERE, {**key, "received": loaded.received}).first()
        if there and tx.connection.execute(_KEPT, key).first() is None:
            tx.connection.execute(_KEEP, {**key, "header": header, "body": body})
