"""What commands ask about the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.fault import Fault
from groupware.audit.note import BadNoteError
from groupware.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connectors.control import Answer, Row
    from connectors.house import House


async def _verify(house: House, arguments: Row) -> AsyncIterator[Row]:
    try:
        found = await house.groupware.audit.verify(arguments["checkpoints"])
    except BadNoteError as error:
        raise Fault(f"a checkpoint: {error}") from error
    for each in (*found.wrong, *found.lost):
        yield {"record": each.record, "why": each.why}
    yield {"sealed": found.sealed, "waiting": found.waiting}


async def _key(house: House, _arguments: Row) -> AsyncIterator[Row]:
    yield {"key": house.groupware.audit.key}


async def _export(house: House, arguments: Row) -> AsyncIterator[Row]:
    async for record in house.groupware.audit.about(await _official(house, arguments["login"])):
        yield record


async def _forget(house: House, arguments: Row) -> AsyncIterator[Row]:
    official = await _official(house, arguments["login"])
    try:
        yield {"forgotten": await house.groupware.audit.forget(official)}
    except Refused as error:
        raise Fault(error.text) from error


async def _official(house: House, login: str) -> int:
    try:
        return (await house.groupware.somebody(login)).official
    except NotFound as error:
        raise Fault(f"nobody has the login {login!a}") from error


AUDIT: dict[str, Answer] = {
    "audit-verify": _verify,
    "audit-key": _key,
    "audit-export": _export,
    "audit-forget": _forget,
}
