"""The directory door: LDAP over implicit TLS, and perhaps a second listener for StartTLS; a task a client."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.certificates import server_context
from connectors.crowd import Places
from connectors.house import Address
from connectors.ldap import message
from connectors.ldap.caps import Caps, caps_of
from connectors.ldap.channel import Channel
from connectors.ldap.codes import Code
from connectors.ldap.conversation import Conversation
from connectors.ldap.naming import Tree
from connectors.ldap.rendering import Rendering
from connectors.ldap.selection import Encoder
from connectors.ldap.session import Session
from connectors.ldap.surroundings import Surroundings
from connectors.listener import Bounds, Listener
from groupware import clock
from groupware.errors import IconetError, Refused
from policies.vocabulary import Door

if TYPE_CHECKING:
    from ssl import SSLContext

    from connectors.house import House
    from connectors.settings import Listen
    from groupware.service import Groupware

log = logging.getLogger("iconet.ldap")
BACKLOG = 1000
LOOK_AT_LEAST = 3600.0
LOOK_AT_MOST = 0.25
AFTER_A_FAILURE = 1.0
"""Seconds until it is looked anew who is in office: without news, after news, and when a look has failed."""
NONE = -1
"""The port of a listener that isn't wanted."""


class LdapDoor:
    """Serves clients of `groupware`; without a `context` in clear, which is for measuring only.

    With a `starttls_port`, a second listener begins in clear and takes secrets only once TLS is on.
    """

    def __init__(
        self, groupware: Groupware, context: SSLContext | None, caps: Caps | None = None, starttls_port: int = NONE
    ) -> None:
        self._groupware = groupware
        self._news = asyncio.Event()
        tree = Tree(groupware.domain)
        self._around = Surroundings(
            groupware.book,
            groupware.sign_in,
            groupware.live,
            tree,
            Encoder(Rendering(tree, groupware.address_books.uid)),
            caps or Caps(),
            context,
            self._news.set,
        )
        self._starttls_port = starttls_port
        self._listeners: list[Listener] = []
        self._sessions: dict[asyncio.Task[None], tuple[Conversation, Session]] = {}
        self._places = Places(self._around.caps.connections, self._around.caps.of_one_network)
        self._watch: asyncio.Task[None] | None = None
        self.starttls: Address | None = None

    async def start(self, listen: Listen) -> Address:
        """See connectors.house.Door."""
        port = await self._listen(listen.host, listen.port, self._around.context)
        if self._starttls_port != NONE:
            clear = await self._listen(listen.host, self._starttls_port, None)
            self.starttls = Address(listen.host, clear, "starttls")
        self._watch = asyncio.create_task(self._look_after())
        return Address(listen.host, port, "implicit" if self._around.context else "none")

    async def _listen(self, host: str, port: int, context: SSLContext | None) -> int:
        bounds = Bounds(within=self._around.caps.handshake, closing=self._around.caps.closing)
        listener = Listener(lambda: Channel(self._accept), context, bounds)
        self._listeners.append(listener)
        return await listener.open(host, port, BACKLOG)

    async def stop(self) -> None:
        """See connectors.house.Door: whoever waits is told at once, the others after their request."""
        for listener in self._listeners:
            await listener.close()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        for conversation, session in list(self._sessions.values()):
            if session.waiting:
                conversation.hang_up(Code.UNAVAILABLE, "Closing")
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
            channel.write(message.disconnection(Code.BUSY, "Too many connections"))
            channel.close(self._around.caps.closing)
            return
        conversation = Conversation(channel, self._around)
        session = Session(conversation)
        task = asyncio.create_task(session.run())
        self._sessions[task] = (conversation, session)
        task.add_done_callback(lambda ended: self._ended(ended, channel))

    def _ended(self, task: asyncio.Task[None], channel: Channel) -> None:
        self._sessions.pop(task, None)
        self._places.leave(channel)

    # ---- who is out of office

    async def _look_after(self) -> None:
        """End the sessions of those who are out of office, as soon as it is told or as their time is over."""
        patience = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._news.wait()
            self._news.clear()
            try:
                patience = await self._look()
            except IconetError as error:
                log.info("look-failed", extra={"cause": type(error).__name__})
                patience = AFTER_A_FAILURE
            except Exception:
                log.exception("look-failed")
                patience = AFTER_A_FAILURE

    async def _look(self) -> float:
        """Look once; how long it can be left alone, if nothing is told meanwhile."""
        await self._around.book.warm()
        signed_in = [(each, each.caller) for each, _ in self._sessions.values() if each.caller is not None]
        if not signed_in:
            return LOOK_AT_LEAST
        gone = await self._groupware.out_of_office()
        until = clock.now() + int(LOOK_AT_LEAST * clock.MICROSECONDS)
        for conversation, caller in signed_in:
            if caller.login in gone:
                conversation.sign_off()
        for caller in {caller.official: caller for _, caller in signed_in if caller.login not in gone}.values():
            with suppress(Refused):
                until = min(until, (await self._around.book.sight(caller)).until)
                break
        return max(LOOK_AT_MOST, (until - clock.now()) / clock.MICROSECONDS)


def ldap_door(house: House) -> LdapDoor:
    """The door of this house."""
    house.groupware.duties.closings.door(Door.LDAP)
    settings = house.settings.ldap
    context = server_context(house.certificate)
    return LdapDoor(house.groupware, context, caps_of(settings), settings.starttls_port)
