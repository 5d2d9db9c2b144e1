"""The folder that a client has selected: what the store says of it, against what the client was told."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING

from connectors.imap import sequence
from connectors.imap.sequence import Numbering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.imap.numbers import SequenceSet
    from groupware.caller import Caller
    from groupware.folders.desk import Desk
    from groupware.folders.names import FolderName
    from groupware.folders.numbering import State


class Selected:
    """`state` is what the client was told up to, `numbering` how it counts; `news` says that one should look."""

    def __init__(self, name: FolderName, state: State, rows: Sequence[tuple[int, int]], *, read_only: bool) -> None:
        self.name = name
        self.state = state
        self.numbering = Numbering(rows)
        self.read_only = read_only
        self.news = asyncio.Event()

    async def catch_up(self, desk: Desk, caller: Caller, *, expunges: bool) -> bytes:
        """Look at the store; the untagged responses that tell what is new. May be cancelled without loss."""
        state, found = await desk.catch_up(caller, self.state)
        changes = sequence.Changes()
        if found is not None:
            placed = [(uid, flags, state.modseq) for uid, flags in found.placed]
            changes = sequence.Changes(found.placed, placed, found.gone)
        self.state = state
        return self.numbering.update(changes, expunges=expunges)

    def stored(self, state: State, flags: Sequence[tuple[int, int]], *, silent: bool) -> bytes:
        """Take over what this client's own STORE did; the responses to it.

        When others changed something at the same time, `state` stays, and the next look tells that.
        """
        if state.modseq == self.state.modseq + 1:
            self.state = state
        return self.numbering.stored(((uid, mask, state.modseq) for uid, mask in flags), silent=silent)

    def indexes_of(self, numbers: SequenceSet, *, uid: bool) -> Sequence[int]:
        """Where in the numbering the named messages are, ascending, those that are gone left out."""
        ranges = self.numbering.resolve(numbers, uid=uid)
        found = ranges[0] if len(ranges) == 1 else list(chain.from_iterable(ranges))
        return self.numbering.present(found)

    def uids_of(self, numbers: SequenceSet, *, uid: bool) -> list[int]:
        """The UIDs of the named messages, ascending."""
        return self.numbering.uids_at(self.indexes_of(numbers, uid=uid))
