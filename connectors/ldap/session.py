"""One client from its coming to its end: messages are read, done in their order, and answered."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from connectors.ldap import dispatch, message
from connectors.ldap.ber import BadBer
from connectors.ldap.codes import ANSWERS, Code, Op
from connectors.ldap.conversation import PIECE
from connectors.ldap.dn import BadDn
from connectors.ldap.handlers.search import finish, steps
from groupware import clock
from groupware.errors import Busy, IconetError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Message
    from groupware.book.sight import Sight
    from groupware.caller import Caller

log = logging.getLogger("iconet.ldap")
REPLIES: dict[type[Exception], tuple[Code, str]] = {
    BadDn: (Code.INVALID_DN_SYNTAX, "No distinguished name"),
    Busy: (Code.BUSY, "Try again later"),
    IconetError: (Code.UNAVAILABLE, "Try again later"),
}
"""What is told of an error: the first of its classes that stands here (RFC 4511, appendix A)."""
TURN = 0.001
"""Seconds of requests that came together, after which others get their turn."""
DONE = object()


class Session:
    """Serves one client; `waiting` while it is the client's turn. With `last` set no request follows.

    What a client asks for first and most, a search whose answer is at hand, is answered in the very call by which the
    loop says that octets came. All else is the task's: the same request is read and done by it from the beginning, or
    gone on with where it has been begun.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._clock = asyncio.get_running_loop().time
        self._began = self._heard = self._clock()
        self._begun: tuple[Message, Iterator[None]] | None = None
        self.waiting = False
        self.last = False
        conversation.channel.at_once = self.at_once

    def at_once(self, octets: bytes) -> int:
        """Answer the searches that come first, as long as it is no other's turn; how many octets that were."""
        conversation, done, mark = self._conversation, 0, 0
        if not self.waiting or self._begun or conversation.over or conversation.caller is None:
            return 0
        self._heard = self._clock()
        try:
            for end in self._answered(octets, conversation.caller):
                done, mark = end, conversation.mark()
        except Exception:  # noqa: BLE001 -- the task does it again, and tells of whatever it is
            conversation.take_back(mark)
        conversation.send()
        return done

    def _answered(self, octets: bytes, caller: Caller) -> Iterator[int]:
        """Answer one search after the other, and say where each ended."""
        conversation, at, until = self._conversation, 0, clock.monotonic() + TURN
        sight, most = conversation.around.book.known_sight(caller), conversation.channel.most
        while sight and 0 < (end := message.frame_end(octets, at, most)) <= len(octets):
            asked = message.read(octets[at:end])
            if asked.op != Op.SEARCH or not asked.id or asked.controls:
                return
            if not self._usual(asked, sight):
                left = steps(conversation, asked, sight)
                if next(left, DONE) is not DONE:
                    self._begun = asked, left
                    conversation.channel.call()
            yield end
            if self._begun or conversation.size >= PIECE or clock.monotonic() > until:
                return
            at = end

    def _usual(self, asked: Message, sight: Sight) -> bool:
        """Answer a search that is like the last one; False if it isn't."""
        usual = self._conversation.usual
        answer = None if usual is None else usual.answer(asked, sight)
        if answer is None:
            return False
        self._conversation.put(answer)
        return True

    async def run(self) -> None:
        """Until the client goes, is sent away, or says nothing for too long."""
        conversation = self._conversation
        try:
            while not conversation.over:
                await self._step()
        except BadBer as error:
            log.info("request-not-understood", extra={"cause": str(error)})
            conversation.hang_up(Code.PROTOCOL_ERROR, "No LDAP, or too much of it")  # RFC 4511 4.1.1
        except TimeoutError:
            conversation.hang_up(Code.UNAVAILABLE, "Too slow")
        except (EOFError, ConnectionError):
            pass
        finally:
            conversation.leave()

    async def _step(self) -> None:
        conversation = self._conversation
        self.waiting = True
        await self._receive()
        self.waiting = False
        if self._begun is not None:
            (asked, left), self._begun = self._begun, None
            await finish(conversation, asked, left)
        until = clock.monotonic() + TURN
        while conversation.queue and not conversation.over:
            await self._serve(message.read(conversation.queue.popleft()))
            if clock.monotonic() > until:
                await conversation.give_way()
                until = clock.monotonic() + TURN
        await conversation.flush()
        if self.last:
            conversation.hang_up(Code.UNAVAILABLE, "Closing")

    async def _receive(self) -> None:
        """Wait for requests; what is answered at once meanwhile is no silence."""
        self._heard = self._clock()
        while True:
            try:
                async with asyncio.timeout_at(self._deadline()):
                    return await self._conversation.receive()
            except TimeoutError:
                if self._deadline() <= self._clock():
                    raise

    def _deadline(self) -> float:
        """Before a bind by name the whole of it counts, so that slow dripping gains nothing."""
        caps = self._conversation.around.caps
        return self._began + caps.bind if self._conversation.caller is None else self._heard + caps.idle

    async def _serve(self, asked: Message) -> None:
        """Do one request, and answer whatever comes of it."""
        conversation, act = self._conversation, dispatch.act_of(asked)
        try:
            if asked.op not in ANSWERS or act.honours(asked.controls):
                await act.handler(conversation, asked)
            else:  # RFC 4511 4.1.11
                conversation.refuse(asked, Code.UNAVAILABLE_CRITICAL_EXTENSION, "A critical control isn't known")
        except Refused:
            conversation.sign_off()
        except (IconetError, BadDn) as error:
            code, text = next(REPLIES[kind] for kind in type(error).__mro__ if kind in REPLIES)
            log.info("request-refused", extra={"request": act.handler.__name__, "cause": type(error).__name__})
            conversation.refuse(asked, code, text)
        except (BadBer, TimeoutError, EOFError, ConnectionError):
            raise
        except Exception:
            log.exception("request-failed", extra={"request": act.handler.__name__})
            conversation.refuse(asked, Code.OTHER, "Something went wrong here")
