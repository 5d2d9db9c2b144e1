"""What went on record within the hour isn't told again: a client that tries again and again is one happening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Hashable

AGAIN = 3600.0
"""Seconds after which the same is told anew."""
MOST = 100_000


class Told:
    """What was told lately, in memory: the last `MOST` things, and after a start nothing."""

    def __init__(self) -> None:
        self._at: dict[Hashable, float] = {}

    def is_new(self, what: Hashable) -> bool:
        """Whether it is to be told now; from here on it counts as told."""
        now = clock.monotonic()
        if now - self._at.get(what, -AGAIN) < AGAIN:
            return False
        self._at.pop(what, None)
        if len(self._at) >= MOST:
            del self._at[next(iter(self._at))]
        self._at[what] = now
        return True
