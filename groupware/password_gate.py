"""The only place where passwords are hashed: few threads, a short queue, and order in it.

A check holds 64 MiB and 150 ms of a core, so `THREADS` run and `WAITING` wait; one more, and the least deserving of
the waiting is told Busy. Who goes first is what keeps the door open in a flood. First come attempts whose keys (name,
network) have few failures behind them. Then those with a better `place`: from a browser or a network that this name
came in from before, and after them from networks with the fewest wrong passwords for it. Then those of whose name and
network few others wait, since failures are known only after a check, and a flood has most of its checks still before
it. Among equals without failures the newest goes first, because whoever has waited longest has most likely given up;
among the attempts at a name that is being guessed the lot decides, for there the newest is most likely a guess.

A key without free failures has one check at a time, and after a wrong one none for `PAUSE` seconds. That, and not
the delay of the answers, is what limits guessing: a right answer is never held back, so a guesser would see it at once
and ignore the rest. Keys that begin with `UNHURRIED` have one check at a time and no pause. `groupware.standing` says
which keys an attempt has, and what that costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from directory import passwords
from groupware import clock
from groupware.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 2
WAITING = 64
PAUSE = 1.0
UNHURRIED = "fresh:"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an attempt before its check.

    `keys` is what it counts for, `throttled` those of them that it has to wait for; a smaller `place` is better.
    `region` is the wider network that it comes from: nothing counts for that, but of many from one few go first.
    """

    keys: tuple[str, ...] = ()
    throttled: frozenset[str] = frozenset()
    place: int = 0
    region: str = ""

    @property
    def crowds(self) -> tuple[str, ...]:
        """What others who wait may have in common with it."""
        return (*self.keys, self.region)


_ANYBODY = Standing()


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[], Any]
    standing: Standing
    arrived: int
    lot: int = field(default_factory=lambda: secrets.randbits(32))
    future: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def throttled(self) -> frozenset[str]:
        """The keys that it has to wait for."""
        return self.standing.throttled

    def rank(self, crowd: Counter[str]) -> tuple[int, int, int, int]:
        """Smallest first: few throttled keys, a good place, a small crowd, and then new, or lucky."""
        last = self.lot if self.throttled else -self.arrived
        return len(self.throttled), self.standing.place, sum(crowd[each] for each in self.standing.crowds), last


class PasswordGate:
    """For one event loop."""

    def __init__(self, threads: int = THREADS, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, "argon2")
        self._idle = threads
        self._most = waiting
        self._waiting: list[_Job] = []
        self._held: dict[str, float] = {}
        self._numbers = count()
        self._alarm: asyncio.TimerHandle | None = None
        self._closed = False

    async def matches(self, kept: str, secret: str, standing: Standing = _ANYBODY) -> bool:
        """Whether `secret` is the password behind the hash `kept`; Busy when too many ask."""
        return bool(await self._queued(partial(passwords.matches, kept, secret), standing))

    async def hashed(self, secret: str) -> str:
        """The hash to keep of a new password; Busy when too many ask."""
        return str(await self._queued(partial(passwords.hashed, secret)))

    def close(self) -> None:
        """Answer Busy to all that wait and let the threads end after the check they are at."""
        self._closed = True
        for job in self._waiting:
            _turn_away(job)
        self._waiting.clear()
        self._set_alarm(clock.monotonic())
        self._pool.shutdown(wait=False)

    async def _queued(self, work: Callable[[], Any], standing: Standing = _ANYBODY) -> object:
        if self._closed:
            raise Busy("closing")
        job = _Job(work, standing, next(self._numbers))
        self._waiting.append(job)
        self._begin()
        if len(self._waiting) > self._most:
            last = self._in_order()[-1]
            self._waiting.remove(last)
            _turn_away(last)
        return await job.future

    def _begin(self) -> None:
        """Give idle threads the best jobs that may run now; come back when a held key lets one go."""
        now = clock.monotonic()
        self._held = {key: until for key, until in self._held.items() if until > now}
        self._waiting = [job for job in self._waiting if not job.future.done()]
        for job in self._in_order():
            if self._idle and not job.throttled & self._held.keys():
                self._start(job)
        self._set_alarm(now)

    def _in_order(self) -> list[_Job]:
        crowd = Counter(each for job in self._waiting for each in job.standing.crowds)
        return sorted(self._waiting, key=lambda job: job.rank(crowd))

    def _start(self, job: _Job) -> None:
        self._idle -= 1
        self._waiting.remove(job)
        self._held |= dict.fromkeys(job.throttled, float("inf"))
        loop = asyncio.get_running_loop()
        running = self._pool.submit(job.work)
        running.add_done_callback(lambda done: _tell(loop, partial(self._finish, job, done)))

    def _finish(self, job: _Job, done: Future[Any]) -> None:
        self._idle += 1
        wrong = done.exception() is not None or done.result() is False
        now = clock.monotonic()
        for key in job.throttled:
            self._held[key] = now + (PAUSE if wrong and not key.startswith(UNHURRIED) else 0.0)
        if not job.future.done():
            _settle(job.future, done)
        self._begin()

    def _set_alarm(self, now: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        until = min(self._held.values(), default=float("inf"))
        if self._waiting and self._idle and until < float("inf"):
            self._alarm = asyncio.get_running_loop().call_later(until - now, self._begin)


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Have the loop do it; nothing if it ended while a thread was still hashing."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call)


def _turn_away(job: _Job) -> None:
    if not job.future.done():
        job.future.set_exception(Busy("too many passwords to check"))


def _settle(future: asyncio.Future[Any], done: Future[Any]) -> None:
    error = done.exception()
    if error is None:
        future.set_result(done.result())
    else:
        future.set_exception(error)
