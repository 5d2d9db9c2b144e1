"""One mail transaction of somebody who has signed in: from whom, to whom, and the message (RFC 6409)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing
from typing import TYPE_CHECKING

from connectors.submission import limits, paths, replies
from connectors.submission.incoming import Incoming
from groupware import clock
from groupware.errors import IconetError
from groupware.message.errors import Unacceptable
from groupware.message.results import without_results
from groupware.recipients import Receipts

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.submission.inbox import Inbox
    from connectors.submission.shared import Shared
    from groupware.caller import Caller
    from groupware.recipients import Recipient

log = logging.getLogger("iconet.submission")
MAIL_PARAMETERS = frozenset({"SIZE", "BODY", "AUTH"})
BODIES = frozenset({"", "7BIT", "8BITMIME"})
LONGEST_SIZE = 20
"""RFC 1870 3: digits."""


class Correspondent:
    """Somebody who has signed in, and the recipients that this session has found for them."""

    def __init__(self, shared: Shared, caller: Caller) -> None:
        self.shared = shared
        self.caller = caller
        self._known: dict[str, tuple[float, Recipient]] = {}

    async def recipient(self, address: str) -> Recipient:
        """Whom the address names. What is remembered too long is refused when the message is accepted."""
        until, found = self._known.get(address, (0.0, None))
        if found is None or clock.monotonic() >= until:
            found = await self.shared.groupware.recipient(self.caller, address)
            if len(self._known) >= limits.RECIPIENTS:
                self._known.clear()
            self._known[address] = clock.monotonic() + limits.RECIPIENT_KNOWN_FOR, found
        return found

    def forget(self) -> None:
        """Something that was known has changed, perhaps."""
        self._known.clear()


class Transaction:
    """Between MAIL and the message. Each method gives the reply."""

    def __init__(self, correspondent: Correspondent) -> None:
        self._correspondent = correspondent
        self._shared = correspondent.shared
        self._begun = False
        self._null = False
        self._asked_for = 0
        self._to: dict[str, Recipient] = {}

    async def begin(self, argument: str) -> str:
        """MAIL: RFC 5321 4.1.1.2, RFC 6409 6.1: one's own address, or that of somebody whom one may send for."""
        if self._begun:
            return replies.NOT_NOW
        path = paths.read("FROM", argument)
        objection = replies.BAD_ARGUMENT if path is None else self._objection(path) or await self._not_caller(path)
        self._begun = not objection
        return objection or replies.SENDER_OK

    def _objection(self, path: paths.Path) -> str:
        size = path.parameters.get("SIZE", "0")
        if path.parameters.keys() - MAIL_PARAMETERS or path.parameters.get("BODY", "").upper() not in BODIES:
            return replies.UNKNOWN_PARAMETER
        if not size.isdigit() or len(size) > LONGEST_SIZE:
            return replies.BAD_ARGUMENT
        if int(size) > self._shared.largest:  # RFC 1870 6.1
            return replies.TOO_LARGE
        return ""

    async def _not_caller(self, path: paths.Path) -> str:
        caller = self._correspondent.caller
        self._null = not path.address
        if self._null:  # RFC 8098 3: receipts have it
            return ""
        if path.address.lower() == caller.address.lower():
            return ""
        try:
            allowed = await self._shared.groupware.duties.may_send_as(caller, path.address)
        except IconetError as error:
            return replies.refusal(error)
        return "" if allowed else replies.NOT_CALLER

    async def add(self, argument: str) -> str:
        """RCPT: RFC 5321 4.1.1.3. Who is unknown, or may not be written to, is refused here."""
        path = paths.read("TO", argument) if self._begun else None
        if path is None:
            return replies.BAD_ARGUMENT if self._begun else replies.NOT_NOW
        if path.parameters:
            return replies.UNKNOWN_PARAMETER
        self._asked_for += 1
        if self._asked_for > limits.RECIPIENTS:
            return replies.TOO_MANY_RECIPIENTS
        return await self._find(path.address) if paths.is_plain(path.address) else replies.NOT_PLAIN

    async def _find(self, address: str) -> str:
        began = clock.monotonic()
        try:
            found = await self._correspondent.recipient(address)
        except IconetError as error:
            await _until_a_step(began)
            return replies.refusal(error)
        if self._null and not isinstance(found, Receipts):
            return replies.NOT_CALLER
        self._to[found.address.lower()] = found
        return replies.RECIPIENT_OK

    def ready(self, argument: str) -> str:
        """DATA: RFC 5321 4.1.1.4. 354, or why not."""
        if argument:
            return replies.BAD_ARGUMENT
        if not self._begun:
            return replies.NOT_NOW
        return replies.SEND_MESSAGE if self._to else replies.NO_RECIPIENT

    async def receive(self, inbox: Inbox, alive: Callable[[], object]) -> str:
        """The message: read to its end, whatever it is, for only behind that are commands again.

        `alive` is called for each part that comes. Answered when it is on disk, or refused.
        """
        with closing(Incoming(self._shared.largest)) as incoming:
            while (rest := incoming.feed(await inbox.some())) is None:
                alive()
                if incoming.read > 2 * self._shared.largest:
                    return replies.ENDLESS
                if incoming.in_memory > limits.IN_MEMORY:
                    await asyncio.to_thread(incoming.spill)
            inbox.put_back(rest)
            return replies.TOO_LARGE if incoming.too_large else await self._accept(incoming)

    def _unproven(self, raw: bytes) -> bytes:
        """The message without results that only we could have found (RFC 8601 5)."""
        return without_results(raw, (self._shared.groupware.domain, self._shared.host))

    async def _accept(self, incoming: Incoming) -> str:
        groupware = self._shared.groupware
        try:
            async with groupware.place(incoming.read):
                raw = await groupware.aside(incoming.read, lambda: self._unproven(incoming.message()))
                receipt = await groupware.submit(self._correspondent.caller, raw, tuple(self._to.values()))
        except (IconetError, Unacceptable) as error:
            self._correspondent.forget()
            return replies.refusal(error)
        except OSError as error:
            log.error("message-not-kept", extra={"cause": error.strerror})  # noqa: TRY400 -- the cause says it all
            return replies.TRY_LATER
        return replies.acknowledgement(receipt)


async def _until_a_step(began: float) -> None:
    taken = clock.monotonic() - began
    await asyncio.sleep(limits.REFUSAL_STEP - taken % limits.REFUSAL_STEP)
