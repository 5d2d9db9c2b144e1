"""Who may enter a room is in its Matrix room, from the moment of the right and without being asked; nobody else is."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from connectors.matrix.bridge.beat import PATIENCE
from connectors.matrix.bridge.client import AwayError, MatrixError
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from connectors.matrix.bridge.client import Client
    from groupware.matrix.exchange import Exchange
    from groupware.matrix.membership import Moment, Plan, Seat

IN_BACKGROUND, IN_A_HURRY = 3, 8
"""Requests under way together: for rights that change by the hundred, and for somebody who waits."""
A_STEP = 40
"""Officials joined before the rights are looked at again."""
PAUSE = 30.0
"""Seconds."""
log = logging.getLogger("iconet.matrix")


class Members:
    """For the rooms of one store. Putting out and letting in go on beside each other: the one never waits.

    Whom the homeserver doesn't take is tried again after PAUSE, and keeps nobody else waiting.
    """

    def __init__(self, client: Client, exchange: Exchange) -> None:
        self._client = client
        self._exchange = exchange
        self._put_out_at: Moment | None = None
        self._let_in_at: Moment | None = None
        self._accounts: dict[int, asyncio.Lock] = {}
        self._paused: dict[Seat, float] = {}

    def look_again(self) -> None:
        """There is a new room, into which nobody was let yet."""
        self._put_out_at = self._let_in_at = None

    async def put_out(self) -> bool:
        """Remove whoever may not be there any more; False when that is nobody."""
        plan = await self._exchange.plan(self._put_out_at)
        return plan is not None and len(await self._clear(plan)) < len(plan.leave)

    async def crowded(self) -> frozenset[int]:
        """The rooms where nothing may be said now: somebody is there still who may not be, and doesn't go.

        Whoever sends asks before each message, so that it can't overtake the putting out of those who lost the right.
        """
        plan = await self._exchange.plan(self._put_out_at)
        return frozenset() if plan is None else frozenset(seat.room.id for seat in await self._clear(plan))

    async def let_in(self) -> bool:
        """Join some of those who may be there and aren't; False when that is nobody."""
        plan = await self._exchange.plan(self._let_in_at)
        if plan is None:
            return False
        for person in plan.rename:
            await self._client.call(person.login, person.name)
            await self._exchange.registered(person.official, person.name)
        seats = [seat for seat in plan.enter if self._paused.get(seat, 0.0) <= clock.monotonic()]
        self._let_in_at = plan.moment
        done = await self._enter(seats[:A_STEP], IN_BACKGROUND)
        if done != len(plan.enter):
            self._let_in_at = None
        return bool(done)

    def patience(self) -> float:
        """Seconds until a date passes by which a right begins or ends."""
        known = self._put_out_at
        ahead = PATIENCE if known is None else (known.until - clock.now()) / clock.MICROSECONDS
        return min(PATIENCE, max(ahead, 0.0))

    async def welcome(self, login: str) -> None:
        """They are in all of their rooms when this returns."""
        await self._enter(await self._exchange.seats(login), IN_A_HURRY)

    async def _clear(self, plan: Plan) -> set[Seat]:
        """Put them out; those who are there still."""
        stay = set(plan.leave) - set(await self._leave(plan.leave))
        self._put_out_at = None if stay else plan.moment
        return stay

    async def _enter(self, seats: Sequence[Seat], together: int) -> int:
        """Have them join, and say how many did; who may not any more stays out."""
        if not seats:
            return 0
        entered = await self._each(self._join, await self._exchange.entering(seats), together)
        if entered:
            await self._leave(await self._exchange.entered(entered))
        return len(entered)

    async def _leave(self, seats: Sequence[Seat]) -> Sequence[Seat]:
        """Put them out, and say who went; who got the right again meanwhile is let in again."""
        gone = await self._each(self._kick, seats, IN_A_HURRY)
        if gone:
            await self._exchange.left(gone)
            self._let_in_at = None
        return gone

    async def _each(
        self, act: Callable[[Seat], Awaitable[None]], seats: Sequence[Seat], together: int
    ) -> Sequence[Seat]:
        """Those with whom it went well. Raises AwayError when the homeserver isn't there."""
        few = asyncio.Semaphore(together)

        async def one(seat: Seat) -> None:
            async with few:
                await act(seat)

        outcomes = await asyncio.gather(*map(one, seats), return_exceptions=True)
        found = list(zip(seats, outcomes, strict=True))
        for seat, outcome in found:
            self._note(seat, outcome)
        done = [seat for seat, outcome in found if outcome is None]
        away = next((outcome for outcome in outcomes if isinstance(outcome, AwayError)), None)
        if away is not None and not done:
            raise away
        return done

    def _note(self, seat: Seat, outcome: BaseException | None) -> None:
        if outcome is None:
            self._paused.pop(seat, None)
        elif not isinstance(outcome, AwayError):
            log.error(
                "membership-not-changed", extra={"official": seat.official, "room": seat.room.code}, exc_info=outcome
            )
            self._paused[seat] = clock.monotonic() + PAUSE

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
