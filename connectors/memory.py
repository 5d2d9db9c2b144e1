"""How this process gives memory back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
LARGE = 1 << 20
"""Octets from which on a block is the system's own and goes back to it when it is freed."""
ARENAS = 2


def give_back() -> None:
    """Tell glibc (mallopt(3)), where there is one, once at the start.

    By itself it raises the limit to the largest block that was ever freed, so that after one message of 25 MiB all
    such blocks come from heaps that only shrink from their ends; and it keeps a heap for each few threads.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, LARGE)
        mallopt(_M_TRIM_THRESHOLD, LARGE)
        mallopt(_M_ARENA_MAX, ARENAS)
