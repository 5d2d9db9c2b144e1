"""The answers about tokens of identity systems, for the commands `iconet scim-token ...`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from connectors.fault import Fault
from groupware.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from connectors.control import Answer, Row
    from connectors.house import House


async def _add(house: House, arguments: Row) -> AsyncIterator[Row]:
    try:
        number, token = await house.groupware.provisioning.issue(
            arguments["body"], arguments["label"], arguments["days"]
        )
    except NotFound as error:
        raise Fault(f"there is no body {arguments['body']!a}") from error
    except Refused as error:
        raise Fault(error.text) from error
    yield {"id": number, "token": token}


async def _ls(house: House, arguments: Row) -> AsyncIterator[Row]:
    for token in await house.groupware.provisioning.tokens(arguments["body"]):
        yield asdict(token)


async def _revoke(house: House, arguments: Row) -> AsyncIterator[Row]:
    try:
        await house.groupware.provisioning.revoke(arguments["body"], arguments["id"])
    except NotFound as error:
        raise Fault(f"{arguments['body']} has no token {arguments['id']} that still works") from error
    yield {"id": arguments["id"]}


TOKENS: Mapping[str, Answer] = {"scim-token-add": _add, "scim-token-ls": _ls, "scim-token-revoke": _revoke}
