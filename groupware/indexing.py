"""Words for searching: each new rendering is decoded by the parser's child process and kept folded.

Not a follower, since the child answers outside of transactions: it looks for renderings without words, and a repeat
finds them kept already. A search first has the rest of its own folder indexed, so nothing is missed meanwhile.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, insert, select

from groupware import content, tables
from groupware.store import hinted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.message.parser import Parser
    from groupware.store import Snapshot, Store, Tx

SLICE = 50
TOGETHER = 5
"""Messages of one transaction: trigrams take milliseconds each, and others wait for the writer."""
MOST_FOLDERS = 10_000
LOOK_BACK = 10_000
"""How far below the newest indexed id one may still be missing: PostgreSQL commits ids out of order."""

_rendering, _place = tables.rendering.c, tables.place.c
_HAS_WORDS = exists().where(tables.search_text.c.rendering == _rendering.id)
_WITHOUT = select(_rendering.id, _rendering.head, _rendering.content, _rendering.body_at).where(~_HAS_WORDS)
_NEXT = _WITHOUT.where(_rendering.id > bindparam("after")).order_by(_rendering.id).limit(SLICE)
_IN_FOLDER = (
    _WITHOUT.join(tables.place, _place.rendering == _rendering.id)
    .where(_place.folder == bindparam("folder"), _place.uid >= bindparam("after"))
    .order_by(_rendering.id)
    .limit(SLICE)
)
_KEPT = select(tables.search_text.c.rendering).where(tables.search_text.c.rendering == bindparam("rendering"))
_STILL_THERE = select(_rendering.id).where(_rendering.id == bindparam("rendering"))
_KEEP = insert(tables.search_text)


class Indexer:
    """Keeps the words of one store."""

    def __init__(self, store: Store, parser: Parser) -> None:
        self._store = store
        self._parser = parser
        self._newest = 0
        self._whole: dict[int, int] = {}

    async def run(self) -> None:
        """Index whatever comes in, until cancelled."""
        while True:
            hint = self._store.next_hint()
            if not await self.step():
                await hinted(hint)

    async def step(self) -> int:
        """Index the next slice and return how many that were."""
        after = max(0, self._newest - LOOK_BACK)
        found = await self._store.read(lambda snapshot: self._load(snapshot, after, None))
        await self._index(found)
        self._newest = max([self._newest, *(number for number, _, _ in found)])
        return len(found)

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

    def _load(self, snapshot: Snapshot, after: int, folder: int | None) -> list[tuple[int, bytes, bytes]]:
        statement, values = (
            (_NEXT, {"after": after}) if folder is None else (_IN_FOLDER, {"after": after, "folder": folder})
        )
        rows = snapshot.connection.execute(statement, values).all()
        return [(row.id, bytes(row.head), self._body(snapshot, row.content, row.body_at)) for row in rows]

    def _body(self, snapshot: Snapshot, number: int, start: int) -> bytes:
        return content.load(snapshot, self._store.directory, number)[start:]

    async def _index(self, found: Sequence[tuple[int, bytes, bytes]]) -> None:
        for start in range(0, len(found), TOGETHER):
            part = found[start : start + TOGETHER]
            words = [(number, *await self._parser.search_text(head, body)) for number, head, body in part]
            await self._store.run(partial(_keep, words=words))


def _keep(tx: Tx, words: Sequence[tuple[int, str, str]]) -> None:
    for number, header, body in words:
        key = {"rendering": number}
        if tx.connection.execute(_KEPT, key).first() is None and tx.connection.execute(_STILL_THERE, key).first():
            tx.connection.execute(_KEEP, {**key, "header": header, "body": body})
