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

IN_BACKGROUND, IN_A_HURRY = 3, 8
"""Requests under way together: for rights that change by the hundred, and for somebody who waits."""
A_STEP = 40
"""Officials joined before the rights are looked at again."""


class Members:
    """For the rooms of one store. Putting out and letting in go on beside each other: the one never waits."""

    def __init__(self, client: Client, exchange: Exchange) -> None:
        self._client = client
        self._exchange = exchange
        self._put_out_at: Moment | None = None
        self._let_in_at: Moment | None = None
        self._accounts: dict[int, asyncio.Lock] = {}

    async def put_out(self) -> bool:
        """Remove whoever may not be there any more; False when that is nobody."""
        plan = await self._exchange.plan(self._put_out_at)
        if plan is None:
            return False
        await _each(self._kick, plan.leave, IN_A_HURRY)
        if plan.leave:
            await self._exchange.left(plan.leave)
        self._put_out_at = plan.moment
        return bool(plan.leave)

    async def let_in(self) -> bool:
        """Join some of those who may be there and aren't; False when that is nobody."""
        plan = await self._exchange.plan(self._let_in_at)
        if plan is None:
            return False
        await self._enter(plan.enter[:A_STEP], IN_BACKGROUND)
        self._let_in_at = plan.moment if len(plan.enter) <= A_STEP else None
        return bool(plan.enter)

    def patience(self) -> float:
        """Seconds until a date passes by which a right begins or ends."""
        known = self._put_out_at
        ahead = PATIENCE if known is None else (known.until - clock.now()) / clock.MICROSECONDS
        return min(PATIENCE, max(ahead, 0.0))

    async def welcome(self, login: str) -> None:
        """They are in all of their rooms when this returns."""
        await self._enter(await self._exchange.seats(login), IN_A_HURRY)

    async def _enter(self, seats: Sequence[Seat], together: int) -> None:
        """Have them join; who may not any more stays out."""
        if seats:
            entering = await self._exchange.entering(seats)
            await _each(self._join, entering, together)
            await self._exchange.entered(entering)

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

    async def _kick(self, seat: Seat) -> None:
        try:
            await self._client.kick(seat.room.matrix, seat.login)
        except MatrixError as error:
            if error.code not in ("M_FORBIDDEN", "M_BAD_STATE"):  # they aren't there
                raise


async def _each(act: Callable[[Seat], Awaitable[None]], seats: Sequence[Seat], together: int) -> None:
    few = asyncio.Semaphore(together)

    async def one(seat: Seat) -> None:
        async with few:
            await act(seat)

    async with asyncio.TaskGroup() as tasks:
        for seat in seats:
            tasks.create_task(one(seat))
