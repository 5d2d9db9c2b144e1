"""What every store promises, whatever database lies under it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from groupware import clock
from groupware.errors import StoreFailed
from groupware.sealing.seals import OFF
from groupware.store.reads import Reads
from groupware.store.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Select

    from groupware.sealing.seals import Seals
    from groupware.store.tx import Query, Seen, UseCase

T = TypeVar("T")
SLOWEST_HINT = 1.0
CROWD, CROWDED_WITHIN = 32, 0.1
"""So many use cases within so many seconds are a crowd."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a commit may hold, how many may wait, how long a read may take; times in seconds."""

    batch_seconds: float = 0.005
    batch_count: int = 256
    breath_seconds: float = 0.001
    waiting: int = 10_000
    read_seconds: float = 10.0
    survey_seconds: float = 3600.0
    readers: int = 4
    writers: int = 8


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a store is opened with: its limits, its clock, its keys, and whom to tell when it stops for good."""

    limits: Limits = Limits()
    now: Callable[[], int] = clock.now
    on_fatal: Callable[[StoreFailed], object] | None = None
    seals: Seals = OFF


class Glance(NamedTuple):
    """The first row that a statement found, or None, and the time at which."""

    row: Any
    now: int


class Store(ABC):
    """Runs use cases durably and queries on snapshots, for one event loop."""

    directory: Path
    """Where large contents are kept, and on SQLite the database too."""

    def __init__(self, directory: Path, conditions: Conditions) -> None:
        self.directory = directory
        self._asked: deque[float] = deque(maxlen=CROWD)
        self._conditions = conditions
        self.seals = conditions.seals
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._listeners: dict[Callable[[], object], None] = {}
        self._stopped: StoreFailed | None = None
        self._record = Recorder().write
        self._reads = Reads(self.run)

    @abstractmethod
    async def run(self, use_case: UseCase[T]) -> T:
        """Run it whole in one transaction; it is on disk when this returns.

        An exception of the use case undoes its work and comes back unchanged. NotCommitted: nothing may be promised;
        Overloaded: it was never begun. A cancelled caller does not know whether it happened.
        """

    async def read(self, query: Query[T], *, survey: bool = False) -> T:
        """Run a query on a snapshot that holds every use case acknowledged so far; Busy if it takes too long.

        A `survey` of a whole store may take much longer, and meanwhile SQLite's log on disk only grows. What goes on
        record of it is there when this returns.
        """
        seen = await self._see(query, survey=survey)
        if seen.acts:
            await self._reads.put_on_record(seen.acts)
        return seen.told()

    @abstractmethod
    async def _see(self, query: Query[T], *, survey: bool) -> Seen[T]:
        """Run a query on a snapshot."""

    async def glance(self, statement: Select[Any]) -> Glance:
        """What one statement at module level, without values, finds now: at once where a thread's turn costs more."""
        return await self.read(lambda snapshot: Glance(snapshot.first(statement, {}), snapshot.now))

    def at_once(self, _statement: Select[Any]) -> Glance | None:
        """A glance without waiting; None where there is none to be had so."""
        return None

    @abstractmethod
    async def scour(self) -> int:
        """Write the database anew, so that nothing of what was deleted is left in its files; free pages after that.

        Some seconds a gigabyte, in which nothing else is written. Raises NotCommitted: something is left.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let the waiting use cases end, then let go of the database."""

    def listen(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have `callback` called in the loop soon after each commit that recorded events; returns how to stop that."""
        self._listeners[callback] = None
        return partial(self._forget, callback)

    def next_hint(self) -> asyncio.Event:
        """The event to wait on. Take it before looking at the log, so that no hint falls in between."""
        return self._news

    @abstractmethod
    async def fold(self) -> None:
        """Have nothing of what was overwritten stay in a log on disk, as far as nobody reads meanwhile."""

    @property
    def crowded(self) -> bool:
        """Whether so many use cases come in that whoever can wait gives way to them."""
        return len(self._asked) == CROWD and clock.monotonic() - self._asked[0] < CROWDED_WITHIN

    def _forget(self, callback: Callable[[], object]) -> None:
        self._listeners.pop(callback, None)

    def _hint(self) -> None:
        """Wake followers and listeners: something was recorded, perhaps."""
        news, self._news = self._news, asyncio.Event()
        news.set()
        for callback in tuple(self._listeners):
            try:
                callback()
            except Exception as error:  # noqa: BLE001 -- one listener's mistake is not the others' loss
                logger.error("listener failed: %s: %s", type(error).__name__, error)  # noqa: TRY400 -- one line

    def _in_loop(self, call: Callable[[], object]) -> None:
        """Have the loop do it; nothing if the loop has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call)

    def _stop(self, failure: StoreFailed) -> None:
        """Refuse all work from now on, and say so once. May be called from any thread."""
        if self._stopped is None:
            self._stopped = failure
            logger.critical("store stopped: %s", failure)
            if self._conditions.on_fatal is not None:
                self._in_loop(partial(self._conditions.on_fatal, failure))

    def _check(self) -> None:
        if self._stopped is not None:
            raise StoreFailed(str(self._stopped))


async def hinted(hint: asyncio.Event, patience: float = SLOWEST_HINT) -> None:
    """Wait for a hint, but never longer than `patience` seconds: a hint may be lost, the log is not."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await hint.wait()
