"""What the commands about bodies and their units ask; the operator acts, and is put on record as such."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.fault import Fault, told
from groupware.people.leave import OPERATOR
from groupware.people.units import UnitEntry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from connectors.control import Answer, Row
    from connectors.house import House
    from groupware.people.units import Branch

FIELDS = ("name", "parent", "address", "phone")


async def _body_ls(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for line in await house.groupware.bodies.governed(None):
        fields = ("code", "name", "kind", "authority", "suspended", "units", "people", "attended")
        yield {name: getattr(line, name) for name in fields}


async def _body_add(house: House, arguments: Row) -> AsyncIterator[Row]:
    code, *others = (arguments[name] for name in ("code", "name", "kind", "authority"))
    with told():
        await house.groupware.bodies.add(None, code, *others)
    yield {"code": code.upper()}


async def _body_change(house: House, arguments: Row) -> AsyncIterator[Row]:
    """What isn't named stays; "-" as authority is nobody."""
    code, name, authority = (arguments[each] for each in ("code", "name", "authority"))
    with told():
        if name is not None:
            await house.groupware.bodies.rename(None, code, name)
        if authority is not None:
            await house.groupware.bodies.put_under(code, authority.removeprefix("-"))
    yield {"code": code.upper()}


async def _body_suspend(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told():
        await house.groupware.bodies.suspend(None, arguments["code"])
    yield {"code": arguments["code"].upper()}


async def _body_resume(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told():
        await house.groupware.bodies.resume(None, arguments["code"])
    yield {"code": arguments["code"].upper()}


async def _unit_ls(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told():
        found = await house.groupware.people.units(OPERATOR, arguments["body"])
    for each in found:
        yield {"code": each.unit.code, "parent": each.parent, "name": each.unit.name, "people": each.people}


async def _unit_add(house: House, arguments: Row) -> AsyncIterator[Row]:
    entry = _written(UnitEntry(""), arguments)
    with told():
        await house.groupware.people.add_unit(OPERATOR, arguments["body"], arguments["code"], entry)
    yield {"code": arguments["code"]}


async def _unit_change(house: House, arguments: Row) -> AsyncIterator[Row]:
    """What isn't named stays."""
    branch = await _branch(house, arguments)
    unit = branch.unit
    entry = _written(UnitEntry(unit.name, branch.parent, unit.address, unit.phone), arguments)
    with told():
        await house.groupware.people.change_unit(OPERATOR, unit.id, entry, unit.version)
    yield {"code": unit.code}


async def _unit_close(house: House, arguments: Row) -> AsyncIterator[Row]:
    unit, into = (await _branch(house, arguments)).unit, arguments["into"]
    with told():
        await house.groupware.people.close_unit(OPERATOR, unit.id, unit.version, into)
    yield {"code": unit.code}


def _written(before: UnitEntry, arguments: Row) -> UnitEntry:
    return replace(before, **{name: arguments[name] for name in FIELDS if arguments.get(name) is not None})


async def _branch(house: House, arguments: Row) -> Branch:
    """The unit of the body that the command names. Raises Fault."""
    body, code = arguments["body"], arguments["code"]
    with told():
        found = await house.groupware.people.units(OPERATOR, body)
    branch = next((each for each in found if each.unit.code == code), None)
    if branch is None:
        raise Fault(f"{body} has no unit {code!a}")
    return branch


QUESTIONS: Mapping[str, Answer] = {
    "body-ls": _body_ls,
    "body-add": _body_add,
    "body-change": _body_change,
    "body-suspend": _body_suspend,
    "body-resume": _body_resume,
    "unit-ls": _unit_ls,
    "unit-add": _unit_add,
    "unit-change": _unit_change,
    "unit-close": _unit_close,
}
"""As connectors.questions'."""
