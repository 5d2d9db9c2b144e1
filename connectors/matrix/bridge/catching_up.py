"""What the homeserver forgot to tell is asked for when it is back.

Synapse takes an event for told before it is (appservice/scheduler.py): if it is killed in between, it never tells.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from connectors.matrix.bridge.client import Client
    from groupware.matrix.exchange import Exchange
    from groupware.matrix.hearing import Heard
    from groupware.matrix.rooms import Room

    Read = Callable[[Mapping[str, Any]], Heard | None]

SELDOM = 3600.0
log = logging.getLogger("iconet.matrix")


class CatchingUp:
    """For the `rooms` by their Matrix ids; `read` makes of an event what the exchange takes, in `turn` with others."""

    def __init__(
        self, client: Client, exchange: Exchange, rooms: Mapping[str, Room], read: Read, turn: asyncio.Lock
    ) -> None:
        self._client = client
        self._exchange = exchange
        self._rooms = rooms
        self._read = read
        self._turn = turn
        self._behind = False

    def needed(self) -> None:
        """The homeserver was away."""
        self._behind = True

    async def step(self) -> bool:
        """Look through all rooms, if need be."""
        if self._behind:
            for room in list(self._rooms):
                await self._catch_up(room)
            self._behind = False
        return False

    @staticmethod
    def patience() -> float:
        """Seconds."""
        return SELDOM

    async def _catch_up(self, room: str) -> None:
        """Take what stands in the room and wasn't told, oldest first."""
        async with self._turn:
            missed = await self._missed(room)
            for heard in reversed(missed):
                await self._exchange.take(heard)
        if missed:
            log.info("caught-up", extra={"events": len(missed)})

    async def _missed(self, room: str) -> Sequence[Heard]:
        """Newest first. It is of the last seconds before the homeserver ended: a page without any ends the search."""
        missed: list[Heard] = []
        before = ""
        while True:
            events, before = await self._client.page(room, before)
            found = [heard for event in events if (heard := self._read({**event, "room_id": room})) is not None]
            unknown = await self._exchange.unknown([heard.id for heard in found])
            missed += [heard for heard in found if heard.id in unknown]
            if not unknown or not before:
                return missed
