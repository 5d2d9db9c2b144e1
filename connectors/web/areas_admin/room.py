"""One room: its settings, whether it is open, who takes part and by which rules, and what was done to it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.access_words import sentence
from connectors.web.areas_admin import forms
from groupware.areas.rooms import State
from groupware.errors import Conflict, Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show_new(visit: Visit) -> Response:
    """The form for a new room of an area."""
    return await _new(visit, HTTPStatus.OK, {})


async def open_it(visit: Visit) -> Response:
    """Open it."""
    form, code = visit.form, visit.form.get("code", "").strip()
    try:
        await visit.portal.groupware.areas.open_room(
            visit.caller, visit.path["code"], code, forms.settings(form), form.get("under", "")
        )
    except (Refused, Conflict, forms.BadFormError) as error:
        return await _new(visit, *forms.problems(error))
    return RedirectResponse(f"/administration/rooms/{code}?done=opened", HTTPStatus.SEE_OTHER)


async def show(visit: Visit) -> Response:
    """All of it."""
    return await _page(visit, HTTPStatus.OK, {})


async def change(visit: Visit) -> Response:
    """Save the settings."""
    code = visit.path["code"]
    try:
        await visit.portal.groupware.areas.change_room(
            visit.caller, code, forms.settings(visit.form), forms.seen(visit.form)
        )
    except (Refused, Conflict, forms.BadFormError) as error:
        return await _page(visit, *forms.problems(error))
    return _back(visit, "saved")


async def set_state(visit: Visit) -> Response:
    """Close, archive or reopen it."""
    wanted = visit.form.get("state", "")
    if wanted not in set(State):
        return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, {"form": "Choose what to do."})
    try:
        await visit.portal.groupware.areas.set_state(
            visit.caller, visit.path["code"], State(wanted), forms.seen(visit.form)
        )
    except (Refused, Conflict) as error:
        return await _page(visit, *forms.problems(error))
    return _back(visit, wanted)


async def set_deputy(visit: Visit) -> Response:
    """Make a moderator a deputy, or no deputy any more."""
    deputy = visit.form.get("act") == "deputy"
    try:
        await visit.portal.groupware.areas.set_deputy(
            visit.caller, visit.path["code"], visit.form.get("login", ""), deputy=deputy
        )
    except Refused as error:
        return await _page(visit, *forms.problems(error))
    return _back(visit, "saved")


async def _new(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    sheet = await visit.portal.groupware.areas.area(visit.caller, visit.path["code"])
    values = {"sheet": sheet, "units": await forms.units(visit), "markings": forms.MARKINGS, "problems": problems}
    first = {"moderated": "yes", "marking": "2", "handling": "0", "retention": "standard", "patience": "24"}
    form = dict(visit.form) or {**first, "under": visit.query("under")}
    return await visit.page("areas_admin/room_new.html", status, form=form, **values)


async def _page(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    sheet = await visit.portal.groupware.areas.room(visit.caller, visit.path["code"])
    values = {"sheet": sheet, "units": await forms.units(visit), "markings": forms.MARKINGS, "problems": problems}
    kept = dict(visit.form) if "name" in visit.form else {}
    form = kept or {
        "name": sheet.settings.name,
        "topic": sheet.settings.topic,
        "owner": sheet.settings.owner,
        "marking": str(int(sheet.settings.marking)),
        "handling": str(sheet.settings.handling),
        "retention": sheet.settings.retention,
        "patience": str(sheet.settings.patience),
        "second_person": sheet.settings.second_person,
        **({"moderated": "yes"} if sheet.settings.moderated else {}),
        **({"bars_personal_data": "yes"} if sheet.settings.bars_personal_data else {}),
    }
    values |= {"form": form, "sentence": sentence, "done": visit.query("done")}
    return await visit.page("areas_admin/room.html", status, **values)


def _back(visit: Visit, done: str) -> Response:
    return RedirectResponse(f"/administration/rooms/{visit.path['code']}?done={done}", HTTPStatus.SEE_OTHER)
