"""The areas and rooms that one administers, and the founding of an area."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.areas_admin import forms
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """All of them; nothing for those who administer none."""
    found = await visit.portal.groupware.areas.tree(visit.caller)
    if not found.areas and not found.founds_for:
        raise NotFound("no areas to administer")
    return await visit.page("areas_admin/tree.html", tree=found)


async def show_new(visit: Visit) -> Response:
    """The form for a new area."""
    return await _form(visit, HTTPStatus.OK, {})


async def found(visit: Visit) -> Response:
    """Found it."""
    form = visit.form
    try:
        await visit.portal.groupware.areas.found(
            visit.caller, form.get("code", "").strip(), form.get("name", ""), form.get("body", "")
        )
    except (Refused, Conflict) as error:
        return await _form(visit, *forms.problems(error))
    return RedirectResponse(f"/administration/areas/{form['code'].strip()}", HTTPStatus.SEE_OTHER)


async def _form(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    found = await visit.portal.groupware.areas.tree(visit.caller)
    if not found.founds_for:
        raise NotFound("may found no areas")
    return await visit.page(
        "areas_admin/found.html", status, bodies=found.founds_for, form=visit.form, problems=problems
    )
