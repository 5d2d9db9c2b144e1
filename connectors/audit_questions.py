"""What commands ask about the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.fault import Fault
from groupware.audit.note import BadNoteError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connectors.control import Answer, Row
    from connectors.house import House


async def _verify(house: House, arguments: Row) -> AsyncIterator[Row]:
    try:
        found = await house.groupware.audit.verify(arguments["checkpoints"])
    except BadNoteError as error:
        raise Fault(f"a checkpoint: {error}") from error
    for each in found.wrong:
        yield {"record": each.record, "why": each.why}
    yield {"sealed": found.sealed, "waiting": found.waiting}


async def _key(house: House, _arguments: Row) -> AsyncIterator[Row]:
    yield {"key": house.groupware.audit.key}


AUDIT: dict[str, Answer] = {"audit-verify": _verify, "audit-key": _key}
