"""FETCH (RFC 9051 6.4.5): slice by slice, each written and taken by the client before the next is read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from connectors.imap import flags
from connectors.imap.conversation import PIECE
from connectors.imap.handlers import storing
from connectors.imap.line import BadCommand
from connectors.imap.plan import Plan, Slice, plan
from groupware.content import InFile
from groupware.folders.fetching import RightsMovedError, Want
from groupware.folders.flagging import How

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO, Any

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
        taken = await _answer(conversation, folder, made, indexes[: made.step])
        indexes = indexes[taken:]
    return b""


async def _mark_seen(conversation: Conversation, folder: Selected, indexes: Sequence[int]) -> None:
    unseen = [at for at in indexes if not folder.numbering.flags[at] & flags.SEEN]
    await storing.change(conversation, folder.numbering.uids_at(unseen), How.ADD, flags.SEEN, silent=True)


async def _answer(conversation: Conversation, folder: Selected, made: Plan, indexes: Sequence[int]) -> int:
    """Answer for some of the messages at `indexes`; how many of those are done with."""
    uids = folder.numbering.uids_at(indexes)
    if made.want is Want.NOTHING:
        await conversation.send(made.answer(_slice(folder, indexes, uids, {})))
        return len(indexes)
    rows = await _rows(conversation, folder, uids, made.want)
    if not rows:
        return len(indexes)
    last = rows[-1][0]
    done = len(indexes) if not made.want & Want.BYTES else uids.index(last) + 1
    if len(rows) != done:
        found = {row[0] for row in rows}
        kept = [(at, uid) for at, uid in zip(indexes[:done], uids, strict=False) if uid in found]
        indexes, uids = [at for at, _ in kept], [uid for _, uid in kept]
    await _send(conversation, made, _slice(folder, indexes[:done], uids[:done], made.parts_of(rows)))
    return done


async def _send(conversation: Conversation, made: Plan, part: Slice) -> None:
    """What is large waits in a file until the client has taken it, and has been in memory only while it was made."""
    bodies = part.parts.get(Want.BYTES, ())
    octets = sum(map(len, bodies)) * made.bodies
    if octets < ASIDE and not any(isinstance(body, InFile) for body in bodies):
        await conversation.send(made.answer(part))
        return
    async with conversation.groupware.place(octets):
        file = await asyncio.to_thread(_spooled, made, part)
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            await conversation.send(piece)


def _spooled(made: Plan, part: Slice) -> IO[bytes]:
    bodies = [body.read() if isinstance(body, InFile) else body for body in part.parts[Want.BYTES]]
    file = SpooledTemporaryFile(ASIDE)  # noqa: SIM115 -- whoever sends it closes it
    file.write(made.answer(replace(part, parts={**part.parts, Want.BYTES: bodies})))
    file.seek(0)
    return file


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
