"""Rooms, run by programs: opened, set, closed, and who takes part in them by which rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from connectors.web.api.areas import ACTS, LONGEST_CODE, LONGEST_NAME, acts
from connectors.web.api.call import moment
from connectors.web.api.given import checked, moment_of
from connectors.web.api.operation import (
    END,
    FLAG,
    MOST,
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
    some,
)
from connectors.web.duties.fields import FOREVER, number
from groupware.areas.access import Asked
from groupware.areas.people import May
from groupware.areas.rooms import Settings, State
from policies.vocabulary import Access, Marking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.responses import Response

    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema
    from groupware.areas.access import RuleCard
    from groupware.areas.people import Group

MARKINGS: Mapping[str, Marking] = {each.label: each for each in Marking}
NONE_YET = Settings(name="", owner="")
LONGEST_TEXT = 1_000


async def open_room(call: Call) -> Response:
    """A new room of an area."""
    given = checked(await call.body(), _OPENED)
    code, under = given.pop("code"), given.pop("under", "")
    await call.groupware.areas.open_room(call.caller, call.path["code"], code, _settings(given, NONE_YET), under)
    return JSONResponse({"code": code})


async def show(call: Call) -> Response:
    """One of the rooms."""
    sheet = await call.groupware.areas.room(call.caller, call.path["code"])
    return JSONResponse(
        {
            "code": sheet.line.code,
            "area": sheet.area,
            "parent": sheet.line.parent,
            "state": sheet.line.state,
            "version": sheet.version,
            "held": sheet.held,
            "settings": _shown(sheet.settings),
            "people": {str(may): _people(groups) for may, groups in sheet.may.items()},
            "changes": acts(sheet.changes),
        }
    )


async def change(call: Call) -> Response:
    """What isn't named stays."""
    given = checked(await call.body(), _CHANGED)
    seen, code = given.pop("version"), call.path["code"]
    known = (await call.groupware.areas.room(call.caller, code)).settings
    await call.groupware.areas.change_room(call.caller, code, _settings(given, known), seen)
    return JSONResponse({"version": seen + 1})


async def set_state(call: Call) -> Response:
    """Close, archive or reopen."""
    given = checked(await call.body(), _STATE)
    await call.groupware.areas.set_state(call.caller, call.path["code"], State(given["state"]), given["version"])
    return JSONResponse({"version": given["version"] + 1})


async def rules(call: Call) -> Response:
    """All that it has or had."""
    sheet = await call.groupware.areas.room(call.caller, call.path["code"])
    return JSONResponse([_rule(each) for each in sheet.rules])


async def give_access(call: Call) -> Response:
    """By a rule, for many."""
    given = checked(await call.body(), _ASKED)
    since, until = moment_of(given.get("since", ""), 0), moment_of(given.get("until", ""), FOREVER)
    asked = Asked(given["right"], given["whom"], given["reason"], since, until)
    return JSONResponse({"id": str(await call.groupware.areas.give_access(call.caller, call.path["code"], asked))})


async def end_access(call: Call) -> Response:
    """From now on."""
    await call.groupware.areas.end_access(call.caller, call.path["code"], number(call.path["id"]))
    return JSONResponse({"id": call.path["id"]})


async def set_deputy(call: Call) -> Response:
    """One who is told only when nobody else decides."""
    return await _deputy(call, deputy=True)


async def unset_deputy(call: Call) -> Response:
    """One who is told first again."""
    return await _deputy(call, deputy=False)


async def _deputy(call: Call, *, deputy: bool) -> Response:
    login = call.path["login"]
    await call.groupware.areas.set_deputy(call.caller, call.path["code"], login, deputy=deputy)
    return JSONResponse({"login": login, "deputy": deputy})


def _settings(given: Mapping[str, Any], known: Settings) -> Settings:
    fields = dict(given)
    if "marking" in fields:
        fields["marking"] = MARKINGS[fields["marking"]]
    return replace(known, **fields)


def _shown(settings: Settings) -> dict[str, object]:
    shown = {name: getattr(settings, name) for name in _SETTINGS}
    return {**shown, "marking": settings.marking.label}


def _people(groups: Iterable[Group]) -> list[dict[str, object]]:
    return [
        {"login": each.login, "name": each.name, "body": group.body, "deputy": each.deputy}
        for group in groups
        for each in group.people
    ]


def _rule(rule: RuleCard) -> dict[str, object]:
    return {
        "id": str(rule.id),
        "right": rule.right,
        "whom": rule.whom,
        "since": moment(rule.since),
        "until": moment(rule.until) if rule.until < FOREVER else "",
        "by": rule.by,
        "reason": rule.reason,
        "ended": moment(rule.ended) if rule.ended else "",
        "people": rule.people,
    }


def _whole(least: int, description: str) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": MOST, "description": description}


_SETTINGS: dict[str, Schema] = {
    "name": line(LONGEST_NAME),
    "owner": line(LONGEST_NAME, "A unit, as BODY/UNIT."),
    "topic": line(LONGEST_TEXT),
    "moderated": FLAG,
    "marking": {**one_of(*MARKINGS), "description": "The default of posts to come."},
    "handling": _whole(0, "0 to 3; a sub-theme is as strict as its room."),
    "retention": line(LONGEST_CODE),
    "bars_personal_data": {**FLAG, "description": "What seems to hold some awaits its author's word."},
    "second_person": line(40, "Markings that need a second person's word, such as TLP:RED H2; empty for none."),
    "patience": _whole(0, "Hours after which a held post is told to the deputies; 0 for never."),
}
_MORE = {name: schema for name, schema in _SETTINGS.items() if name not in ("name", "owner")}
_OPENED = some(
    record(code=line(LONGEST_CODE), name=_SETTINGS["name"], owner=_SETTINGS["owner"]),
    **_MORE,
    under=line(LONGEST_CODE, "The room of which it is a sub-theme."),
)
_CHANGED = some(record(version=VERSION), **_SETTINGS)
_STATE = record(version=VERSION, state=one_of(*State))
_ASKED = some(
    record(
        right=one_of(Access.READER, Access.POSTER, Access.DRAFTER, Access.MANAGER),
        whom=line(LONGEST_NAME, "everybody, body:EST, unit:EST/ppa, role:liaison-officer or official:LOGIN."),
        reason=line(LONGEST_TEXT, "Kept on record."),
    ),
    since={**line(40), "description": "A time (RFC 3339); without it, from now on."},
    until={**line(40), "description": END["description"]},
)
_PERSON = records(login=TEXT, name=TEXT, body=TEXT, deputy=FLAG)
_ROOM = record(
    code=TEXT,
    area=TEXT,
    parent=TEXT,
    state=one_of(*State),
    version=NUMBER,
    held=NUMBER,
    settings=record(**_SETTINGS),
    people=record(**{str(may): _PERSON for may in May}),
    changes=ACTS,
)
_RULES = records(id=TEXT, right=TEXT, whom=TEXT, since=TIME, until=END, by=TEXT, reason=TEXT, ended=TEXT, people=NUMBER)
_VERSION, _ID, _DEPUTY = record(version=NUMBER), record(id=TEXT), record(login=TEXT, deputy=FLAG)
_RULE, _ONE = "/rooms/{code}/access/{id}", "/rooms/{code}/deputies/{login}"
OPERATIONS: tuple[Operation, ...] = (
    Operation("POST", "/areas/{code}/rooms", open_room, "openRoom", "Open a room of an area, or a sub-theme of one.",
              record(code=TEXT), WRITING, _OPENED, strong=True),
    Operation("GET", "/rooms/{code}", show, "getRoom", "A room that the caller manages, and who may do what in it.",
              _ROOM, (404,), strong=True),
    Operation("PATCH", "/rooms/{code}", change, "changeRoom", "Change a room's settings; what isn't named stays.",
              _VERSION, WRITING, _CHANGED, strong=True),
    Operation("PUT", "/rooms/{code}/state", set_state, "setRoomState", "Close, archive or reopen a room.",
              _VERSION, WRITING, _STATE, strong=True),
    Operation("GET", "/rooms/{code}/access", rules, "listAccess", "The rules of access that a room has or had.",
              _RULES, (404,), strong=True),
    Operation("POST", "/rooms/{code}/access", give_access, "giveAccess", "Let in whom a rule names.",
              _ID, WRITING, _ASKED, strong=True),
    Operation("DELETE", _RULE, end_access, "endAccess", "End a rule now; a second time changes nothing.",
              _ID, (404,), strong=True),
    Operation("PUT", _ONE, set_deputy, "setDeputy", "Make a moderator of a room its deputy.",
              _DEPUTY, (404, 422), strong=True),
    Operation("DELETE", _ONE, unset_deputy, "unsetDeputy", "Make a deputy a moderator who is told first.",
              _DEPUTY, (404, 422), strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
