"""A body's people, kept by programs: the same acts as in the portal, for a session that was made for the program."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from connectors.web.api.call import moment
from connectors.web.api.operation import MOST, TEXT, TIME, Operation, record, records, some
from connectors.web.arrival import own_url
from connectors.web.visit import seen
from groupware.errors import Refused
from groupware.people.cells import cells_of, entry_of
from groupware.people.columns import COLUMNS
from groupware.people.entry import Entry, of_official
from groupware.people.looking import State
from groupware.people.units import UnitEntry

if TYPE_CHECKING:
    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema
    from groupware.people.comparing import Changed, Diff
    from groupware.people.inviting import Link
    from groupware.people.looking import Card
    from groupware.people.units import Branch

EMPTY = Entry(name="", unit="")
LOGINS_MOST = 500


async def listed(call: Call) -> Response:
    """A page of entries."""
    asked = call.query("state")
    state = State(asked) if asked in set(State) else State.ALL
    found = await call.groupware.people.entries(
        call.caller, call.query("body"), call.query("words"), state, call.query("after")
    )
    lines = [{name: getattr(line, name) for name in _LINE} for line in found.lines]
    return JSONResponse({"total": found.total, "after": found.after, "people": lines})


async def add(call: Call) -> Response:
    """Somebody new."""
    given = _fields(await call.body(), {"login": str, "entry": dict}, {"body": str})
    entry = entry_of(_cells(given["entry"]), EMPTY)
    await call.groupware.people.add(call.caller, given.get("body", ""), given["login"], entry)
    return JSONResponse({"login": given["login"]})


async def show(call: Call) -> Response:
    """One entry."""
    card = await _card(call)
    entry = dict(cells_of(card.official.login, of_official(card.official, card.unit)))
    entry.pop("login")
    return JSONResponse(
        {
            "login": card.official.login,
            "address": card.official.address,
            "state": card.state,
            "version": card.official.version,
            "entry": entry,
            "national_accounts": [{"issuer": each.issuer, "since": moment(each.at)} for each in card.nationals],
        }
    )


async def change(call: Call) -> Response:
    """Write an entry anew; columns that aren't named stay."""
    given = _fields(await call.body(), {"version": int, "entry": dict})
    card = await _card(call)
    entry = entry_of(_cells(given["entry"]), of_official(card.official, card.unit))
    version = await call.groupware.people.change(call.caller, card.official.id, entry, given["version"])
    return JSONResponse({"version": version})


async def suspend(call: Call) -> Response:
    """Shut somebody out."""
    given, card = _fields(await call.body(), {"version": int}), await _card(call)
    return JSONResponse(
        {"version": await call.groupware.people.suspend(call.caller, card.official.id, given["version"])}
    )


async def resume(call: Call) -> Response:
    """Let them in again."""
    given, card = _fields(await call.body(), {"version": int}), await _card(call)
    return JSONResponse(
        {"version": await call.groupware.people.resume(call.caller, card.official.id, given["version"])}
    )


async def invite(call: Call) -> Response:
    """A one-time link, told once."""
    return _told(call, await call.groupware.people.invite(call.caller, (await _card(call)).official.id))


async def ask_reset(call: Call) -> Response:
    """Ask for new credentials of somebody who has signed in before."""
    given = _fields(await call.body(), {"reason": str})
    until = await call.groupware.people.ask_reset(call.caller, (await _card(call)).official.id, given["reason"])
    return JSONResponse({"expires": moment(until)})


async def release_reset(call: Call) -> Response:
    """As the second person: the link, told once."""
    return _told(call, await call.groupware.people.release_reset(call.caller, call.path["login"]))


def _told(call: Call, link: Link) -> Response:
    url = own_url(seen(call.request), call.request) + link.path
    return JSONResponse({"url": url, "purpose": link.purpose, "expires": moment(link.expires)})


async def withdraw(call: Call) -> Response:
    """End it."""
    ended = await call.groupware.people.withdraw_invitation(call.caller, (await _card(call)).official.id)
    return JSONResponse({"ended": ended})


async def end_national(call: Call) -> Response:
    """Have no account of a state open somebody's."""
    ended = await call.groupware.people.end_national(call.caller, (await _card(call)).official.id)
    return JSONResponse({"ended": ended})


async def review(call: Call) -> Response:
    """Whom to confirm first."""
    found = await call.groupware.people.review(call.caller, call.query("body"))
    lines = [
        {
            "login": line.login,
            "name": line.name,
            "reviewed": moment(line.reviewed) if line.reviewed else "",
            "due": moment(line.due),
            "late": line.late,
            "seen": moment(line.holding.seen) if line.holding.seen else "",
            "holds": line.holding.lines,
        }
        for line in found.lines
    ]
    return JSONResponse({"total": found.total, "late": found.late, "people": lines})


async def confirm(call: Call) -> Response:
    """Say that some still take part."""
    given = _fields(await call.body(), {"logins": list}, {"body": str})
    logins = given["logins"]
    if len(logins) > LOGINS_MOST or not all(isinstance(each, str) for each in logins):
        raise Refused("bad-fields", f"logins is a list of at most {LOGINS_MOST} texts")
    people = call.groupware.people
    numbers = [(await people.entry_of(call.caller, login)).official.id for login in logins]
    return JSONResponse({"confirmed": await people.confirm(call.caller, given.get("body", ""), numbers)})


async def import_(call: Call) -> Response:
    """What a file would change; with the digest of that answer, the change itself."""
    if call.request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    octets, digest, body = await call.request.body(), call.query("digest"), call.query("body")
    people = call.groupware.people
    if digest:
        return JSONResponse(_difference(await people.apply(call.caller, body, octets, digest), applied=True))
    return JSONResponse(_difference(await people.compare(call.caller, body, octets), applied=False))


async def export(call: Call) -> Response:
    """All entries as a file."""
    return Response(await call.groupware.people.export(call.caller, call.query("body")), media_type="text/csv")


async def units(call: Call) -> Response:
    """The tree."""
    found = await call.groupware.people.units(call.caller, call.query("body"))
    return JSONResponse(
        [
            {
                "code": each.unit.code,
                "parent": each.parent,
                "name": each.unit.name,
                "address": each.unit.address,
                "phone": each.unit.phone,
                "version": each.unit.version,
                "people": each.people,
            }
            for each in found
        ]
    )


async def add_unit(call: Call) -> Response:
    """A new unit."""
    given = _fields(await call.body(), {"code": str, "name": str}, {"body": str, **_UNIT_OPTIONS})
    body, code = given.pop("body", ""), given.pop("code")
    await call.groupware.people.add_unit(call.caller, body, code, UnitEntry(**given))
    return JSONResponse({"code": code})


async def change_unit(call: Call) -> Response:
    """Rename or move a unit; what isn't named stays."""
    given = _fields(await call.body(), {"version": int}, {"name": str, **_UNIT_OPTIONS})
    version = given.pop("version")
    branch = await _branch(call)
    unit = branch.unit
    before = {"name": unit.name, "parent": branch.parent, "address": unit.address, "phone": unit.phone}
    entry = UnitEntry(**{**before, **given})
    return JSONResponse({"version": await call.groupware.people.change_unit(call.caller, unit.id, entry, version)})


async def close_unit(call: Call) -> Response:
    """End it, or merge it into another."""
    given = _fields(await call.body(), {"version": int}, {"into": str})
    unit = (await _branch(call)).unit
    await call.groupware.people.close_unit(call.caller, unit.id, given["version"], given.get("into", ""))
    return JSONResponse({"code": unit.code})


async def _branch(call: Call) -> Branch:
    found = await call.groupware.people.units(call.caller, call.query("body"))
    branch = next((each for each in found if each.unit.code == call.path["code"]), None)
    if branch is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return branch


async def _card(call: Call) -> Card:
    return await call.groupware.people.entry_of(call.caller, call.path["login"])


def _fields(given: object, needed: dict[str, type], more: dict[str, type] | None = None) -> dict[str, Any]:
    kinds = {**needed, **(more or {})}
    if not isinstance(given, dict) or not set(needed) <= set(given) <= set(kinds):
        raise Refused("bad-fields", f"send an object with {', '.join(needed)}")
    for name, value in given.items():
        huge = isinstance(value, int) and not 0 <= value <= MOST
        if not isinstance(value, kinds[name]) or isinstance(value, bool) or huge:
            raise Refused("bad-fields", f"{name} is of another type")
    return dict(given)


def _cells(given: dict[str, Any]) -> dict[str, str]:
    if not set(given) <= set(COLUMNS) - {"login"} or not all(isinstance(value, str) for value in given.values()):
        raise Refused("bad-fields", f"entry has texts by column: {', '.join(COLUMNS)}")
    return given


def _difference(diff: Diff, *, applied: bool) -> dict[str, Any]:
    return {
        "digest": diff.digest,
        "applied": applied,
        "added": [each.login for each in diff.added],
        "changed": [
            {
                "login": each.found.login,
                "columns": [{"column": name, "is": old, "becomes": new} for name, (old, new) in each.columns.items()],
            }
            for each in diff.changed
        ],
        "unchanged": diff.unchanged,
        "untouched": diff.untouched,
        "faults": [
            {"line": each.line, "column": each.column, "rule": each.problem.rule, "text": each.problem.text}
            for each in diff.faults
        ],
    }


def _columns(changed: Changed) -> list[dict[str, str]]:
    return [{"column": name, "is": old, "becomes": new} for name, (old, new) in changed.columns.items()]


_LINE = ("login", "name", "title", "unit", "phone", "state", "version")
_UNIT_OPTIONS = {"parent": str, "address": str, "phone": str}
_NUMBER: Schema = {"type": "integer"}
_FLAG: Schema = {"type": "boolean"}
_STATE: Schema = {"type": "string", "enum": [str(state) for state in State if state is not State.ALL]}
_OWN_BODY: Schema = {"type": "string", "description": "The body's code; without it the caller's own."}
_BODY = {"body": _OWN_BODY}
_ENTRY: Schema = {
    "type": "object",
    "properties": {column: TEXT for column in COLUMNS if column != "login"},
    "required": [],
    "additionalProperties": False,
}
_WHOLE = record(**{column: TEXT for column in COLUMNS if column != "login"})
_CHANGES = records(column=TEXT, **{"is": TEXT}, becomes=TEXT)
_DIFFERENCE = record(
    digest=TEXT,
    applied=_FLAG,
    added={"type": "array", "items": TEXT},
    changed=records(login=TEXT, columns=_CHANGES),
    unchanged=_NUMBER,
    untouched=_NUMBER,
    faults=records(line=_NUMBER, column=TEXT, rule=TEXT, text=TEXT),
)
_VERSION = record(version=_NUMBER)


_WRITING = (404, 409, 413, 415, 422)
_PERSON = "/people/entry/{login}"
_PEOPLE = records(login=TEXT, name=TEXT, title=TEXT, unit=TEXT, phone=TEXT, state=_STATE, version=_NUMBER)
_DUE = records(
    login=TEXT, name=TEXT, reviewed=TEXT, due=TIME, late=_FLAG, seen=TEXT, holds={"type": "array", "items": TEXT}
)
_UNITS = records(code=TEXT, parent=TEXT, name=TEXT, address=TEXT, phone=TEXT, version=_NUMBER, people=_NUMBER)
_UNIT: dict[str, Schema] = {"parent": TEXT, "address": TEXT, "phone": TEXT}
_LISTING: dict[str, Schema] = {**_BODY, "words": TEXT, "state": TEXT, "after": TEXT}
_FILE: dict[str, Schema] = {
    **_BODY,
    "digest": {"type": "string", "description": "Of the answer to apply."},
}
_ALL: tuple[Operation, ...] = (
    Operation("GET", "/people", listed, "listPeople", "A page of a body's entries, by login.",
              record(total=_NUMBER, after=TEXT, people=_PEOPLE), (404,), query=_LISTING),
    Operation("POST", "/people", add, "addPerson", "Add an official.", record(login=TEXT), _WRITING,
              some(record(login=TEXT, entry=_ENTRY), body=_OWN_BODY)),
    Operation("GET", "/people/review", review, "listReview", "Whom to confirm first in the half-yearly review.",
              record(total=_NUMBER, late=_NUMBER, people=_DUE), (404,), query=_BODY),
    Operation("POST", "/people/review", confirm, "confirmPeople", "Say of some that they still take part.",
              record(confirmed=_NUMBER), _WRITING,
              some(record(logins={"type": "array", "items": TEXT}), body=_OWN_BODY)),
    Operation("POST", "/people/import", import_, "importPeople", "What a file would change; with a digest, do it.",
              _DIFFERENCE, _WRITING, TEXT, _FILE, media=("text/csv", "")),
    Operation("GET", "/people/export", export, "exportPeople", "A body's entries as CSV.", None, (404,), query=_BODY,
              media=("", "text/csv")),
    Operation("GET", _PERSON, show, "getPerson", "One entry.",
              record(login=TEXT, address=TEXT, state=_STATE, version=_NUMBER, entry=_WHOLE,
                     national_accounts=records(issuer=TEXT, since=TIME)), (404,)),
    Operation("PATCH", _PERSON, change, "changePerson", "Change an entry; columns that aren't named stay.",
              _VERSION, _WRITING, record(version=_NUMBER, entry=_ENTRY)),
    Operation("POST", f"{_PERSON}/suspend", suspend, "suspendPerson", "Shut an official out at once.",
              _VERSION, _WRITING, _VERSION),
    Operation("POST", f"{_PERSON}/resume", resume, "resumePerson", "Let an official in again.",
              _VERSION, _WRITING, _VERSION),
    Operation("POST", f"{_PERSON}/invitation", invite, "invitePerson", "Make a one-time link; it is told once.",
              record(url=TEXT, purpose={"type": "string", "enum": ["join", "reset"]}, expires=TIME), (404, 422)),
    Operation("POST", f"{_PERSON}/reset", ask_reset, "askForReset",
              "Ask for new credentials of somebody who has signed in before; somebody else releases them.",
              record(expires=TIME), _WRITING, record(reason=TEXT)),
    Operation("POST", f"{_PERSON}/reset/release", release_reset, "releaseReset",
              "As the second person, have the link made; it is told once.",
              record(url=TEXT, purpose={"type": "string", "enum": ["join", "reset"]}, expires=TIME), (404, 422)),
    Operation("DELETE", f"{_PERSON}/invitation", withdraw, "withdrawInvitation", "End an official's open link.",
              record(ended=_FLAG), (404,)),
    Operation("DELETE", f"{_PERSON}/national-accounts", end_national, "endNationalAccounts",
              "Have no account of a state or institution open an official's; they are told.",
              record(ended=_FLAG), (404,)),
    Operation("GET", "/units", units, "listUnits", "A body's units, each followed by those below it.",
              _UNITS, (404,), query=_BODY),
    Operation("POST", "/units", add_unit, "addUnit", "Add a unit.", record(code=TEXT), _WRITING,
              some(record(code=TEXT, name=TEXT), body=_OWN_BODY, **_UNIT)),
    Operation("PATCH", "/units/{code}", change_unit, "changeUnit", "Rename or move a unit; what isn't named stays.",
              _VERSION, _WRITING, some(_VERSION, name=TEXT, **_UNIT), _BODY),
    Operation("POST", "/units/{code}/close", close_unit, "closeUnit",
              "End a unit; what it has goes to the unit called into, without which it must have nothing.",
              record(code=TEXT), _WRITING, some(_VERSION, into=TEXT), _BODY),
)  # fmt: skip
OPERATIONS = tuple(replace(each, strong=True) for each in _ALL)
"""As connectors.web.api.routes'; an app password keeps nobody's entries."""
