"""The IMAP door: implicit TLS (RFC 8314 3.2), a task a client, caps on how many."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.certificates import server_context
from connectors.crowd import Places
from connectors.house import Address
from connectors.imap import responses
from connectors.imap.caps import Caps, caps_of
from connectors.imap.channel import Channel
from connectors.imap.conversation import Conversation
from connectors.imap.session import Session
from connectors.listener import Bounds, Listener
from policies.vocabulary import Door

if TYPE_CHECKING:
    from ssl import SSLContext

    from connectors.house import House
    from connectors.settings import Listen
    from groupware.service import Groupware

BACKLOG = 1000


class ImapDoor:
    """Serves clients of `groupware`; without a `context` in clear, which is for measuring only."""

    def __init__(self, groupware: Groupware, context: SSLContext | None, caps: Caps | None = None) -> None:
        self._groupware = groupware
        self._context = context
        self._caps = caps or Caps()
        self._listener: Listener | None = None
        self._sessions: dict[asyncio.Task[None], tuple[Conversation, Session]] = {}
        self._places = Places(self._caps.connections, self._caps.of_one_network)

    async def start(self, listen: Listen) -> Address:
        """See connectors.house.Door."""
        bounds = Bounds(within=self._caps.handshake, closing=self._caps.closing)
        self._listener = Listener(lambda: Channel(self._accept), self._context, bounds)
        port = await self._listener.open(listen.host, listen.port, BACKLOG)
        return Address(listen.host, port, "implicit" if self._context else "none")

    async def stop(self) -> None:
        """See connectors.house.Door: whoever waits is told at once, the others after their command."""
        if self._listener is not None:
            await self._listener.close()
        for conversation, session in list(self._sessions.values()):
            if session.waiting or conversation.idling:
                conversation.hang_up("Closing")
            else:
                session.last = True
        try:
            await asyncio.gather(*self._sessions, return_exceptions=True)
        except asyncio.CancelledError:
            for task in self._sessions:
                task.cancel()
            raise

    def _accept(self, channel: Channel) -> None:
        if not self._places.take(channel, channel.peer):
            channel.write(responses.status_line(b"*", b"BYE", "Too many connections", b"[LIMIT]"))
            channel.close()
            return
        conversation = Conversation(channel, self._groupware, self._caps)
        session = Session(conversation)
        task = asyncio.create_task(session.run())
        self._sessions[task] = (conversation, session)
        task.add_done_callback(lambda ended: self._ended(ended, channel))

    def _ended(self, task: asyncio.Task[None], channel: Channel) -> None:
        self._sessions.pop(task, None)
        self._places.leave(channel)


def imap_door(house: House) -> ImapDoor:
    """The door of this house."""
    house.groupware.duties.closings.door(Door.IMAP)
    return ImapDoor(house.groupware, server_context(house.certificate, ("imap",)), caps_of(house.settings.imap))
