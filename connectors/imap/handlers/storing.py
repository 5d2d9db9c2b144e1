"""STORE: a reader's own flags (RFC 9051 6.4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.imap import flags
from connectors.imap.conversation import No
from connectors.imap.line import BadCommand
from groupware.folders.flagging import How

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.imap import commands
    from connectors.imap.conversation import Conversation


async def store(conversation: Conversation, command: commands.Store) -> bytes:
    """RFC 9051 6.4.6; with UID it answers UIDs, and so it does without, which every client takes."""
    folder = conversation.folder
    if folder.read_only:
        raise No(b"[READ-ONLY]", "The folder was opened to be read")
    if command.unchanged_since is not None:
        raise BadCommand("CONDSTORE isn't offered")
    uids = folder.uids_of(command.numbers, uid=command.uid)
    how = How(command.mode.value)
    await change(conversation, uids, how, flags.mask_of(command.flags), silent=command.silent)
    return b""


async def change(conversation: Conversation, uids: Sequence[int], how: How, bits: int, *, silent: bool) -> None:
    """Change flags, and tell this client and the official's other ones."""
    if not uids:
        return
    folder = conversation.folder
    state, changed = await conversation.desk.store(conversation.caller, folder.state, uids, how, bits)
    conversation.write(folder.stored(state, changed, silent=silent))
    conversation.wake_others()
