"""Off-boarding: who leaves and why, then the report of what ended when; and the way back."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.door_words import WAYS_IN
from connectors.web import officials
from connectors.web.duties import fields
from groupware.clock import MICROSECONDS
from groupware.duties.closings import SILENT
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.duties.looking import Person


async def show(visit: Visit) -> Response:
    """A form, empty but for who leaves, if their entry led here (`?login=`)."""
    asked = visit.query("login")
    offered = (await officials.offer(visit, asked)).texts if asked else ()
    named = next((each for each in offered if officials.login_of(each) == asked), asked)
    return await _form(visit, {"login": named}, {})


async def off_board(visit: Visit) -> Response:
    """Do it, wait for every door, and show the report. It isn't asked twice, so the login is typed besides."""
    given, duties = visit.form, visit.portal.groupware.duties
    try:
        official = await officials.official(visit, "login", given.get("login", ""))
        if given.get("again", "").strip().lower() not in (official.login, official.address):
            return await _form(visit, given, {"again": "Type the login that stands in brackets behind the name."})
        await duties.off_board(visit.caller, official.id, given.get("reason", ""))
    except (Refused, Conflict, NotFound) as error:
        return await _form(visit, given, fields.problems(error))
    return RedirectResponse(f"/duties/off-boarded/{official.login}", HTTPStatus.SEE_OTHER)


async def show_departure(visit: Visit) -> Response:
    """The report of an off-boarding, as often as it is asked for."""
    duties = visit.portal.groupware.duties
    official = await duties.official(visit.caller, visit.path["login"])
    left = await duties.departure(visit.caller, official.id)
    doors = [
        (WAYS_IN.get(door, door), sessions, None if at == SILENT else max(0, at - left.was.at) / MICROSECONDS)
        for door, sessions, at in left.was.doors
    ]
    return await visit.page("duties/off_boarded.html", left=left, doors=doors)


async def _form(visit: Visit, given: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    status = 422 if problems else 200
    offer = await officials.offer(visit, given.get("login", ""))
    return await visit.page("duties/off_board.html", status, problems=problems, given=given, offer=offer)


async def show_return(visit: Visit) -> Response:
    """What it means to take somebody back, for who keeps their entry."""
    return await _return(visit, {})


async def take_back(visit: Visit) -> Response:
    """Designate who left anew, then on to their entry, where they are invited."""
    official = await _kept(visit)
    try:
        await visit.portal.groupware.duties.resume(visit.caller, official.id)
    except Conflict as error:
        return await _return(visit, fields.problems(error), HTTPStatus.CONFLICT)
    return RedirectResponse(f"/people/entry/{official.login}?done=taken-back", HTTPStatus.SEE_OTHER)


async def _return(visit: Visit, problems: Mapping[str, str], status: HTTPStatus = HTTPStatus.OK) -> Response:
    official = await _kept(visit)
    return await visit.page("duties/take_back.html", status, problems=problems, who=official)


async def _kept(visit: Visit) -> Person:
    """The official of the path. NotFound to whoever may not see what they hold."""
    duties = visit.portal.groupware.duties
    official = await duties.official(visit.caller, visit.path["login"])
    await duties.held_by(visit.caller, official.id)
    return official
