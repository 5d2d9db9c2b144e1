"""Who may enter a room is in its Matrix room, from the moment of the right and without being asked; nobody else is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.matrix.bridge.beat import PATIENCE
from connectors.matrix.bridge.client import MatrixError
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from connectors.matrix.bridge.client import Client
    from groupware.matrix.exchange import Exchange
    from groupware.matrix.membership import Moment, Seat

AT_ONCE = 8
"""Requests under way together."""
A_STEP = 40
"""Officials joined before the rights are looked at again: putting somebody out doesn't wait for thousands to enter."""


class Members:
    """For the rooms of one store."""

    def __init__(self, client: Client, exchange: Exchange) -> None:
        self._client = client
        self._exchange = exchange
        self._known: Moment | None = None
        self._few = asyncio.Semaphore(AT_ONCE)
        self._accounts: dict[int, asyncio.Lock] = {}

    async def step(self) -> bool:
        """Do what the rights ask for now; False when that is nothing."""
        plan = await self._exchange.plan(self._known)
        if plan is None:
            return False
        await self._each(self._put_out, plan.leave)
        await self._exchange.left(plan.leave) if plan.leave else None
        await self.enter(plan.enter[:A_STEP])
        self._known = plan.moment if len(plan.enter) <= A_STEP else None
        return bool(plan.leave or plan.enter)

    def patience(self) -> float:
        """Seconds until a date passes by which a right begins or ends."""
        ahead = PATIENCE if self._known is None else (self._known.until - clock.now()) / clock.MICROSECONDS
        return min(PATIENCE, max(ahead, 0.0))

    async def welcome(self, login: str) -> None:
        """They are in all of their rooms when this returns."""
        await self.enter(await self._exchange.seats(login))

    async def enter(self, seats: Sequence[Seat]) -> None:
        """Have them join; who may not any more stays out."""
        if seats:
            entering = await self._exchange.entering(seats)
            await self._each(self._join, entering)
            await self._exchange.entered(entering)

    async def _each(self, act: Callable[[Seat], Awaitable[None]], seats: Sequence[Seat]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for seat in seats:
                tasks.create_task(self._one(act, seat))

    async def _one(self, act: Callable[[Seat], Awaitable[None]], seat: Seat) -> None:
        async with self._few:
            await act(seat)

    async def _join(self, seat: Seat) -> None:
        if seat.registered != seat.name:
            await self._account(seat)
        try:
            await self._client.invite(seat.room.matrix, seat.login)
        except MatrixError as error:
            if error.code != "M_FORBIDDEN":  # they are there already, or invited
                raise
        await self._client.join(seat.room.matrix, seat.login)

    async def _account(self, seat: Seat) -> None:
        """An account with the directory's name; once, though somebody enters many rooms together."""
        async with self._accounts.setdefault(seat.official, asyncio.Lock()):
            await self._client.register(seat.login)
            await self._client.call(seat.login, seat.name)
            await self._exchange.registered(seat.official, seat.name)
        self._accounts.pop(seat.official, None)

    async def _put_out(self, seat: Seat) -> None:
        try:
            await self._client.kick(seat.room.matrix, seat.login)
        except MatrixError as error:
            if error.code not in ("M_FORBIDDEN", "M_BAD_STATE"):  # they aren't there
                raise
