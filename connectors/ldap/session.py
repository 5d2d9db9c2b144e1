"""One client from its coming to its end: messages are read, done in their order, and answered."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from connectors.ldap import dispatch, message
from connectors.ldap.ber import BadBer
from connectors.ldap.codes import ANSWERS, Code
from connectors.ldap.dn import BadDn
from groupware.errors import Busy, IconetError, Refused

if TYPE_CHECKING:
    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Message

log = logging.getLogger("iconet.ldap")
REPLIES: dict[type[Exception], tuple[Code, str]] = {
    BadDn: (Code.INVALID_DN_SYNTAX, "No distinguished name"),
    Busy: (Code.BUSY, "Try again later"),
    IconetError: (Code.UNAVAILABLE, "Try again later"),
}
"""What is told of an error: the first of its classes that stands here (RFC 4511, appendix A)."""


class Session:
    """Serves one client; `waiting` while it is the client's turn. With `last` set no request follows."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._began = asyncio.get_running_loop().time()
        self.waiting = False
        self.last = False

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
        async with asyncio.timeout_at(self._deadline()):
            await conversation.receive()
        self.waiting = False
        while conversation.queue and not conversation.over:
            await self._serve(message.read(conversation.queue.popleft()))
        await conversation.flush()
        if self.last:
            conversation.hang_up(Code.UNAVAILABLE, "Closing")

    def _deadline(self) -> float:
        """Before a bind by name the whole of it counts, so that slow dripping gains nothing."""
        caps = self._conversation.around.caps
        return (
            self._began + caps.bind
            if self._conversation.caller is None
            else asyncio.get_running_loop().time() + caps.idle
        )

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
