"""Whom and what a program names: officials by login, rooms, areas and bodies by code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.errors import Forbidden, NotFound, Refused

if TYPE_CHECKING:
    from connectors.web.api.call import Call
    from policies.vocabulary import Access, Role

NOWHERE = 0
"""The id of what there isn't: whether it is missing is told to nobody but who may act at all."""


async def in_path(call: Call) -> int:
    """The official of the path. Raises NotFound."""
    return (await call.groupware.duties.official(call.caller, call.path["login"])).id


async def official(call: Call, login: str) -> int:
    """An official named in a body. Raises Refused(no-such-official), the same for who may not be seen."""
    try:
        return (await call.groupware.duties.official(call.caller, login)).id
    except (NotFound, Forbidden) as error:
        raise Refused("no-such-official", "nobody with this login is to be found") from error


async def scope(call: Call, holder: int, role: Role | Access, name: str) -> int:
    """What a role is to be held for, or NOWHERE."""
    try:
        return await call.groupware.duties.scope(call.caller, holder, role, name)
    except (Refused, NotFound):
        return NOWHERE


async def area(call: Call, code: str) -> int:
    """An area, or NOWHERE."""
    return await call.groupware.duties.area(call.caller, code)


async def body(call: Call, code: str) -> int:
    """A body, or NOWHERE."""
    return await call.groupware.duties.body(code)
