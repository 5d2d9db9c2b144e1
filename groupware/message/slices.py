"""Looking through a large message a slice at a time: one long call would hold the interpreter lock to its end."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE = 256 * 1024
"""Octets looked at in one call: two milliseconds in the worst case."""

_A_MOMENT = 0.00002


def spans(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """`start` to `stop` as slices, one behind the other, with a moment for other threads in between.

    A thread that wants the interpreter lock gets it at once in that moment, and else after 5 ms each time.
    """
    for at in range(start, stop, SLICE):
        if at > start:
            pause()
        yield at, min(at + SLICE, stop)


def pause() -> None:
    """A moment in which another thread gets the interpreter lock, if there is one: in a child process there is none."""
    if threading.active_count() > 1:
        time.sleep(_A_MOMENT)


def count(raw: bytes, octet: bytes, start: int, stop: int) -> int:
    """How often a single octet occurs."""
    return sum(raw.count(octet, *span) for span in spans(start, stop))


def find(raw: bytes, mark: bytes, start: int, stop: int) -> int:
    """As `bytes.find`."""
    if stop - start <= SLICE:
        return raw.find(mark, start, stop)
    for at, end in spans(start, stop):
        found = raw.find(mark, at, min(end + len(mark) - 1, stop))
        if found >= 0:
            return found
    return -1
