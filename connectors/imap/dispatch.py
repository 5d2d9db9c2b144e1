"""Which command may come when (RFC 9051 3), and what answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from connectors.imap import commands
from connectors.imap.handlers import anytime, fetch, filing, idle, listing, search, selecting, signing_in, storing
from connectors.imap.line import BadCommand

if TYPE_CHECKING:
    from connectors.imap.conversation import Conversation

Handler = Callable[[Any, Any], Awaitable[bytes]]
"""Takes the conversation and the command; returns the response code of its OK, or nothing."""


class Stage(IntEnum):
    """RFC 9051 3: each includes what may be done in the one before, but for signing in."""

    GREETED = 0
    SIGNED_IN = 1
    SELECTED = 2


ALWAYS: dict[type[commands.Command], Handler] = {
    commands.Capability: anytime.capability,
    commands.Noop: anytime.noop,
    commands.Logout: anytime.logout,
    commands.Id: anytime.identify,
    commands.StartTls: anytime.start_tls,
}
BEFORE_SIGN_IN: dict[type[commands.Command], Handler] = {
    commands.Login: signing_in.login,
    commands.Authenticate: signing_in.authenticate,
}
SIGNED_IN: dict[type[commands.Command], Handler] = {
    commands.Enable: anytime.enable,
    commands.Namespace: listing.namespace,
    commands.List: listing.list_folders,
    commands.Lsub: listing.lsub,
    commands.Status: listing.status,
    commands.Subscribe: listing.subscribe,
    commands.Unsubscribe: listing.subscribe,
    commands.Create: listing.change,
    commands.Delete: listing.change,
    commands.Rename: listing.change,
    commands.Select: selecting.select,
    commands.Examine: selecting.select,
    commands.Append: filing.append,
    commands.Idle: idle.idle,
}
SELECTED: dict[type[commands.Command], Handler] = {
    commands.Check: anytime.noop,
    commands.Close: selecting.close,
    commands.Unselect: selecting.unselect,
    commands.Expunge: filing.expunge,
    commands.Search: search.search,
    commands.Fetch: fetch.fetch,
    commands.Store: storing.store,
    commands.Copy: filing.copy,
    commands.Move: filing.move,
}
LEAVING = (commands.Select, commands.Unselect, commands.Logout)
"""These don't look at the selected folder any more. EXAMINE is a SELECT."""
FILING = (commands.Append, commands.Expunge, commands.Copy, commands.Move)
"""What these did to the selected folder is told before their OK."""


def handler(conversation: Conversation, command: commands.Command) -> Handler:
    """What answers `command` now. Raises BadCommand when it isn't the time for it."""
    kind = type(command)
    if kind in ALWAYS:
        return ALWAYS[kind]
    if kind in BEFORE_SIGN_IN:
        if conversation.signed_in:
            raise BadCommand("Logged in already")
        return BEFORE_SIGN_IN[kind]
    _ = conversation.caller
    if kind in SIGNED_IN:
        return SIGNED_IN[kind]
    _ = conversation.folder
    return SELECTED[kind]
