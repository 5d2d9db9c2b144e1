"""FETCH (RFC 9051 6.4.5): slice by slice, each written and taken by the client before the next is read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.imap import flags
from connectors.imap.handlers import storing
from connectors.imap.line import BadCommand
from connectors.imap.plan import Plan, Slice, plan
from groupware.folders.fetching import RightsMovedError, Want
from groupware.folders.flagging import How

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from connectors.imap import commands
    from connectors.imap.conversation import Conversation
    from connectors.imap.selected import Selected

ASIDE = 2 << 20
"""Octets of messages from which on the answer is made in a thread: more than the usual slice, so one is large."""


async def fetch(conversation: Conversation, command: commands.Fetch) -> bytes:
    """RFC 9051 6.4.5, 6.4.9."""
    if command.changed_since is not None:
        raise BadCommand("CONDSTORE isn't offered")
    folder = conversation.folder
    made = plan(command.items, uid=command.uid)
    indexes = folder.indexes_of(command.numbers, uid=command.uid)
    if made.marks_seen and not folder.read_only:
        await _mark_seen(conversation, folder, indexes)
    while indexes:
        octets, taken = await _answer(conversation, folder, made, indexes[: made.step])
        await conversation.send(octets)
        indexes = indexes[taken:]
    return b""


async def _mark_seen(conversation: Conversation, folder: Selected, indexes: Sequence[int]) -> None:
    unseen = [at for at in indexes if not folder.numbering.flags[at] & flags.SEEN]
    await storing.change(conversation, folder.numbering.uids_at(unseen), How.ADD, flags.SEEN, silent=True)


async def _answer(
    conversation: Conversation, folder: Selected, made: Plan, indexes: Sequence[int]
) -> tuple[bytes, int]:
    """The answer for some of the messages at `indexes`; how many of those are done with."""
    uids = folder.numbering.uids_at(indexes)
    if made.want is Want.NOTHING:
        return made.answer(_slice(folder, indexes, uids, {})), len(indexes)
    rows = await _rows(conversation, folder, uids, made.want)
    if not rows:
        return b"", len(indexes)
    last = rows[-1][0]
    done = len(indexes) if not made.want & Want.BYTES else uids.index(last) + 1
    if len(rows) != done:
        found = {row[0] for row in rows}
        kept = [(at, uid) for at, uid in zip(indexes[:done], uids, strict=False) if uid in found]
        indexes, uids = [at for at, _ in kept], [uid for _, uid in kept]
    part = _slice(folder, indexes[:done], uids[:done], made.parts_of(rows))
    octets = sum(map(len, part.parts.get(Want.BYTES, ())))
    answer = made.answer(part) if octets < ASIDE else await asyncio.to_thread(made.answer, part)
    return answer, done


def _slice(folder: Selected, indexes: Sequence[int], uids: Sequence[int], parts: dict[Want, Sequence[Any]]) -> Slice:
    first = indexes[0] if indexes else 0
    numbers = range(first + 1, first + 1 + len(indexes)) if isinstance(indexes, range) else [at + 1 for at in indexes]
    return Slice(numbers, uids, folder.numbering.flags_at(indexes), parts)


async def _rows(conversation: Conversation, folder: Selected, uids: Sequence[int], want: Want) -> list[tuple[Any, ...]]:
    """What the store has of these messages. When the rights have moved, EXPUNGE waits, but nothing lost is read."""
    while True:
        try:
            return await conversation.desk.fetch(conversation.caller, folder.state, uids, want)
        except RightsMovedError:
            conversation.write(await folder.catch_up(conversation.desk, conversation.caller, expunges=False))
