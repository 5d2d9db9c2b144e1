"""The one place where time enters."""

from __future__ import annotations

import threading
import time

MICROSECONDS = 1_000_000

_lock = threading.Lock()
_latest = [0]


def now() -> int:
    """Microseconds since 1970, UTC: what rows and decisions are dated with. Never goes back within a process."""
    with _lock:
        _latest[0] = max(_latest[0], time.time_ns() // 1000)
        return _latest[0]


def monotonic() -> float:
    """Seconds that never go back: for timeouts and for the length of a batch."""
    return time.monotonic()


def thread_cpu() -> float:
    """Seconds of CPU that the calling thread has used: how long it kept others from working, whatever they did."""
    return time.thread_time()
