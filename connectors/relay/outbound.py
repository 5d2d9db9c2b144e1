"""Sends what the queue of outbound mail holds, as soon as it is due."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.relay.carrying import UndeliveredError
from connectors.relay.maildir import Outbox
from connectors.relay.smtp import NextHop
from groupware import clock
from groupware.errors import IconetError

if TYPE_CHECKING:
    from connectors.house import House
    from connectors.relay.carrying import Carrier
    from groupware.outbound import Claimed
    from groupware.service import Groupware

log = logging.getLogger("iconet.outbound")
SENT_WITHIN = 100.0
"""Seconds: less than the lease (groupware.outbound.LEASE), so that nobody else sends it meanwhile."""
LONGEST_REST = 5.0
"""Seconds: a hint may be lost, and another process may have queued something."""
SHORTEST_REST = 0.05
"""Seconds: hints come with every commit, of which there may be many."""
AFTER_TROUBLE = 1.0


async def send_outbound(house: House) -> None:
    """Send until cancelled. What is under way then is sent again when its lease has run out."""
    relay = house.settings.relay
    carrier = Outbox(Path(relay.outbox)) if relay.outbox else NextHop(house.settings.host, house.settings.partner)
    queue = Queue(house.groupware, carrier)
    while True:
        hint = house.groupware.store.next_hint()
        if not await queue.step():
            await _rest(hint, await queue.patience())


async def _rest(hint: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await hint.wait()
    await asyncio.sleep(SHORTEST_REST)


class Queue:
    """The groupware's queue, and the way out of it."""

    def __init__(self, groupware: Groupware, carrier: Carrier) -> None:
        self._groupware = groupware
        self._carrier = carrier
        self._troubled = False

    async def step(self) -> bool:
        """Send what is due; False if that is nothing, or if the store is in trouble."""
        try:
            due = await self._groupware.next_outbound()
            claimed = await self._groupware.claim_outbound() if due is not None and due <= clock.now() else []
            await asyncio.gather(*(self._send(each, raw) for each, raw in claimed))
        except IconetError as error:
            log.warning("queue-in-trouble", exc_info=error)
            self._troubled = True
            return False
        return bool(claimed)

    async def patience(self) -> float:
        """Seconds until something may be due. What is due and somebody else's is looked at again soon."""
        if self._troubled:
            self._troubled = False
            return AFTER_TROUBLE
        due = await self._groupware.next_outbound()
        seconds = LONGEST_REST if due is None else (due - clock.now()) / clock.MICROSECONDS
        return min(LONGEST_REST, seconds) if seconds > 0 else AFTER_TROUBLE

    async def _send(self, claimed: Claimed, raw: bytes) -> None:
        try:
            reply = await self._carried(claimed, raw)
        except UndeliveredError as error:
            log.warning("not-sent", extra={"outbound": claimed.id, "reply": str(error), "temporary": error.temporary})
            await self._groupware.outbound_failed(claimed, str(error), temporary=error.temporary)
        else:
            log.info("sent", extra={"outbound": claimed.id, "domain": claimed.domain})
            await self._groupware.outbound_sent(claimed, reply)

    async def _carried(self, claimed: Claimed, raw: bytes) -> str:
        try:
            async with asyncio.timeout(SENT_WITHIN):
                return await self._carrier.carry(claimed, raw)
        except TimeoutError as error:
            raise UndeliveredError("the partner's server takes too long", temporary=True) from error
        except UndeliveredError:
            raise
        except Exception as error:  # one message that can't be sent doesn't keep the others
            log.exception("sending-failed", extra={"outbound": claimed.id})
            raise UndeliveredError(f"{type(error).__name__} here", temporary=True) from error
