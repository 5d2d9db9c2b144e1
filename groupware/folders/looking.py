"""Catching up, for many at once.

Whoever asks in the same turn of the loop shares a snapshot, and a transaction if one is due. When a post wakes two
hundred idlers, that is a few hops to the database instead of hundreds; and sessions that show the same folder share
one answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.errors import NotCommitted, Refused
from groupware.folders import changes, numbering
from groupware.folders.changes import Changes
from groupware.folders.numbering import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Store, Tx

SLICE = 40
"""Folders of one transaction, so that others get their turn."""
Found = tuple[State, Changes | None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A session's question: what is new since it knew `known`."""

    caller: Caller
    known: State
    answer: asyncio.Future[Found]


class Looks:
    """The questions of one process about one store."""

    def __init__(self, store: Store, monitor: Monitor) -> None:
        self._store = store
        self._monitor = monitor
        self._asked: dict[tuple[int, int, int], _Asked] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def catch_up(self, caller: Caller, known: State) -> Found:
        """What is new; None for changes when nothing is. May be cancelled without loss."""
        key = (caller.official, known.id, known.modseq)
        asked = self._asked.get(key)
        if asked is None:
            if not self._asked:
                self._begin()
            asked = self._asked[key] = _Asked(caller, known, asyncio.get_running_loop().create_future())
        return await asyncio.shield(asked.answer)

    def _begin(self) -> None:
        """The task's first step comes in the loop's next turn: until then others may ask too."""
        task = asyncio.create_task(self._answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self) -> None:
        asked = list(self._asked.values())
        self._asked.clear()  # who comes from here on needs a later snapshot
        parts = [asked[start : start + SLICE] for start in range(0, len(asked), SLICE)]
        await asyncio.gather(*map(self._answer_some, parts))

    async def _answer_some(self, asked: Sequence[_Asked]) -> None:
        try:
            seen = await self._store.read(lambda snapshot: [self._look(snapshot, each) for each in asked])
            due = _told(asked, seen)
            if due:
                _told(due, await self._brought_up(due))
        except Exception as error:  # noqa: BLE001 -- whatever it was, each of them is told
            for each in asked:
                if not each.answer.done():
                    each.answer.set_exception(error)
        finally:
            for each in asked:
                each.answer.cancel()

    async def _brought_up(self, due: Sequence[_Asked]) -> Sequence[Found | Refused]:
        """What was asked; while nothing can be written, what is new stays away, unless something may have to go."""
        try:
            return await self._store.run(lambda tx: [self._bring_up(tx, each) for each in due])
        except NotCommitted as error:
            left = await self._store.read(lambda snapshot: [self._as_left(snapshot, each) for each in due])
            seen = [each for each in left if each is not None]
            if len(seen) < len(left):
                raise error from None
            return seen

    def _as_left(self, snapshot: Snapshot, asked: _Asked) -> Found | None:
        state = numbering.as_left(snapshot, self._monitor, asked.caller, asked.known.id)
        return None if state is None else _since(snapshot, state, asked.known)

    def _look(self, snapshot: Snapshot, asked: _Asked) -> Found | None:
        """The answer if nothing has to be numbered or removed for it."""
        state = numbering.is_current(snapshot, self._monitor, asked.caller, asked.known.id)
        return None if state is None else _since(snapshot, state, asked.known)

    def _bring_up(self, tx: Tx, asked: _Asked) -> Found | Refused:
        """One's refusal, which comes before anything is written, is not the others'."""
        try:
            return _since(tx, numbering.bring_up_to_date(tx, self._monitor, asked.caller, asked.known.id), asked.known)
        except Refused as error:
            return error


def _since(snapshot: Snapshot, state: State, known: State) -> Found:
    return state, None if state.modseq == known.modseq else changes.since(snapshot, state, known.modseq)


def _told(asked: Sequence[_Asked], found: Sequence[Found | Refused | None]) -> list[_Asked]:
    """Answer what has an answer; the others."""
    for each, one in zip(asked, found, strict=True):
        if isinstance(one, Refused):
            each.answer.set_exception(one)
        elif one is not None:
            each.answer.set_result(one)
    return [each for each, one in zip(asked, found, strict=True) if one is None]
