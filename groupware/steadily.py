"""Work that goes on for as long as the process does: a mistake costs a pause and a line in the log, never the work.

It gives way: while use cases crowd in, it rests between its steps.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from groupware.store import hinted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from groupware.store import Store

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 30.0
REST = 0.05
logger = logging.getLogger(__name__)


async def steadily(store: Store, name: str, step: Callable[[], Awaitable[object]]) -> None:
    """Take steps until cancelled: another at once after one that did something, else when the store has news.

    A lone event is acted on at once; under load, what came meanwhile is taken together after a rest.
    After a failure it waits, longer each time up to LONGEST_PAUSE seconds, and tries the same step again. A failure is
    told once, until it is another one, or a step went well.
    """
    pause, told = FIRST_PAUSE, ""
    while True:
        hint = store.next_hint()
        try:
            acted = await step()
        except Exception as error:  # noqa: BLE001 -- whatever it was, the next step may go well
            why = f"{type(error).__name__}: {error}"
            if why != told:
                logger.error("%s failed: %s", name, why)  # noqa: TRY400 -- one line
            told = why
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        else:
            if told:
                logger.info("%s goes on", name)
            pause, told = FIRST_PAUSE, ""
            if store.crowded:
                await asyncio.sleep(REST)
            if not acted:
                await hinted(hint)
