"""One client from its greeting to its end: a command is read, the folder looked at, the command done, answered."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from connectors.imap import dispatch, responses
from connectors.imap.capabilities import OFFERED
from connectors.imap.commands import Command, Copy, Move
from connectors.imap.conversation import No
from connectors.imap.grammar.command import parse
from connectors.imap.line import BadCharset, BadCommand, Line
from connectors.imap.sequence import may_expunge
from connectors.imap.wire import Hangup, TooBig
from groupware.errors import Forbidden, IconetError, NotFound, Refused
from groupware.message.errors import Unacceptable
from groupware.message.unfit import Classified

if TYPE_CHECKING:
    from connectors.imap.conversation import Conversation

log = logging.getLogger("iconet.imap")
REPLIES: dict[type[Exception], tuple[bytes, str]] = {
    NotFound: (b"[NONEXISTENT]", "No such folder"),
    Forbidden: (b"[NOPERM]", "Not allowed"),
    Unacceptable: (b"[CANNOT]", "No acceptable message"),
    IconetError: (b"[UNAVAILABLE]", "Try again later"),
}
"""What is told of an error of the domain: the first of its classes that stands here (RFC 9051 7.1)."""


class Session:
    """Serves one conversation; `waiting` while it is the client's turn. With `last` set no command follows."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._mistakes = 0
        self._began = asyncio.get_running_loop().time()
        self.waiting = False
        self.last = False

    async def run(self) -> None:
        """Until the client goes, is sent away, or says nothing for too long."""
        conversation = self._conversation
        conversation.write(responses.status_line(b"*", b"OK", "ICONet ready", responses.code(b"CAPABILITY", OFFERED)))
        try:
            while not conversation.over:
                await self._step()
        except Hangup as error:
            conversation.hang_up(error.text)
        except TimeoutError:
            conversation.hang_up("Too slow")
        except (EOFError, ConnectionError):
            pass
        finally:
            conversation.leave()

    async def _step(self) -> None:
        if self.last:
            self._conversation.hang_up("Closing")
            return
        self.waiting = True
        try:
            async with asyncio.timeout_at(self._deadline()):
                line = await self._conversation.reader.next()
        except TooBig as error:
            self._answer(error.tag, b"NO", "Literal too big", b"[TOOBIG]")
        else:
            self.waiting = False
            await self._serve(line)
        if not self.last:
            await self._conversation.flush()

    def _deadline(self) -> float:
        """Before login the whole of it counts, so that slow dripping gains nothing."""
        caps = self._conversation.caps
        if not self._conversation.signed_in:
            return self._began + caps.login
        return asyncio.get_running_loop().time() + caps.idle

    async def _serve(self, line: Line) -> None:
        """Do one command, and answer whatever comes of it."""
        name = "command"
        try:
            command = parse(line)
            name = type(command).__name__.lower()
            self._answer(command.tag, b"OK", "Done", await self._do(command))
            self._mistakes = 0
        except BadCharset as error:
            self._answer(line.tag, b"NO", error.text, b"[BADCHARSET (UTF-8 US-ASCII)]")
        except BadCommand as error:
            self._answer(line.tag, b"BAD", error.text)
            self._mistaken()
        except No as error:
            self._answer(line.tag, b"NO", error.text, error.code)
            if not self._conversation.signed_in:
                self._mistaken()
        except Refused:
            self._conversation.hang_up("Signed out")
        except (IconetError, Unacceptable) as error:
            self._explain(line.tag, name, error)
        except (Hangup, TimeoutError, EOFError, ConnectionError):
            raise
        except Exception:
            log.exception("command-failed", extra={"command": name})
            self._answer(line.tag, b"NO", "Something went wrong here", b"[SERVERBUG]")

    async def _do(self, command: Command) -> bytes:
        conversation = self._conversation
        done = dispatch.handler(conversation, command)
        counts = isinstance(command, Copy | Move) and not command.uid  # their numbers mean what the client counted
        if not isinstance(command, dispatch.LEAVING):
            await self._catch_up(expunges=may_expunge(command) and not counts)
        code = await done(conversation, command)
        if isinstance(command, dispatch.FILING):
            await self._catch_up(expunges=True)
        return code

    async def _catch_up(self, *, expunges: bool) -> None:
        """Before a command, so that a right that was lost counts at once; and after what changed the folder."""
        conversation = self._conversation
        folder = conversation.selected
        if folder is not None:
            conversation.write(await folder.catch_up(conversation.desk, conversation.caller, expunges=expunges))

    def _explain(self, tag: bytes, name: str, error: Exception) -> None:
        code, text = next(REPLIES[kind] for kind in type(error).__mro__ if kind in REPLIES)
        if isinstance(error, Classified):  # their own program saves it, and they are to be told what to do
            text = error.text
        log.info("command-refused", extra={"command": name, "cause": str(error)})
        self._answer(tag, b"NO", text, code)

    def _answer(self, tag: bytes, word: bytes, text: str, code: bytes = b"") -> None:
        self._conversation.write(responses.status_line(tag, word, text, code))

    def _mistaken(self) -> None:
        self._mistakes += 1
        if self._mistakes >= self._conversation.caps.mistakes:
            self._conversation.hang_up("Too many mistakes")
