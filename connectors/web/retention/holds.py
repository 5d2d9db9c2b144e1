"""Legal holds: those there are, a new one, and the lifting of one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.duties.fields import number, sentence
from groupware.errors import Conflict, NotFound, Refused
from groupware.retention.holds import LONGEST_REASON, What

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit

FIELDS = {"reason-needed": "reason", "reason-too-long": "reason", "held": "name"}
WORDS = {What.POST: "Post", What.THREAD: "Thread of the post", What.ROOM: "Room"}
DONE = {"placed": "It is kept from now on.", "lifted": "The hold is lifted."}
LONGEST_NAME = 998


async def listed(visit: Visit) -> Response:
    """All of the officer's body, those in force first, and the form for a new one."""
    return await _list(visit, {})


async def place(visit: Visit) -> Response:
    """A new one."""
    kind, name = visit.form.get("kind", ""), visit.form.get("name", "").strip()
    if kind not in set(What):
        return await _list(visit, {"kind": "Choose what is to be kept."})
    try:
        await visit.portal.groupware.retention.place(visit.caller, What(kind), name, visit.form.get("reason", ""))
    except NotFound:
        return await _list(visit, {"name": "There is nothing of this name that you may keep."})
    except (Refused, Conflict) as error:
        return await _list(visit, {FIELDS.get(error.rule, "form"): sentence(error.text)})
    return RedirectResponse("/audit/holds?done=placed", HTTPStatus.SEE_OTHER)


async def show(visit: Visit) -> Response:
    """One of them, with the form that lifts it."""
    return await _one(visit, {})


async def lift(visit: Visit) -> Response:
    """End it."""
    wanted = number(visit.path["number"])
    try:
        await visit.portal.groupware.retention.lift(visit.caller, wanted, visit.form.get("reason", ""))
    except (Refused, Conflict) as error:
        return await _one(visit, {FIELDS.get(error.rule, "form"): sentence(error.text)})
    return RedirectResponse("/audit/holds?done=lifted", HTTPStatus.SEE_OTHER)


async def _list(visit: Visit, problems: Mapping[str, str]) -> Response:
    found = await visit.portal.groupware.retention.holds(visit.caller)
    values = {"found": found, "words": WORDS, "form": visit.form, "most": LONGEST_REASON, "longest": LONGEST_NAME}
    done = DONE.get(visit.query("done"), "")
    return await visit.page("retention/holds.html", _status(problems), problems=problems, done=done, **values)


async def _one(visit: Visit, problems: Mapping[str, str]) -> Response:
    hold = await visit.portal.groupware.retention.hold(visit.caller, number(visit.path["number"]))
    values = {"hold": hold, "words": WORDS, "form": visit.form, "most": LONGEST_REASON}
    return await visit.page("retention/hold.html", _status(problems), problems=problems, **values)


def _status(problems: Mapping[str, str]) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
