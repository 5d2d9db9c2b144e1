"""Opening and leaving a folder (RFC 9051 6.3.2, 6.3.3, 6.4.1, 6.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.imap import commands, flags, responses
from connectors.imap.line import BadCommand
from connectors.imap.selected import Selected
from groupware.folders.names import FolderKind

if TYPE_CHECKING:
    from connectors.imap.conversation import Conversation


async def select(conversation: Conversation, command: commands.Select) -> bytes:
    """RFC 9051 6.3.2, 6.3.3. Whatever was selected is left, even if this fails."""
    conversation.select(None)
    if command.condstore:
        raise BadCommand("CONDSTORE isn't offered")
    name, state, rows = await conversation.desk.open(conversation.caller, command.mailbox)
    read_only = isinstance(command, commands.Examine)
    folder = Selected(name, state, rows, read_only=read_only)
    conversation.select(folder)
    conversation.write(_told(folder))
    return b"[READ-ONLY]" if read_only else b"[READ-WRITE]"


def _told(folder: Selected) -> bytes:
    """What a client is told of a folder that it opens (RFC 9051 6.3.2)."""
    numbering = folder.numbering
    unseen = numbering.first_unseen
    lines = [
        responses.untagged(b"FLAGS", flags.text_of(_known(folder))),
        responses.status_line(b"*", b"OK", "Kept", responses.code(b"PERMANENTFLAGS", flags.text_of(_kept(folder)))),
        responses.untagged(b"%d EXISTS" % len(numbering)),
        responses.untagged(b"0 RECENT"),
        responses.status_line(b"*", b"OK", "First unseen", responses.code(b"UNSEEN", unseen)) if unseen else b"",
        responses.status_line(b"*", b"OK", "Valid", responses.code(b"UIDVALIDITY", folder.state.uidvalidity)),
        responses.status_line(b"*", b"OK", "Next", responses.code(b"UIDNEXT", folder.state.uidnext)),
    ]
    return b"".join(lines)


def _known(folder: Selected) -> int:
    """Posts can't be taken out of a room here, and so not be marked for it."""
    return flags.ALL & ~flags.DELETED if folder.name.kind is FolderKind.AREA else flags.ALL


def _kept(folder: Selected) -> int:
    return 0 if folder.read_only else _known(folder)


async def close(conversation: Conversation, _: commands.Close) -> bytes:
    """RFC 9051 6.4.1: expunges, and tells nothing of it."""
    folder = conversation.folder
    if not folder.read_only:
        await conversation.desk.expunge(conversation.caller, folder.state)
        conversation.wake_others()
    conversation.select(None)
    return b""


async def unselect(conversation: Conversation, _: commands.Unselect) -> bytes:
    """RFC 9051 6.4.2."""
    conversation.select(None)
    return b""
