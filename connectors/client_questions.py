"""What `iconet client` asks: the operator's acts on programs at which officials sign in through ICONet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.fault import Fault
from groupware.errors import Conflict, NotFound, Refused
from groupware.provider.clients import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connectors.control import Answer, Row
    from connectors.house import House

LISTS = ("redirects", "returns", "bodies", "areas")
TOLD = ("name", "title", *LISTS, "back_channel", "algorithm", "first_party", "refreshes", "introspects", "public")


async def _add(house: House, arguments: Row) -> AsyncIterator[Row]:
    values: dict[str, Any] = {name: tuple(value) if name in LISTS else value for name, value in arguments.items()}
    try:
        secret = await house.groupware.provider.add_client(Client(**values))
    except (Refused, Conflict) as error:
        raise Fault(f"the client isn't added: {error.text or error.rule}") from error
    yield {"client_id": arguments["name"], "client_secret": secret, "issuer": house.portal}


async def _ls(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for client in await house.groupware.provider.clients():
        yield {name: getattr(client, name) for name in TOLD}


async def _remove(house: House, arguments: Row) -> AsyncIterator[Row]:
    try:
        await house.groupware.provider.remove_client(arguments["name"])
    except NotFound as error:
        raise Fault(f"no client has the id {str(error)!a}") from error
    yield {"name": arguments["name"]}


async def _rekey(house: House, _arguments: Row) -> AsyncIterator[Row]:
    await house.groupware.provider.replace_keys()
    yield {"done": True}


CLIENTS: dict[str, Answer] = {
    "client-add": _add,
    "client-ls": _ls,
    "client-remove": _remove,
    "client-rekey": _rekey,
}
"""By name; see connectors.questions.QUESTIONS."""
