"""What commands ask of the store, and who answers: the running server, else this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.control import NoServer, ask_server, chosen
from connectors.fault import Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from connectors.control import Answer, Row
    from connectors.settings import Settings

QUESTIONS: dict[str, Answer] = {}
"""`check`, `store-ls` and `why`: each answer is a generator of rows over groupware's functions."""


async def ask(
    settings: Settings, question: str, arguments: Row, answers: Mapping[str, Answer] = QUESTIONS
) -> AsyncIterator[Row]:
    """The rows of the answer, from the server on `settings.data` if one runs. Raises Fault."""
    if not settings.lock.is_file():
        raise Fault(f"{settings.data}: no ICONet has run here")
    try:
        async for row in ask_server(settings.data, question, arguments):
            yield row
    except NoServer:
        from connectors.house import opened  # noqa: PLC0415 - a second of loading, needed only when no server runs

        answer = chosen(answers, question)
        async with opened(settings) as house:
            async for row in answer(house, arguments):
                yield row
