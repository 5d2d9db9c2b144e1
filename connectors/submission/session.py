"""One client's session: command lines in, replies out (RFC 5321, RFC 6409).

aiosmtpd gives the protocol class and its dispatch by method names; how lines and messages are read, checked and
answered is ours.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, cast

from aiosmtpd.smtp import SMTP

from connectors.submission import limits, replies, sasl
from connectors.submission.inbox import Inbox
from connectors.submission.transaction import Correspondent, Transaction
from groupware.errors import IconetError, Refused
from groupware.live import Session as Live
from policies.vocabulary import Door

if TYPE_CHECKING:
    from connectors.submission.sasl import Credentials
    from connectors.submission.shared import Shared

log = logging.getLogger("iconet.submission")


class Session(SMTP):
    """One connection, over TLS from its first octet (RFC 8314 3.3)."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(None, hostname=shared.host, loop=asyncio.get_running_loop())
        self._shared = shared
        self._inbox = Inbox(self._pause, self._resume)
        self._replies = bytearray()
        self._commands = 0
        self._bad_commands = 0
        self._failed_sign_ins = 0
        self._greeted = False
        self._idle = False
        self._ending = ""
        self._correspondent: Correspondent | None = None
        self._live: Live | None = None
        self._transaction: Transaction | None = None
        self._deadline = self.loop.time() + limits.SIGNED_IN_WITHIN

    # ---- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        super().connection_made(transport)
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        self._ending = self._shared.enter(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        self._shared.leave(self)
        if self._live is not None:
            self._shared.groupware.live.leave(self._live)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._inbox.feed(data)

    def end(self, reply: str) -> None:
        """Say so and close: at once between two commands, else when the command under way has been answered."""
        self._ending = self._ending or reply
        if self._idle and self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    def abort(self) -> None:
        """Close without another word."""
        if self._wire is not None:
            self._wire.abort()

    @property
    def _wire(self) -> asyncio.Transport | None:
        """The transports of uvloop are no subclasses of asyncio's, so their kind can't be asked for."""
        return cast("asyncio.Transport | None", self.transport)

    def _pause(self) -> None:
        if self._wire is not None and not self._wire.is_closing():
            self._wire.pause_reading()

    def _resume(self) -> None:
        if self._wire is not None and not self._wire.is_closing():
            self._wire.resume_reading()

    def _reset_timeout(self, duration: float | None = None) -> None:
        """One timer a connection, which looks at the deadline when it rings; moving the deadline costs nothing."""
        if self._correspondent is not None:
            self._deadline = self.loop.time() + (duration or limits.IDLE)
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)

    def _timeout_cb(self) -> None:
        if self.loop.time() < self._deadline:
            self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)
        elif self._idle:
            self.end(replies.TIMED_OUT if self._correspondent else replies.SIGN_IN_TOO_LATE)
        else:
            self.abort()

    # ---- the loop of commands

    async def _handle_client(self) -> None:
        try:
            if not self._ending:
                self._say(f"220 {self.hostname} ICONet ESMTP")
            while not self._ending:
                await self._step()
        except asyncio.CancelledError:
            if not self._ending:
                raise
        except ConnectionError:
            log.debug("connection-lost")
        finally:
            self._close()

    async def _step(self) -> None:
        self._commands += 1
        if not self._inbox.ready() or self._commands % limits.COMMANDS_AT_ONCE == 0:
            await self._flush()
            await asyncio.sleep(0)
        line = await self._line()
        self._reset_timeout()
        try:
            await self._obey(line)
        except ConnectionError:
            raise
        except Exception:
            log.exception("command-failed")  # one line: see connectors/logs.py
            self._say(replies.TRY_LATER)

    async def _line(self) -> bytes | None:
        self._idle = True
        try:
            return await self._inbox.line()
        finally:
            self._idle = False

    async def _obey(self, line: bytes | None) -> None:
        text = _text(line)
        if text is None:
            self._say(replies.LINE_TOO_LONG if line is None else replies.NOT_A_LINE)
            return
        name, _, argument = text.partition(" ")
        method = self._smtp_methods.get(name.upper())
        if method is None:
            self._say(replies.NO_SUCH_COMMAND)
        else:
            await method(argument.strip(" "))

    def _say(self, reply: str) -> None:
        """Replies to pipelined commands go out together (RFC 2920 3.2)."""
        self._replies += reply.encode("ascii", "replace") + b"\r\n"
        self._bad_commands += reply.startswith("50")
        if self._bad_commands >= limits.BAD_COMMANDS:
            self._ending = replies.TOO_MANY_BAD_COMMANDS

    async def _flush(self) -> None:
        if self._replies:
            self._writer.write(bytes(self._replies))
            self._replies.clear()
            await self._writer.drain()

    def _close(self) -> None:
        if self._wire is not None and not self._wire.is_closing():
            if self._ending:
                self._replies += self._ending.encode() + b"\r\n"
            self._wire.write(bytes(self._replies))
            self._wire.close()

    # ---- hello

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 -- aiosmtpd finds commands by these names
        """RFC 5321 4.1.1.1."""
        self._greet(hostname, f"250 {self.hostname}")

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.1; only what is kept is offered."""
        offers = ("PIPELINING", f"SIZE {self._shared.largest}", "8BITMIME", "AUTH PLAIN LOGIN")
        lines = "".join(f"250-{line}\r\n" for line in (self.hostname, *offers))
        self._greet(hostname, f"{lines}250 ENHANCEDSTATUSCODES")

    def _greet(self, hostname: str, reply: str) -> None:
        self._greeted = self._greeted or bool(hostname)
        if hostname:
            self._begin_anew()
        self._say(reply if hostname else replies.BAD_ARGUMENT)

    # ---- signing in

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name and signature
        """RFC 4954 4."""
        name, _, response = arg.partition(" ")
        method = {"PLAIN": self._plain, "LOGIN": self._login}.get(name.upper())
        if self._correspondent is not None:
            self._say(replies.ALREADY_SIGNED_IN)
        elif not self._greeted:
            self._say(replies.NOT_NOW)
        elif method is None:
            self._say(replies.NO_SUCH_MECHANISM)
        else:
            try:
                await self._sign_in(await method(response.strip()))
            except _SpoiltError as spoilt:
                self._say(str(spoilt))

    async def _plain(self, response: str) -> Credentials:
        return sasl.plain(_octets(response) if response else await self._ask(""))

    async def _login(self, response: str) -> Credentials:
        name = _octets(response) if response else await self._ask("VXNlcm5hbWU6")
        return sasl.Credentials(sasl.text(name), sasl.text(await self._ask("UGFzc3dvcmQ6")))

    async def _ask(self, challenge: str) -> bytes:
        self._say(f"334 {challenge}")
        await self._flush()
        text = _text(await self._line())
        if text == "*":
            raise _SpoiltError(replies.SIGN_IN_GIVEN_UP)
        return _octets(text)

    async def _sign_in(self, credentials: Credentials) -> None:
        try:
            caller = await self._shared.groupware.sign_in.check(Door.SUBMISSION, *credentials, self.peer)
        except IconetError as error:
            self._say(replies.sign_in_refusal(error))
            self._failed_sign_ins += isinstance(error, Refused)
            if self._failed_sign_ins >= limits.FAILED_SIGN_INS:
                self._ending = replies.TOO_MANY_SIGN_INS
        else:
            self._correspondent = Correspondent(self._shared, caller)
            signed_out = partial(self.end, replies.SIGNED_OUT)
            self._live = Live(
                caller.official, 0, self._correspondent.forget, signed_out, caller.app_password, Door.SUBMISSION
            )
            self._shared.groupware.live.join(self._live)
            self._begin_anew()
            self._reset_timeout()
            self._say(replies.SIGNED_IN)

    # ---- a transaction

    def _begin_anew(self) -> None:
        self._transaction = Transaction(self._correspondent) if self._correspondent and self._greeted else None

    def _objection(self) -> str:
        return replies.NOT_SIGNED_IN if self._greeted else replies.NOT_NOW

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.2."""
        self._say(await self._transaction.begin(arg) if self._transaction else self._objection())

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.3."""
        self._say(await self._transaction.add(arg) if self._transaction else self._objection())

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.4."""
        reply = self._transaction.ready(arg) if self._transaction else self._objection()
        self._say(reply)
        if self._transaction is None or reply is not replies.SEND_MESSAGE:
            return
        await self._flush()
        reply = await self._received(self._transaction)
        if reply is replies.ENDLESS:
            self._ending = reply
        else:
            self._say(reply)
        self._begin_anew()

    async def _received(self, transaction: Transaction) -> str:
        """Received within a time for all of it, and each part of it within the time for being idle."""
        give_up = self.loop.call_later(limits.MESSAGE_WITHIN, self.abort)
        try:
            return await transaction.receive(self._inbox, self._reset_timeout)
        finally:
            give_up.cancel()

    # ---- the rest

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.5."""
        if not arg:
            self._begin_anew()
        self._say(replies.BAD_ARGUMENT if arg else replies.OK)

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: ARG002, N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.9."""
        self._say(replies.OK)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.10."""
        if arg:
            self._say(replies.BAD_ARGUMENT)
        else:
            self._ending = replies.BYE

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: ARG002, N802 -- aiosmtpd's name and signature
        """RFC 5321 3.5.3: says the same of everybody."""
        self._say(replies.CANNOT_VERIFY if self._transaction else self._objection())

    async def smtp_EXPN(self, arg: str) -> None:  # noqa: ARG002, N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.7."""
        self._say(replies.NOT_OFFERED)

    async def smtp_HELP(self, arg: str) -> None:  # noqa: ARG002, N802 -- aiosmtpd's name and signature
        """RFC 5321 4.1.1.8."""
        self._say(replies.HELP)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: ARG002, N802 -- aiosmtpd's name and signature
        """RFC 3207; TLS is on already."""
        self._say(replies.NOT_OFFERED)


class _SpoiltError(Exception):
    """A response that can't be a sign-in; its text is the reply."""


def _octets(response: str | None) -> bytes:
    found = None if response is None else sasl.decoded(response)
    if found is None:
        raise _SpoiltError(replies.NOT_BASE64)
    return found


def _text(line: bytes | None) -> str | None:
    """A command line without its end; None for one with other line ends, control characters or non-ASCII."""
    if line is None or not line.endswith(b"\r\n"):
        return None
    text = line[:-2].decode("ascii", "replace")
    return text if text.isascii() and text.isprintable() else None
