"""One request on its way through Radicale: who asks for what, and the bridge to the event loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from connectors.web.dav.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from groupware.caller import Caller
    from groupware.service import Groupware

T = TypeVar("T")
PATIENCE = 30.0
"""Seconds that a thread waits for an answer of the groupware."""


@dataclass(slots=True)
class Visit:
    """Made for one request, and used by one thread. `fault` is what went wrong inside of Radicale."""

    groupware: Groupware
    caller: Caller
    loop: asyncio.AbstractEventLoop
    asked: Asked = field(default_factory=Asked)
    truncated: bool = False
    fault: Exception | None = None

    def wait(self, work: Coroutine[object, object, T]) -> T:
        """Have the loop do it, and wait in this thread. TimeoutError if that takes too long."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)
