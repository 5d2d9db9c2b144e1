"""How long a reader may hold a snapshot of SQLite."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from groupware.errors import Busy

if TYPE_CHECKING:
    import asyncio
    import sqlite3
    from collections.abc import Iterator

AGAIN = 1.0


class Patience:
    """Interrupts one read from the loop when its time is over, queueing included, and again until it has ended.

    A progress handler would need the interpreter lock each few microseconds; this costs one timer a read.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self.over = False
        self._loop = loop
        self._lock = threading.Lock()
        self._raw: sqlite3.Connection | None = None
        self._timer = loop.call_later(seconds, self.end)

    def end(self) -> None:
        """Stop the read now, or before it begins. In the loop."""
        self._timer.cancel()
        with self._lock:
            self.over = True
            if self._raw is not None:
                self._raw.interrupt()
                self._timer = self._loop.call_later(AGAIN, self.end)

    def lift(self) -> None:
        """The read has ended. In the loop."""
        self._timer.cancel()

    @contextmanager
    def with_(self, raw: sqlite3.Connection) -> Iterator[None]:
        """Let statements on `raw` be interrupted for as long as the block runs. In the reader's thread."""
        with self._lock:
            if self.over:
                raise Busy("a read waited too long")
            self._raw = raw
        try:
            yield
        finally:
            with self._lock:
                self._raw = None
