"""One's own telephone and languages."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from groupware.errors import Conflict
from groupware.people.faults import BadEntry
from groupware.people.own import Own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """As they are."""
    return await _form(visit, {})


async def send(visit: Visit) -> Response:
    """Write them."""
    new = Own(*(visit.form.get(name, "").strip() for name in ("phone", "mobile", "languages")))
    seen = visit.form.get("seen", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0  # noqa: PLR2004 -- digits of a version
    try:
        await visit.portal.groupware.people.change_own(visit.caller, new, version)
    except BadEntry as bad:
        return await _form(visit, {column: problem.text for column, problem in bad.problems.items()}, 422)
    except Conflict as error:
        return await _form(visit, {"form": error.text}, 409)
    return await _form(visit, {}, done=True)


async def withdraw_reset(visit: Visit) -> Response:
    """End what somebody asked for in one's name: new credentials."""
    await visit.portal.groupware.people.withdraw_own_reset(visit.caller)
    return RedirectResponse("/account?done=reset-withdrawn", HTTPStatus.SEE_OTHER)


async def allow_national(visit: Visit) -> Response:
    """Let the account of one's own state be bound to this one, within the hour."""
    await visit.portal.groupware.provider.allow_national(visit.caller)
    return RedirectResponse("/account?done=national", HTTPStatus.SEE_OTHER)


async def _form(visit: Visit, problems: Mapping[str, str], status: int = 200, *, done: bool = False) -> Response:
    found = await visit.portal.groupware.people.own(visit.caller)
    given = visit.form or {"phone": found.phone, "mobile": found.mobile, "languages": found.languages}
    return await visit.page("people/own.html", status, own=found, given=given, problems=problems, done=done)
