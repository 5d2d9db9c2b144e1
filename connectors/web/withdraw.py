"""Taking a post back: the question, and the deed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from groupware.withdrawal import LONGEST_REASON

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """Which post it is, as far as the caller may know, and what taking it back means."""
    return await _form(visit)


async def send(visit: Visit) -> Response:
    """Take it back; who does that with what others wrote says why."""
    reason = visit.form.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        return await _form(visit, reason=f"At most {LONGEST_REASON} characters.")
    await visit.portal.groupware.areas.withdraw(visit.caller, visit.path["token"], reason)
    return RedirectResponse("/?withdrawn=1", HTTPStatus.SEE_OTHER)


async def _form(visit: Visit, **problems: str) -> Response:
    asked = await visit.portal.groupware.areas.to_withdraw(visit.caller, visit.path["token"])
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    values = {"asked": asked, "post": asked.card, "reason": visit.form.get("reason", ""), "most": LONGEST_REASON}
    return await visit.page("withdraw.html", status, problems=problems, **values)
