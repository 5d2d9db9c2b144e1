"""Other processes that serve the same directory: asked over their control sockets what their doors say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connectors.control import NoServer, ask_one, others
from connectors.fault import Fault
from groupware.duties.closings import PATIENCE, SILENT, Closing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from connectors.house import House
    from groupware.duties.closings import Elsewhere, Gone

MARGIN = 2.0
"""Seconds in which an answer must be here after the other side's own patience ended."""


def closings_of(house: House) -> Elsewhere:
    """What the doors of the other processes say of somebody who left; one that is gone has nothing open."""

    async def ask(gone: Gone) -> Sequence[Closing]:
        paths = others(house.settings.data, house.part)
        return [each for found in await asyncio.gather(*(_ask(path, gone) for path in paths)) for each in found]

    return ask


async def _ask(path: Path, gone: Gone) -> Sequence[Closing]:
    arguments = {"official": gone.official, "login": gone.login, "at": gone.at}
    try:
        async with asyncio.timeout(PATIENCE + MARGIN):
            return [Closing(**row) async for row in ask_one(path, "closings", arguments)]
    except NoServer:
        return []
    except (Fault, TimeoutError):
        return [Closing(path.stem, 0, SILENT)]
