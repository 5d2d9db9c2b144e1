"""One area: its name, the units that are concerned with it, its rooms, and what was done to it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.areas_admin import forms
from groupware.areas.rooms import State
from groupware.errors import Conflict, Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """All of it."""
    return await _page(visit, HTTPStatus.OK, {})


async def rename(visit: Visit) -> Response:
    """Call it otherwise."""
    code = visit.path["code"]
    try:
        await visit.portal.groupware.areas.rename(
            visit.caller, code, visit.form.get("name", ""), forms.seen(visit.form)
        )
    except (Refused, Conflict) as error:
        return await _page(visit, *forms.problems(error))
    return _back(visit, "saved")


async def set_state(visit: Visit) -> Response:
    """Close, archive or reopen it, with its rooms."""
    wanted = visit.form.get("state", "")
    if wanted not in set(State):
        return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, {"form": "Choose what to do."})
    try:
        await visit.portal.groupware.areas.set_area_state(
            visit.caller, visit.path["code"], State(wanted), forms.seen(visit.form)
        )
    except Conflict as error:
        return await _page(visit, *forms.problems(error))
    return _back(visit, wanted)


async def set_competence(visit: Visit) -> Response:
    """Give a unit the competence, or take it."""
    given = visit.form.get("act") == "give"
    try:
        await visit.portal.groupware.areas.set_competence(
            visit.caller, visit.path["code"], visit.form.get("unit", ""), given=given
        )
    except Refused as error:
        status, said = forms.problems(error)
        return await _page(visit, status, {"unit": next(iter(said.values()))})
    return _back(visit, "saved")


async def _page(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    sheet = await visit.portal.groupware.areas.area(visit.caller, visit.path["code"])
    values = {"sheet": sheet, "units": await forms.units(visit), "form": visit.form, "problems": problems}
    return await visit.page("areas_admin/area.html", status, done=visit.query("done"), **values)


def _back(visit: Visit, done: str) -> Response:
    return RedirectResponse(f"/administration/areas/{visit.path['code']}?done={done}", HTTPStatus.SEE_OTHER)
