"""The bodies that one governs: listed, added, called otherwise, suspended and let in again."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.areas_admin import forms
from groupware.bodies.keeping import KINDS
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit

DONE = {
    "added": "It is added. Next come its first unit and its first official, then its contact point.",
    "saved": "Saved.",
    "suspended": "All of its officials are shut out, at every door.",
    "resumed": "Its officials may sign in again.",
}
CALLED = {
    "member-state": "Member state",
    "associated-state": "Associated state",
    "institution": "Institution",
    "agency": "Agency",
}


async def listed(visit: Visit) -> Response:
    """All of them; nothing for those who govern none."""
    found = await visit.portal.groupware.bodies.governed(visit.caller)
    if not found:
        raise NotFound("governs no bodies")
    return await visit.page("bodies/list.html", bodies=found, called=CALLED)


async def show_new(visit: Visit) -> Response:
    """The form for a new one."""
    return await _new(visit, HTTPStatus.OK, {})


async def add(visit: Visit) -> Response:
    """Add it."""
    form = visit.form
    code, name, kind = (form.get(each, "").strip() for each in ("code", "name", "kind"))
    try:
        await visit.portal.groupware.bodies.add(visit.caller, code, name, kind)
    except (Refused, Conflict) as error:
        return await _new(visit, *forms.problems(error))
    return _to(code, "added")


async def show(visit: Visit) -> Response:
    """One, with its form."""
    return await _page(visit, HTTPStatus.OK, {})


async def rename(visit: Visit) -> Response:
    """Call it otherwise."""
    code, name = visit.path["code"], visit.form.get("name", "")
    try:
        await visit.portal.groupware.bodies.rename(visit.caller, code, name, forms.seen(visit.form))
    except (Refused, Conflict) as error:
        return await _page(visit, *forms.problems(error))
    return _to(code, "saved")


async def set_state(visit: Visit) -> Response:
    """Shut all of it out, which is asked twice; or let them in again."""
    code, act, bodies = visit.path["code"], visit.form.get("act", ""), visit.portal.groupware.bodies
    if act != "resume" and visit.form.get("again", "").strip().upper() != code.upper():
        said = {"again": "Type the code: all of its officials are shut out at once."}
        return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, said)
    change = bodies.resume if act == "resume" else bodies.suspend
    try:
        await change(visit.caller, code, forms.seen(visit.form))
    except (Refused, Conflict) as error:
        status, problems = forms.problems(error)
        return await _page(visit, status, {"form": next(iter(problems.values()))})
    return _to(code, "resumed" if act == "resume" else "suspended")


async def _new(visit: Visit, status: int, problems: Mapping[str, str]) -> Response:
    if not await visit.portal.groupware.bodies.governed(visit.caller):
        raise NotFound("governs no bodies")
    kinds = {kind: CALLED[kind] for kind in KINDS}
    return await visit.page("bodies/new.html", status, form=visit.form, problems=problems, kinds=kinds)


async def _page(visit: Visit, status: int, problems: Mapping[str, str]) -> Response:
    line, changes = await visit.portal.groupware.bodies.one(visit.caller, visit.path["code"])
    values = {"body": line, "changes": changes, "form": visit.form, "problems": problems, "called": CALLED}
    return await visit.page("bodies/body.html", status, done=DONE.get(visit.query("done"), ""), **values)


def _to(code: str, done: str) -> Response:
    return RedirectResponse(f"/administration/bodies/{code.upper()}?done={done}", HTTPStatus.SEE_OTHER)
