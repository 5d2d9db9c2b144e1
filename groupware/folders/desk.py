"""Folders for the doors: each call is one transaction or snapshot, and asks the monitor in it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from groupware import content, rendering
from groupware.errors import NotCommitted
from groupware.folders import changes, fetching, filing, flagging, names, numbering
from groupware.folders.looking import Looks
from groupware.message.scan import effort, scan
from groupware.message.unfit import Classified

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from groupware.caller import Caller
    from groupware.folders.changes import Changes, Counts
    from groupware.folders.fetching import Want
    from groupware.folders.filing import Filed
    from groupware.folders.flagging import How
    from groupware.folders.names import FolderName
    from groupware.folders.numbering import State
    from groupware.indexing import Indexer
    from groupware.marked import Alarm
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Store, Tx

    Current = Callable[[Snapshot, Monitor, Caller, int], State | None]

T = TypeVar("T")
ASIDE = 64 * 1024
"""Octets of a message from which on a thread reads it; a hop there and back costs more than reading a small one."""


class Desk:
    """What a mail client can ask of folders. A `State` that a call returned is what the session knows from then on.

    Once the rights have moved, whoever is out of office gets Refused("out-of-office") instead of emptied folders.
    """

    def __init__(self, store: Store, monitor: Monitor, indexer: Indexer, alarm: Alarm) -> None:
        self._store = store
        self._monitor = monitor
        self._indexer = indexer
        self._alarm = alarm
        self._looks = Looks(store, monitor)

    async def names(self, caller: Caller) -> Sequence[FolderName]:
        """The caller's folders."""
        return await self._store.read(lambda snapshot: names.names(snapshot, self._monitor, caller))

    async def find(self, caller: Caller, name: str) -> FolderName:
        """One of them. Raises NotFound, the same for forbidden and absent."""
        return await self._store.read(lambda snapshot: names.find(snapshot, self._monitor, caller, name))

    async def open(self, caller: Caller, name: str) -> tuple[FolderName, State, Sequence[tuple[int, int]]]:
        """The folder brought up to date, and its places as (uid, flags). Raises NotFound."""
        return await self._shown(caller, name, changes.everything)

    async def status(self, caller: Caller, name: str, *, size: bool = False) -> tuple[FolderName, State, Counts]:
        """The folder's counters (RFC 9051 6.3.11), its octets if `size`. Raises NotFound."""
        return await self._shown(caller, name, partial(changes.counts, size=size))

    async def _shown(
        self, caller: Caller, name: str, show: Callable[[Snapshot, State], T]
    ) -> tuple[FolderName, State, T]:
        """A folder and what `show` makes of it; it writes only when it has to be made or brought up to date.

        While nothing can be written, what is new stays away, but what was there can be read.
        """

        def look(snapshot: Snapshot, current: Current = numbering.is_current) -> tuple[FolderName, State, T] | None:
            found = names.find(snapshot, self._monitor, caller, name)
            known = numbering.state_of(snapshot, caller, found)
            state = None if known is None else current(snapshot, self._monitor, caller, known.id)
            return None if state is None else (found, state, show(snapshot, state))

        def use_case(tx: Tx) -> tuple[FolderName, State, T]:
            found = names.find(tx, self._monitor, caller, name)
            state = numbering.open_folder(tx, self._monitor, caller, found)
            return found, state, show(tx, state)

        seen = await self._store.read(look)
        if seen is not None:
            return seen
        try:
            return await self._store.run(use_case)
        except NotCommitted:
            left = await self._store.read(lambda snapshot: look(snapshot, numbering.as_left))
            if left is None:
                raise
            return left

    async def catch_up(self, caller: Caller, known: State) -> tuple[State, Changes | None]:
        """What is new since the session knew `known`; None when nothing is.

        It writes only when something has to be numbered or removed, so asking often costs a look and no more.
        """
        return await self._looks.catch_up(caller, known)

    async def fetch(self, caller: Caller, state: State, uids: Sequence[int], want: Want) -> list[tuple[Any, ...]]:
        """Rows of at most fetching.SLICE messages, see there. RightsMovedError: catch up, then go on with the rest."""
        where = self._store.directory
        return await self._store.read(
            lambda snapshot: fetching.fetch(snapshot, self._monitor, caller, state, uids, want, where)
        )

    async def store(
        self, caller: Caller, state: State, uids: Sequence[int], how: How, bits: int
    ) -> tuple[State, Sequence[tuple[int, int]]]:
        """Change flags; returns (uid, flags) of those messages that are still there."""
        return await self._store.run(lambda tx: flagging.store(tx, self._monitor, caller, state.id, uids, how, bits))

    async def copy(
        self, caller: Caller, state: State, uids: Sequence[int], into: FolderName, *, move: bool = False
    ) -> Filed:
        """COPY or MOVE. Raises Forbidden where a room's folder is the target, or the source of a move."""
        return await self._store.run(lambda tx: filing.copy(tx, self._monitor, caller, state.id, uids, into, move=move))

    async def append(self, caller: Caller, into: FolderName, raw: bytes, flags: int, at: int | None) -> Filed:
        """Keep the caller's own bytes. Raises Forbidden for a room's folder, message.errors.Unacceptable."""
        prepare = partial(self._prepare, raw)
        try:
            kept, made = await asyncio.to_thread(prepare) if effort(raw) >= ASIDE else prepare()
        except Classified as refused:
            await self._alarm.refused(caller, refused)
            raise
        return await self._store.run(lambda tx: filing.append(tx, self._monitor, caller, into, kept, made, flags, at))

    async def expunge(self, caller: Caller, state: State, uids: Sequence[int] | None = None) -> Sequence[int]:
        """Remove what is marked deleted, of `uids` only if given; returns the UIDs that went."""
        return await self._store.run(lambda tx: filing.expunge(tx, self._monitor, caller, state.id, uids))

    async def search(
        self, caller: Caller, state: State, leaf: Callable[[Snapshot, State], set[int]], *, words: bool
    ) -> set[int]:
        """The UIDs that one of folders.searching's functions finds; `words` has the folder indexed first.

        RightsMovedError: catch up, then search anew, for what is lost may not be found.
        """
        if words:
            await self._indexer.complete(state.id, state.uidnext)

        def query(snapshot: Snapshot) -> set[int]:
            fetching.require_unmoved(snapshot, self._monitor, caller, state)
            return leaf(snapshot, state)

        return await self._store.read(query)

    def _prepare(self, raw: bytes) -> tuple[content.Prepared, rendering.Rendered]:
        scanned = scan(raw, strict=False)  # before anything is written
        return content.prepare(self._store.directory, raw, self._store.seals), rendering.verbatim(raw, scanned)
