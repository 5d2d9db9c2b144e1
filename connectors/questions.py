"""What commands ask of the store, and who answers: the running server, else this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.control import NoServer, ask_server, chosen
from connectors.fault import Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from connectors.control import Answer, Row
    from connectors.settings import Settings

NEVER = "no ICONet has run here; say where with --data DIR or --config FILE"


async def ask(
    settings: Settings, question: str, arguments: Row, answers: Mapping[str, Answer] | None = None
) -> AsyncIterator[Row]:
    """The rows of the answer, from the server on `settings.data` if one runs, else by `answers`. Raises Fault."""
    if not settings.served:
        raise Fault(f"{settings.data}: {NEVER}")
    try:
        async for row in ask_server(settings.data, question, arguments):
            yield row
    except NoServer:
        from connectors.answers import QUESTIONS  # noqa: PLC0415 - a second of loading, needed where no server runs
        from connectors.house import opened  # noqa: PLC0415 - as above

        answer = chosen(QUESTIONS if answers is None else answers, question)
        async with opened(settings) as house:
            async for row in answer(house, arguments):
                yield row
