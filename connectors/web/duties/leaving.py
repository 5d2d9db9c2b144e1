"""Off-boarding: who leaves and why, then the report of what ended when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.duties import fields
from groupware.clock import MICROSECONDS
from groupware.duties.closings import SILENT
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """An empty form."""
    return await _form(visit, {})


async def off_board(visit: Visit) -> Response:
    """Do it, wait for every door, and show the report. It isn't asked twice, so the login is typed twice."""
    given, duties = visit.form, visit.portal.groupware.duties
    if given.get("login", "") != given.get("again", ""):
        return await _form(visit, {"again": "Type the same login again, so that nobody is off-boarded by mistake."})
    try:
        official = await duties.official(visit.caller, given.get("login", ""))
        done, report = await duties.off_board(visit.caller, official.id, given.get("reason", ""))
    except (Refused, Conflict, NotFound) as error:
        return await _form(visit, fields.problems(error))
    doors = [
        (each.door, each.sessions, None if each.at == SILENT else max(0, each.at - done.at) / MICROSECONDS)
        for each in report
    ]
    return await visit.page("duties/off_boarded.html", done=done, doors=doors)


async def _form(visit: Visit, problems: Mapping[str, str]) -> Response:
    status = 422 if problems else 200
    return await visit.page("duties/off_board.html", status, problems=problems, given=visit.form)
