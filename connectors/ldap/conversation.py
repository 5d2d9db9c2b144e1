"""One client's connection as the handlers of requests see it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from connectors.ldap import message, requests
from connectors.ldap.codes import ANSWERS, Code, Op
from connectors.ldap.limits import MAX_REQUEST, MAX_UNBOUND
from groupware.live import Session
from policies.vocabulary import Door

if TYPE_CHECKING:
    from connectors.ldap.channel import Channel
    from connectors.ldap.message import Message
    from connectors.ldap.surroundings import Surroundings
    from connectors.ldap.usual import Usual
    from groupware.book.sight import Sight
    from groupware.caller import Caller

PIECE = 64 << 10
"""Octets of answers that are collected before they are sent."""


class Conversation:
    """What is known of a client: the channel, who signed in, what was sent and not done yet, what is to be sent."""

    def __init__(self, channel: Channel, around: Surroundings) -> None:
        self.channel = channel
        self.around = around
        self.caller: Caller | None = None
        self.mistakes = 0
        self.over = False
        self.queue: deque[bytes] = deque()
        self._out: list[bytes] = []
        self.size = 0
        """Octets of answers that wait to be sent."""
        self.usual: Usual | None = None
        """The last search, if it was one of the kind that comes again and again."""
        self._sight: Sight | None = None
        self._live: Session | None = None

    @property
    def confidential(self) -> bool:
        """Whether nobody on the way can read a secret."""
        return self.channel.encrypted or self.around.context is None

    @property
    def alone(self) -> bool:
        """Whether nothing else was sent behind the request that is being done."""
        return not (self.queue or self.channel.pending)

    async def receive(self) -> None:
        """Wait for requests, and take all that came. What may be seen is asked anew for them."""
        self._sight = None
        self.queue.extend(await self.channel.messages())

    # ---- answers

    def answer(self, asked: Message, op: bytes, controls: bytes = b"") -> None:
        """A ready protocolOp with ready controls, as an answer to a request."""
        self.put(message.wrapped(asked.id_octets, op, controls))

    def refuse(self, asked: Message, code: Code, diagnostic: str) -> None:
        """A result without more, in the kind that belongs to the request; none to what has no answer."""
        tag = ANSWERS.get(asked.op)
        if tag is not None:
            self.answer(asked, message.result(tag, code, diagnostic))

    def put(self, octets: bytes) -> None:
        """A whole message, to be sent with the next `flush`."""
        self._out.append(octets)
        self.size += len(octets)

    def mark(self) -> int:
        """The place behind what waits to be sent, for `take_back`."""
        return len(self._out)

    def take_back(self, mark: int) -> None:
        """Forget what was put behind this place."""
        del self._out[mark:]
        self.size = sum(map(len, self._out))

    def send(self) -> None:
        """Send what is there, without waiting; the channel calls for no more while the client leaves it untaken."""
        if self._out and not self.over:
            self.channel.write(b"".join(self._out))
        self._out.clear()
        self.size = 0

    async def flush(self) -> None:
        """Send what is there, and wait until the client has taken enough."""
        self.send()
        await self.channel.drain(self.around.caps.write)

    async def give_way(self) -> None:
        """Let others have their turn."""
        if self.size >= PIECE:
            await self.flush()
        await asyncio.sleep(0)
        self._sight = None

    async def breathe(self, asked: Message) -> bool:
        """Let others have their turn within a long answer; False when this client has given it up."""
        await self.give_way()
        return not (self.over or self._abandoned(asked.id))

    def _abandoned(self, number: int) -> bool:
        """RFC 4511 4.11: whether an Abandon of it, or an Unbind, has come."""
        self.queue.extend(self.channel.ready())
        later = (message.read(octets) for octets in self.queue)
        return any(
            each.op == Op.UNBIND or (each.op == Op.ABANDON and requests.abandoned(each) == number) for each in later
        )

    # ---- who it is

    async def sight(self) -> Sight | None:
        """What the caller may see as of this moment, None before a bind. Raises Refused for who is out of office."""
        if self._sight is None and self.caller is not None:
            self._sight = await self.around.book.sight(self.caller)
        return self._sight

    def sign_in(self, caller: Caller) -> None:
        """From now on everything is done in this official's name."""
        self.caller = caller
        self.channel.most = MAX_REQUEST
        self.mistakes = 0
        self._live = Session(caller.official, 0, self.around.look, self.sign_off, caller.app_password, Door.LDAP)
        self.around.live.join(self._live)
        self.around.look()

    def forget(self) -> None:
        """Nobody has signed in (RFC 4511 4.2.1: whatever comes of a bind, it begins with that)."""
        self.caller = self._sight = None
        self.channel.most = MAX_UNBOUND
        if self._live is not None:
            self.around.live.leave(self._live)
            self._live = None

    def sign_off(self) -> None:
        """The official is in office no more: end at once."""
        self.hang_up(Code.STRONGER_AUTH_REQUIRED, "Signed out")

    # ---- the end

    def hang_up(self, code: Code, text: str) -> None:
        """Say why and close (RFC 4511 4.4.1); what was answered already goes before."""
        if not self.over:
            self.over = True
            self.channel.write(b"".join((*self._out, message.disconnection(code, text))))
            self.channel.close(self.around.caps.write)

    def unbind(self) -> None:
        """The client goes (RFC 4511 4.3); what was answered already is still sent."""
        self.over = True
        self.channel.write(b"".join(self._out))
        self._out.clear()

    def leave(self) -> None:
        """Give everything back."""
        self.over = True
        self.forget()
        self.queue.clear()
        self.channel.close(self.around.caps.write)
