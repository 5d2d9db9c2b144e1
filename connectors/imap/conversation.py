"""One client's connection as the handlers of commands see it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.imap import responses
from connectors.imap.line import BadCommand
from connectors.imap.wire import CommandReader
from groupware.live import Session
from policies.vocabulary import Door

if TYPE_CHECKING:
    from connectors.imap.caps import Caps
    from connectors.imap.channel import Channel
    from connectors.imap.selected import Selected
    from groupware.caller import Caller
    from groupware.folders.desk import Desk
    from groupware.service import Groupware

PIECE = 1 << 20
"""Octets that are encrypted at a time: about 2 ms."""


class No(Exception):  # noqa: N818 - the word of RFC 9051's reply
    """Answer `tag NO [CODE] text`; `code` is a ready response code, or empty."""

    def __init__(self, code: bytes, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Conversation:
    """What is known of a client: the channel, who signed in, which folder is selected."""

    def __init__(self, channel: Channel, groupware: Groupware, caps: Caps) -> None:
        self.channel = channel
        self.groupware = groupware
        self.caps = caps
        self.reader = CommandReader(channel, self._invite)
        self.selected: Selected | None = None
        self.over = False
        self.idling = False
        self._caller: Caller | None = None
        self._live: Session | None = None

    @property
    def caller(self) -> Caller:
        """Who signed in. Raises BadCommand before that."""
        if self._caller is None:
            raise BadCommand("Log in first")
        return self._caller

    @property
    def folder(self) -> Selected:
        """The selected folder. Raises BadCommand without one."""
        if self.selected is None:
            raise BadCommand("Select a folder first")
        return self.selected

    @property
    def signed_in(self) -> bool:
        """Whether somebody has."""
        return self._caller is not None

    @property
    def desk(self) -> Desk:
        """The folders of the groupware."""
        return self.groupware.folders

    def write(self, octets: bytes) -> None:
        """Send without waiting."""
        if octets:
            self.channel.write(octets)

    async def send(self, octets: bytes) -> None:
        """Send, and wait until the client has taken enough. Much goes in pieces, between which others are served."""
        for start in range(0, len(octets), PIECE):
            if start:
                await asyncio.sleep(0)
            self.write(octets[start : start + PIECE])
            await self.flush()

    async def flush(self) -> None:
        """Wait until the client has taken enough. `TimeoutError` or `ConnectionError` when it has had its time."""
        await self.channel.drain(self.caps.write)

    async def _invite(self) -> None:
        self.write(responses.continuation())
        await self.flush()

    def sign_in(self, caller: Caller) -> None:
        """From now on everything is done in this official's name, and they are woken by what happens."""
        self._caller = caller
        self.reader.logged_in = True
        self._live = Session(caller.official, 0, self._wake, self.off_board, caller.app_password, Door.IMAP)
        self.groupware.live.join(self._live)

    def select(self, folder: Selected | None) -> None:
        """Show this folder, or none, and be woken for it."""
        self.selected = folder
        if self._live is not None:
            self._live.room = folder.name.room if folder is not None else 0

    def wake_others(self) -> None:
        """The official's other sessions have something to look at."""
        if self._live is not None:
            self.groupware.live.wake_others(self._live)

    def _wake(self) -> None:
        if self.selected is not None:
            self.selected.news.set()

    def off_board(self) -> None:
        """The official has left, or revoked the app password of this client: end at once."""
        self.hang_up("Signed out")

    def hang_up(self, text: str) -> None:
        """Say BYE and close; whoever reads from the client finds its end (RFC 9051 7.1.5)."""
        if not self.over:
            self.over = True
            self.write(responses.status_line(b"*", b"BYE", text))
            self.channel.close()

    def leave(self) -> None:
        """Give everything back."""
        self.over = True
        if self._live is not None:
            self.groupware.live.leave(self._live)
        self.reader.close()
        self.channel.close()
