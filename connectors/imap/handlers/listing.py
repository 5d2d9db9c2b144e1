"""Which folders there are (RFC 9051 6.3.9 to 6.3.11); those of rooms are there for whoever may enter the room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.imap import responses
from connectors.imap.commands import Return, Selection, StatusItem
from connectors.imap.conversation import No
from connectors.imap.line import BadCommand
from connectors.imap.mailbox import SEPARATOR, Pattern
from groupware.folders.names import AREAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.imap import commands
    from connectors.imap.conversation import Conversation
    from groupware.folders.changes import Counts
    from groupware.folders.names import FolderName
    from groupware.folders.numbering import State

NAMESPACES = b'(("" "/")) NIL (("Areas/" "/"))'
"""RFC 2342 5: the official's own folders, nobody else's, and the rooms'."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A name to be listed; `level` is one that only holds others, and can't be selected.

    `parent` is one that holds others and can be selected: a room with sub-themes.
    """

    name: str
    special_use: str = ""
    level: bool = False
    parent: bool = False

    def attributes(self, *, subscribed: bool) -> list[bytes]:
        """RFC 9051 7.3.1, RFC 6154 2. Everything is subscribed; older clients know Noselect only."""
        children = b"\\HasChildren" if self.level or self.parent else b"\\HasNoChildren"
        found = [b"\\NonExistent", b"\\Noselect", children] if self.level else [children]
        found += [self.special_use.encode("ascii")] if self.special_use else []
        return [*found, b"\\Subscribed"] if subscribed and not self.level else found


async def namespace(conversation: Conversation, _: commands.Namespace) -> bytes:
    """RFC 2342 5."""
    conversation.write(responses.untagged(b"NAMESPACE", NAMESPACES))
    return b""


async def list_folders(conversation: Conversation, command: commands.List) -> bytes:
    """RFC 9051 6.3.9, RFC 5258, RFC 5819, RFC 6154."""
    if command.patterns == ("",):
        conversation.write(responses.list_line("", [b"\\Noselect"]))
        return b""
    entries = _matching(await _entries(conversation), command.reference, command.patterns)
    if Selection.SPECIAL_USE in command.selection:
        entries = [entry for entry in entries if entry.special_use]
    if Selection.SUBSCRIBED in command.selection:  # RFC 5258 3.1
        entries = [entry for entry in entries if not entry.level]
    subscribed = Return.SUBSCRIBED in command.returning or Selection.SUBSCRIBED in command.selection
    for entry in entries:
        conversation.write(responses.list_line(entry.name, entry.attributes(subscribed=subscribed)))
        if command.status and not entry.level:
            conversation.write(await _status(conversation, entry.name, command.status))
    return b""


async def lsub(conversation: Conversation, command: commands.Lsub) -> bytes:
    """RFC 3501 6.3.9: the same names."""
    for entry in _matching(await _entries(conversation), command.reference, (command.pattern,)):
        conversation.write(responses.list_line(entry.name, entry.attributes(subscribed=False), kind=b"LSUB"))
    return b""


async def status(conversation: Conversation, command: commands.Status) -> bytes:
    """RFC 9051 6.3.11."""
    conversation.write(await _status(conversation, command.mailbox, command.items))
    return b""


async def subscribe(_: Conversation, __: commands.Subscribe | commands.Unsubscribe) -> bytes:
    """RFC 9051 6.3.7: any name, so that the answer tells nothing; what there is, is subscribed."""
    return b""


async def change(_: Conversation, __: commands.Create | commands.Delete | commands.Rename) -> bytes:
    """RFC 9051 6.3.4 to 6.3.6: folders follow from rooms and rights."""
    raise No(b"[CANNOT]", "Folders can't be made, removed or renamed")


async def _entries(conversation: Conversation) -> list[_Entry]:
    folders: Sequence[FolderName] = await conversation.desk.names(conversation.caller)
    above = {folder.name.rpartition(SEPARATOR)[0] for folder in folders}
    entries = [_Entry(folder.name, folder.special_use, parent=folder.name in above) for folder in folders]
    below = any(folder.name.startswith(AREAS + SEPARATOR) for folder in folders)
    return [*entries, _Entry(AREAS, level=True)] if below else entries


def _matching(entries: Iterable[_Entry], reference: str, patterns: Iterable[str]) -> list[_Entry]:
    """What fits. A level is told of only where none of what it holds is: with `%`, never with `*` (RFC 5258 3.5)."""
    wanted = [Pattern.of(reference + pattern) for pattern in patterns]
    found = [entry for entry in entries if any(pattern.matches(entry.name) for pattern in wanted)]
    held = any(entry.name.startswith(AREAS + SEPARATOR) for entry in found)
    return [entry for entry in found if not (entry.level and held)]


async def _status(conversation: Conversation, name: str, items: Iterable[StatusItem]) -> bytes:
    wanted = tuple(items)
    if StatusItem.HIGHESTMODSEQ in wanted:
        raise BadCommand("CONDSTORE isn't offered")
    found, state, counts = await conversation.desk.status(conversation.caller, name, size=StatusItem.SIZE in wanted)
    values = _values(state, counts)
    return responses.status_items(found.name, {item: values[item] for item in wanted})


def _values(state: State, counts: Counts) -> dict[StatusItem, int]:
    return {
        StatusItem.MESSAGES: counts.messages,
        StatusItem.RECENT: 0,
        StatusItem.UIDNEXT: state.uidnext,
        StatusItem.UIDVALIDITY: state.uidvalidity,
        StatusItem.UNSEEN: counts.unseen,
        StatusItem.DELETED: counts.deleted,
        StatusItem.SIZE: counts.size,
    }
