"""Work that goes on beside the doors: a step at once when there is news, and again when the homeserver is back."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.matrix.bridge.client import AwayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from groupware.service import Groupware

PATIENCE = 1.0
"""Seconds; news may get lost, what is in the store doesn't."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
log = logging.getLogger("iconet.matrix")


class Beat:
    """One such work, `name`d in the log. `step` says whether it did anything; what it raises is told and tried again.

    `patience` says how many seconds a step may be late that nobody calls for.
    """

    def __init__(
        self, groupware: Groupware, name: str, step: Callable[[], Awaitable[bool]], patience: Callable[[], float]
    ) -> None:
        self._groupware = groupware
        self._name = name
        self._step = step
        self._patience = patience
        self._news = asyncio.Event()
        self._back = asyncio.Event()

    def call(self) -> None:
        """There may be something to do."""
        self._news.set()

    def returned(self) -> None:
        """The homeserver is back: pauses end."""
        self._back.set()
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        silence = self._groupware.store.listen(self.call)
        try:
            await self._go_on()
        finally:
            silence()

    async def _go_on(self) -> None:
        pause = FIRST_PAUSE
        while True:
            self._news.clear()
            self._back.clear()
            try:
                acted = await self._step()
            except Exception as error:  # noqa: BLE001 -- whatever it was, the next step may go well
                self._tell(error)
                await _rung(self._back, pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                pause = FIRST_PAUSE
                if not acted:
                    await _rung(self._news, self._patience())

    def _tell(self, error: Exception) -> None:
        if isinstance(error, AwayError):
            log.info("homeserver-away", extra={"work": self._name})
        else:
            log.error("step-failed", extra={"work": self._name}, exc_info=error)


async def _rung(bell: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await bell.wait()
