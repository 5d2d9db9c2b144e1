"""A new rule of access to a room, and the end of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.access_words import FOREVER, MAY, ROLES
from connectors.web import officials
from connectors.web.areas_admin import forms
from connectors.web.duties.fields import sentence
from groupware.areas.access import Asked
from groupware.errors import NotFound, Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

ONE = "official"
DIGITS_MAX = 18


async def show(visit: Visit) -> Response:
    """The form for a new rule."""
    return await _form(visit, HTTPStatus.OK, {})


async def give(visit: Visit) -> Response:
    """Let in whom it names."""
    code, form = visit.path["code"], visit.form
    try:
        await visit.portal.groupware.areas.give_access(visit.caller, code, await _asked(visit))
    except forms.BadFormError as error:
        return await _form(visit, HTTPStatus.UNPROCESSABLE_ENTITY, error.problems)
    except Refused as error:
        field = {"unfit-text": "reason", "no-such-unit": "whom", "unfit": "until"}.get(error.rule, "whom")
        field = "login" if field == "whom" and form.get("whom") == ONE else field
        return await _form(visit, HTTPStatus.UNPROCESSABLE_ENTITY, {field: sentence(error.text)})
    return RedirectResponse(f"/administration/rooms/{code}?done=given#access", HTTPStatus.SEE_OTHER)


async def end(visit: Visit) -> Response:
    """End it now."""
    code, rule = visit.path["code"], visit.path["rule"]
    if not rule.isdecimal() or len(rule) > DIGITS_MAX:
        raise NotFound(rule)
    await visit.portal.groupware.areas.end_access(visit.caller, code, int(rule))
    return RedirectResponse(f"/administration/rooms/{code}?done=ended#access", HTTPStatus.SEE_OTHER)


async def _asked(visit: Visit) -> Asked:
    form = visit.form
    whom = form.get("whom", "")
    if whom == ONE:
        whom = f"{ONE}:{(await officials.official(visit, 'login', form.get('login', ''), own=False)).login}"
    reason = form.get("reason", "").strip()
    if not reason:
        raise forms.BadFormError(reason="Say why: it is kept on record.")
    until = _moment(form.get("until", ""), "until", FOREVER, days=1)
    return Asked(form.get("right", ""), whom, reason, _moment(form.get("since", ""), "since", 0), until)


def _moment(text: str, field: str, without: int, days: int = 0) -> int:
    """The beginning of a day (UTC), or of `days` later: a last day counts whole."""
    if not text.strip():
        return without
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise forms.BadFormError(**{field: "A day as 2026-12-31."}) from error
    return int(day.timestamp()) * 1_000_000


async def _form(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    sheet = await visit.portal.groupware.areas.room(visit.caller, visit.path["code"])
    offer = await officials.offer(visit, visit.form.get("login", ""), own=False)
    values = {
        "sheet": sheet,
        "units": await forms.units(visit),
        "form": visit.form,
        "problems": problems,
        "offer": offer,
    }
    return await visit.page("areas_admin/access.html", status, rights=MAY, roles=ROLES, **values)
