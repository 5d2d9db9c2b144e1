"""A few threads for work that blocks, with a bound on how much of it may wait."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from groupware.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
THREADS = 4
WAITING = 60


class Workers:
    """Threads are made when they are first needed."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "web")
        self._under_way = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Do it in a thread. Overloaded if too much waits already."""
        if self._under_way >= THREADS + WAITING:
            raise Overloaded("web threads")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1

    def close(self) -> None:
        """Begin nothing more; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)
