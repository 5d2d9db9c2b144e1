"""Sends what is queued for the Matrix rooms: in order within a room, once, as its author where possible."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from connectors.matrix.bridge.beat import PATIENCE
from connectors.matrix.bridge.client import AwayError, MatrixError
from groupware import clock
from groupware.errors import IconetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.matrix.bridge.client import Client
    from connectors.matrix.bridge.members import Members
    from groupware.matrix.exchange import Exchange
    from groupware.matrix.outbox import Queued
    from groupware.matrix.telling import Ready

MOST_ATTEMPTS = 5
"""Refusals of one message, after which those behind it go on without it."""
MENDS = 3
"""What may be missing for one message: the author's account, membership and device."""
RENEWED = 10.0
"""Seconds after which the leases are renewed; they last three times as long."""
log = logging.getLogger("iconet.matrix")


class Sender:
    """For the rooms of one store; `rooms` are their Matrix ids, `portal` is where officials find attachments."""

    def __init__(
        self, client: Client, exchange: Exchange, members: Members, rooms: Mapping[int, str], portal: str
    ) -> None:
        self._client = client
        self._exchange = exchange
        self._members = members
        self._rooms = rooms
        self._portal = portal
        self._mine: frozenset[int] = frozenset()
        self._leased = float("-inf")

    async def step(self) -> bool:
        """Send what waits; False when that is nothing."""
        waiting = await self._exchange.waiting()
        if not waiting:
            return False
        await self._lease()
        mine = (waiting & self._mine & self._rooms.keys()) - await self._members.crowded()
        sent = await asyncio.gather(*(self._send_room(room) for room in sorted(mine)), return_exceptions=True)
        for outcome in sent:
            if isinstance(outcome, BaseException):
                raise outcome
        return bool(mine)

    def renew(self) -> None:
        """There is a new room, which nobody has a lease of yet."""
        self._leased = float("-inf")

    @staticmethod
    def patience() -> float:
        """Seconds."""
        return PATIENCE

    async def _lease(self) -> None:
        if clock.monotonic() - self._leased > RENEWED:
            self._mine = await self._exchange.lease()
            self._leased = clock.monotonic()

    async def _send_room(self, room: int) -> None:
        for row in await self._exchange.following(room):
            if room in await self._members.crowded():
                return
            try:
                await self._send_one(row)
            except Exception as error:
                if isinstance(error, AwayError) or (isinstance(error, IconetError) and error.temporary):
                    raise
                await self._failed(row, error)

    async def _send_one(self, row: Queued) -> None:
        ready = await self._exchange.ready(row, self._portal)
        if ready is None:
            await self._exchange.dropped(row)
        else:
            await self._exchange.sent(row, await self._sent(row, ready))

    async def _failed(self, row: Queued, error: Exception) -> None:
        """Try it again after a pause, with those behind it waiting; but not for ever."""
        log.error("not-sent", extra={"row": row.id, "attempts": row.attempts + 1}, exc_info=error)
        if row.attempts + 1 < MOST_ATTEMPTS:
            await self._exchange.tried(row)
            raise error
        await self._exchange.dropped(row)

    async def _sent(self, row: Queued, ready: Ready) -> str:
        for _ in range(MENDS):
            try:
                return await self._put(row, ready)
            except MatrixError as error:
                await self._mend(error, ready.sender)
        return await self._put(row, ready)

    async def _put(self, row: Queued, ready: Ready) -> str:
        room = self._rooms[row.room]
        if ready.redacts:
            return await self._client.redact(room, ready.redacts, key=row.key)
        return await self._client.send(room, ready.sender, ready.content, key=row.key, at=ready.at)

    async def _mend(self, error: MatrixError, sender: str) -> None:
        """A device that isn't there yet, or was deleted with the others of its user; an author who has yet to join."""
        if error.code == "M_UNKNOWN_DEVICE":
            await self._client.make_device(sender)
        elif error.code == "M_FORBIDDEN" and sender:
            await self._members.welcome(sender)
        else:
            raise error
