"""Marking a post anew, in its owner's name: the question, the deed, and what was done so far."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from groupware.errors import Conflict, NotFound, Refused
from groupware.marks.changing import LONGEST_REASON, Wanted
from groupware.message.markings import Marks
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

MARKINGS = {str(int(each)): each for each in Marking}
CODES = {str(int(each)): each for each in Handling}


async def show(visit: Visit) -> Response:
    """How it is marked, by whom, and the form."""
    return await _form(visit, {})


async def send(visit: Visit) -> Response:
    """Do it."""
    marking, code = MARKINGS.get(visit.form.get("marking", "")), CODES.get(visit.form.get("handling", ""))
    if marking is None or code is None:
        return await _form(visit, {"marking": "Choose a marking and a handling code."})
    token = visit.path["token"]
    wanted = Wanted(token, Marks(marking, code), visit.form.get("reason", "").strip())
    try:
        await visit.portal.groupware.marks.mark(visit.caller, wanted)
    except Refused as error:
        return await _form(visit, {"reason": f"{error.text[:1].upper()}{error.text[1:]}."})
    except Conflict as error:
        return await _form(visit, {"marking": f"{error.text[:1].upper()}{error.text[1:]}."})
    return RedirectResponse(f"/posts/{token}", HTTPStatus.SEE_OTHER)


async def _form(visit: Visit, problems: dict[str, str]) -> Response:
    token, desk = visit.path["token"], visit.portal.groupware.marks
    post = await visit.portal.groupware.post(visit.caller, token)
    if token not in await desk.markable(visit.caller, [token]):
        raise NotFound(token)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    values = {
        "post": post,
        "acts": await desk.acts(visit.caller, token),
        "markings": list(Marking),
        "codes": list(Handling),
        "chosen": visit.form.get("marking", str(post.marking)),
        "code": visit.form.get("handling", str(post.handling)),
        "reason": visit.form.get("reason", ""),
        "most": LONGEST_REASON,
    }
    return await visit.page("mark.html", status, problems=problems, **values)
