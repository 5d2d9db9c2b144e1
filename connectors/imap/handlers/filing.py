"""APPEND, COPY, MOVE and EXPUNGE: into and out of one's own folders."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.imap import flags, responses
from connectors.imap.conversation import No
from connectors.imap.line import IN_MEMORY

if TYPE_CHECKING:
    from connectors.imap import commands
    from connectors.imap.conversation import Conversation
    from connectors.imap.line import Upload
    from groupware.folders.filing import Filed


async def append(conversation: Conversation, command: commands.Append) -> bytes:
    """RFC 9051 6.3.12 with RFC 4315's APPENDUID."""
    into = await conversation.desk.find(conversation.caller, command.mailbox)
    if not command.message.size:
        raise No(b"[CANNOT]", "Message is empty")
    async with conversation.groupware.place(command.message.size):
        raw = await _read(command.message)
        made = flags.mask_of(command.flags)
        filed = await conversation.desk.append(conversation.caller, into, raw, made, command.date)
    conversation.wake_others()
    return responses.code(b"APPENDUID", filed.uidvalidity, responses.sequence_set(filed.given))


async def _read(message: Upload) -> bytes:
    return message.read() if message.size <= IN_MEMORY else await asyncio.to_thread(message.read)


async def copy(conversation: Conversation, command: commands.Copy) -> bytes:
    """RFC 9051 6.4.7 with RFC 4315's COPYUID."""
    return _copied(await _file(conversation, command, move=False))


async def move(conversation: Conversation, command: commands.Move) -> bytes:
    """RFC 9051 6.4.8: COPYUID comes untagged, before the EXPUNGEs (RFC 6851 4.3)."""
    _require_writable(conversation)
    code = _copied(await _file(conversation, command, move=True))
    if code:
        conversation.write(responses.status_line(b"*", b"OK", "Moved", code))
    return b""


async def _file(conversation: Conversation, command: commands.Copy | commands.Move, *, move: bool) -> Filed:
    folder = conversation.folder
    uids = folder.uids_of(command.numbers, uid=command.uid)
    into = await conversation.desk.find(conversation.caller, command.mailbox)
    filed = await conversation.desk.copy(conversation.caller, folder.state, uids, into, move=move)
    conversation.wake_others()
    return filed


def _copied(filed: Filed) -> bytes:
    """RFC 4315 3; nothing when nothing was copied."""
    if not filed.taken:
        return b""
    taken, given = responses.sequence_set(filed.taken), responses.sequence_set(filed.given)
    return responses.code(b"COPYUID", filed.uidvalidity, taken, given)


async def expunge(conversation: Conversation, command: commands.Expunge) -> bytes:
    """RFC 9051 6.4.3, 6.4.9: the EXPUNGEs are told with the news that follow."""
    _require_writable(conversation)
    folder = conversation.folder
    uids = None if command.uids is None else folder.uids_of(command.uids, uid=True)
    await conversation.desk.expunge(conversation.caller, folder.state, uids)
    conversation.wake_others()
    return b""


def _require_writable(conversation: Conversation) -> None:
    if conversation.folder.read_only:
        raise No(b"[READ-ONLY]", "The folder was opened to be read")
