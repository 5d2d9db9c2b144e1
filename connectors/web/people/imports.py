"""A file of entries: handed in, its differences shown, and applied when they are as wanted; and an export."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from groupware.errors import Conflict, NotFound, Refused
from groupware.people.columns import COLUMNS
from groupware.people.sheet import MOST_ROWS

if TYPE_CHECKING:
    from connectors.web.visit import Visit

SHOWN = 200
"""Lines of each kind that a page shows: the numbers above them count all."""


async def show(visit: Visit) -> Response:
    """The form, for those who keep a body's entries. 404 for others."""
    if not await visit.portal.groupware.people.keeps(visit.caller):
        raise NotFound("import")
    return await _form(visit)


async def send(visit: Visit) -> Response:
    """What a file would change; or, when its digest comes back, the change itself."""
    people, digest = visit.portal.groupware.people, visit.form.get("digest", "")
    try:
        if digest:
            diff = await people.accept(visit.caller, "", digest)
            return RedirectResponse(f"/people/import?added={len(diff.added)}&changed={len(diff.changed)}", 303)
        if not visit.file:
            return await _form(visit, "Choose a file.", 422)
        diff = await people.propose(visit.caller, "", visit.file)
    except Refused as error:
        return await _form(visit, error.text, 422)
    except Conflict as error:
        return await _form(visit, error.text, 409)
    return await visit.page("people/difference.html", diff=diff, shown=SHOWN)


async def export(visit: Visit) -> Response:
    """A download."""
    octets = await visit.portal.groupware.people.export(visit.caller)
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return Response(octets, HTTPStatus.OK, headers, media_type="text/csv; charset=utf-8; header=present")


async def _form(visit: Visit, problem: str = "", status: int = 200) -> Response:
    added, changed = visit.query("added"), visit.query("changed")
    done = (added, changed) if added.isdecimal() and changed.isdecimal() else None
    problems = {"file": problem} if problem else {}
    return await visit.page("people/import.html", status, problems=problems, done=done, columns=COLUMNS, most=MOST_ROWS)
