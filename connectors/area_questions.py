"""What the commands about areas and rooms ask; the operator acts, and is put on record as such."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.access_words import FOREVER, sentence
from connectors.fault import Fault, told
from groupware.areas.access import Asked
from groupware.areas.rooms import Settings, State
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from connectors.control import Answer, Row
    from connectors.house import House

SECOND = 1_000_000
_ABSENT = "there is no area, room or body called"


async def _area_ls(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for area in (await house.groupware.areas.tree(None)).areas:
        yield {"code": area.code, "name": area.name, "body": area.body, "state": area.state.value}


async def _area_add(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told(_ABSENT):
        await house.groupware.areas.found(None, arguments["code"], arguments["name"], arguments["body"])
    yield {"code": arguments["code"]}


async def _area_set(house: House, arguments: Row) -> AsyncIterator[Row]:
    """Name, state, and the units that it concerns; what isn't named stays."""
    areas, code = house.groupware.areas, arguments["code"]
    with told(_ABSENT):
        if arguments["name"] is not None:
            await areas.rename(None, code, arguments["name"])
        for given, units in ((True, arguments["concern"]), (False, arguments["unconcern"])):
            for unit in units:
                await areas.set_competence(None, code, unit, given=given)
        if arguments["state"]:
            await areas.set_area_state(None, code, State(arguments["state"]))
    yield {"code": code}


async def _room_ls(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for area in (await house.groupware.areas.tree(None)).areas:
        for room in area.rooms:
            where = {"area": area.code, "parent": room.parent, "code": room.code, "name": room.name}
            yield {**where, "state": room.state.value, "moderated": room.moderated, "unattended": room.unattended}


async def _room_add(house: House, arguments: Row) -> AsyncIterator[Row]:
    settings = _settings(Settings(arguments["name"], arguments["owner"]), arguments)
    with told(_ABSENT):
        await house.groupware.areas.open_room(
            None, arguments["area"], arguments["code"], settings, arguments.get("under") or ""
        )
    yield {"code": arguments["code"]}


async def _room_set(house: House, arguments: Row) -> AsyncIterator[Row]:
    """Settings and state; what isn't named stays."""
    areas, code = house.groupware.areas, arguments["code"]
    with told(_ABSENT):
        sheet = await areas.room(None, code)
        wanted = _settings(sheet.settings, arguments)
        if wanted != sheet.settings:
            await areas.change_room(None, code, wanted, sheet.version)
        if arguments.get("state"):
            await areas.set_state(None, code, State(arguments["state"]))
    yield {"code": code}


async def _room_access(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told(_ABSENT):
        rules = (await house.groupware.areas.room(None, arguments["code"])).rules
    for rule in rules:
        said = {"rule": rule.id, "sentence": sentence(rule), "by": rule.by, "reason": rule.reason}
        yield {**said, "ended": bool(rule.ended), "people": rule.people}


async def _room_allow(house: House, arguments: Row) -> AsyncIterator[Row]:
    since, until = _day(arguments.get("since"), 0, 0), _day(arguments.get("until"), FOREVER, 1)
    asked = Asked(arguments["right"], arguments["whom"], arguments["reason"], since, until)
    with told(_ABSENT):
        rule = await house.groupware.areas.give_access(None, arguments["code"], asked)
    yield {"rule": rule}


async def _room_end(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told(_ABSENT):
        await house.groupware.areas.end_access(None, arguments["code"], arguments["rule"])
    yield {"rule": arguments["rule"]}


QUESTIONS: Mapping[str, Answer] = {
    "area-ls": _area_ls,
    "area-add": _area_add,
    "area-set": _area_set,
    "room-ls": _room_ls,
    "room-add": _room_add,
    "room-set": _room_set,
    "room-access": _room_access,
    "room-allow": _room_allow,
    "room-end": _room_end,
}
"""As connectors.questions'."""


def _settings(now: Settings, arguments: Row) -> Settings:
    """The settings, with those that the command names."""
    named: dict[str, Any] = {
        name: arguments[name]
        for name in ("name", "owner", "topic", "handling", "retention", "patience", "second_person")
        if arguments.get(name) is not None
    }
    named |= {name: arguments[name] == "yes" for name in ("moderated", "bars_personal_data") if arguments.get(name)}
    if arguments.get("marking"):
        named["marking"] = Marking[arguments["marking"].replace("+", "_").upper()]
    return replace(now, **named)


def _day(text: str | None, without: int, later: int) -> int:
    """The beginning of a day (UTC), or of the one after it: a last day counts whole. Raises Fault."""
    if not text:
        return without
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=later)
    except (ValueError, OverflowError) as error:
        raise Fault(f"{text!a} is no day: write 2026-12-31") from error
    return int(day.timestamp()) * SECOND
