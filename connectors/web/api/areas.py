"""Areas, run by programs: the same acts as in the portal, for a session that was made for the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.api.given import checked
from connectors.web.api.operation import (
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    VERSION,
    WRITING,
    Operation,
    line,
    one_of,
    record,
    records,
)
from groupware.areas.rooms import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.responses import Response

    from connectors.web.api.call import Call
    from groupware.areas.sheets import AreaLine, Change, RoomLine

LONGEST_CODE, LONGEST_NAME = 100, 500
"""Of what is looked at at all; the rules for codes and names are the use cases'."""


async def tree(call: Call) -> Response:
    """What the caller manages."""
    found = await call.groupware.areas.tree(call.caller)
    founds = [{"code": code, "name": name} for code, name in found.founds_for]
    return JSONResponse({"areas": [_area(each) for each in found.areas], "founds_for": founds})


async def found_area(call: Call) -> Response:
    """A new area."""
    given = checked(await call.body(), _FOUNDED)
    await call.groupware.areas.found(call.caller, given["code"], given["name"], given["body"])
    return JSONResponse({"code": given["code"]})


async def show(call: Call) -> Response:
    """One of the areas."""
    sheet = await call.groupware.areas.area(call.caller, call.path["code"])
    competent = [{"unit": each.unit, "name": each.name, "body": each.body_name} for each in sheet.competent]
    return JSONResponse({**_area(sheet.line), "competent": competent, "changes": acts(sheet.changes)})


async def rename(call: Call) -> Response:
    """Call it otherwise."""
    given = checked(await call.body(), _RENAMED)
    await call.groupware.areas.rename(call.caller, call.path["code"], given["name"], given["version"])
    return JSONResponse({"version": given["version"] + 1})


async def set_state(call: Call) -> Response:
    """Close, archive or reopen, with its rooms."""
    given = checked(await call.body(), _STATE)
    await call.groupware.areas.set_area_state(call.caller, call.path["code"], State(given["state"]), given["version"])
    return JSONResponse({"version": given["version"] + 1})


async def give_competence(call: Call) -> Response:
    """To a unit, and so to all below it."""
    return await _set_competence(call, given=True)


async def take_competence(call: Call) -> Response:
    """From a unit."""
    return await _set_competence(call, given=False)


async def _set_competence(call: Call, *, given: bool) -> Response:
    unit = f"{call.path['body']}/{call.path['unit']}"
    await call.groupware.areas.set_competence(call.caller, call.path["code"], unit, given=given)
    return JSONResponse({"unit": unit, "competent": given})


def _area(area: AreaLine) -> dict[str, object]:
    return {
        "code": area.code,
        "name": area.name,
        "body": area.body,
        "version": area.version,
        "state": area.state,
        "own": area.own,
        "rooms": [_room(each) for each in area.rooms],
    }


def _room(room: RoomLine) -> Mapping[str, object]:
    return {name: getattr(room, name) for name in ("code", "name", "parent", "state", "moderated", "unattended")}


def acts(changes: Iterable[Change]) -> Sequence[Mapping[str, str]]:
    """Who did what, newest first."""
    return [{"at": moment(each.at), "by": each.by, "act": each.act} for each in changes]


_FOUNDED = record(code=line(LONGEST_CODE), name=line(LONGEST_NAME), body=line(LONGEST_CODE, "Which will run it."))
_RENAMED = record(version=VERSION, name=line(LONGEST_NAME))
_STATE = record(version=VERSION, state=one_of(*State))
_ROOMS = records(
    code=TEXT,
    name=TEXT,
    parent=TEXT,
    state=one_of(*State),
    moderated=FLAG,
    unattended={"type": "boolean", "description": "It needs a moderator in office and has none."},
)
_AREA = {
    "code": TEXT,
    "name": TEXT,
    "body": TEXT,
    "version": NUMBER,
    "state": one_of(*State),
    "own": {"type": "boolean", "description": "The caller manages the area, not only some of its rooms."},
    "rooms": _ROOMS,
}
ACTS = records(at=TIME, by=TEXT, act=TEXT)
_COMPETENCE = "/areas/{code}/competences/{body}/{unit}"
_COMPETENT = record(unit=TEXT, competent=FLAG)
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/areas", tree, "listAreas", "The areas and rooms that the caller manages.",
              record(areas=records(**_AREA), founds_for=records(code=TEXT, name=TEXT)), strong=True),
    Operation("POST", "/areas", found_area, "foundArea", "Found an area, run by a body that the caller's governs.",
              record(code=TEXT), WRITING, _FOUNDED, strong=True),
    Operation("GET", "/areas/{code}", show, "getArea", "One area, with the units that are concerned with it.",
              record(**_AREA, competent=records(unit=TEXT, name=TEXT, body=TEXT), changes=ACTS), (404,), strong=True),
    Operation("PATCH", "/areas/{code}", rename, "renameArea", "Call an area otherwise; its code stays.",
              record(version=NUMBER), WRITING, _RENAMED, strong=True),
    Operation("PUT", "/areas/{code}/state", set_state, "setAreaState",
              "Close, archive or reopen an area, and its rooms with it.", record(version=NUMBER), WRITING, _STATE,
              strong=True),
    Operation("PUT", _COMPETENCE, give_competence, "giveCompetence", "Concern a unit, and all below it, with an area.",
              _COMPETENT, (404, 422), strong=True),
    Operation("DELETE", _COMPETENCE, take_competence, "takeCompetence", "Concern a unit with an area no more.",
              _COMPETENT, (404, 422), strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
