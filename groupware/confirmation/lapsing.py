"""A post about which its author says nothing lapses: it is gone like one that was withdrawn, and its author is told."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, func, select

from groupware import tables, unconfirmed, withdrawal
from groupware.notices import send
from groupware.personal_data_tables import personal_data_hold
from groupware.steadily import steadily

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.store import Snapshot, Store, Tx

AT_ONCE = 100
LAPSED = "Its author said nothing in time."
_post, _room, _hold = tables.post.c, tables.room.c, personal_data_hold.c
_WAITING: Select[Any] = (
    select(_post.id, _post.state, _post.room, _post.author, _post.sender, _post.number, _room.code, _room.name)
    .join(personal_data_hold, _hold.post == _post.id)
    .join(tables.room, _room.id == _post.room)
    .where(_post.state == "unconfirmed", _hold.word == "")
)
_DUE = _WAITING.where(_hold.until <= bindparam("at", type_=BigInteger)).order_by(_hold.until).limit(AT_ONCE)
_NEXT = (
    select(func.min(_hold.until)).join(tables.post, _post.id == _hold.post).where(_post.state == "unconfirmed")
).where(_hold.word == "")


class Lapsing:
    """Looks when something is due, for as long as the process lives."""

    def __init__(self, store: Store, domain: str) -> None:
        self._store = store
        self._domain = domain

    async def run(self) -> None:
        """Until cancelled."""
        await steadily(self._store, "the watch for posts without a word", self.step)

    async def step(self) -> bool:
        """End what is due; whether there was anything."""
        ahead = await self._store.read(next_due)
        if ahead is None or ahead > 0:
            return False
        return bool(await self._store.run(lambda tx: lapse(tx, self._domain)))


def next_due(snapshot: Snapshot) -> int | None:
    """In how many microseconds a post lapses, 0 or less for now; None while none waits."""
    due = snapshot.connection.execute(_NEXT).scalar()
    return None if due is None else int(due) - snapshot.now


def lapse(tx: Tx, domain: str) -> int:
    """End what is due, at most AT_ONCE; how many there were. One notice an official."""
    due = tx.connection.execute(_DUE, {"at": tx.now}).all()
    mine: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in due:
        withdrawal.take_back(tx, 0, row, LAPSED)
        unconfirmed.say(tx, row.id, "lapsed", 0, "")
        for official in {row.author, row.sender}:
            mine[official].append(row)
    for official, rows in mine.items():
        lines = [f"No. {row.number} in {row.name} ({row.code}) awaited your word until now." for row in rows]
        text = "\n".join([*lines, "It is gone, and nobody else has seen it. To post it after all, write it again."])
        send(tx, domain, [official], "Your message lapsed" if len(rows) == 1 else "Your messages lapsed", text)
    return len(due)
