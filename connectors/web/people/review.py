"""The half-yearly review: who still takes part is confirmed by ticking, and what ends soon is listed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

FIELD = "official-"


async def show(visit: Visit) -> Response:
    """The longest unconfirmed first."""
    people, done = visit.portal.groupware.people, visit.query("done")
    found = await people.review(visit.caller)
    return await visit.page(
        "people/review.html",
        review=found,
        ending=await people.ending(visit.caller),
        bodies=await people.late_bodies(visit.caller),
        done=done if done.isdecimal() else "",
        own=visit.caller.official,
    )


async def confirm(visit: Visit) -> Response:
    """Confirm those that are ticked."""
    ticked = [name.removeprefix(FIELD) for name in visit.form if name.startswith(FIELD)]
    numbers = [int(each) for each in ticked if each.isdecimal() and len(each) <= 18]  # noqa: PLR2004 -- digits of a row's id
    done = await visit.portal.groupware.people.confirm(visit.caller, "", numbers) if numbers else 0
    return RedirectResponse(f"/people/review?done={done}", HTTPStatus.SEE_OTHER)
