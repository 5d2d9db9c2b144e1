"""What awaits a second person: new credentials that a colleague asked for, released by somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.arrival import own_url
from groupware.errors import Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """All of the caller's body."""
    return await _page(visit)


async def release(visit: Visit) -> Response:
    """Have the link made; it is shown once, to be handed over."""
    login = visit.form.get("login", "")
    try:
        link = await visit.portal.groupware.people.release_reset(visit.caller, login)
    except Refused as error:
        return await _page(visit, 422, error.text)
    base = own_url(visit.portal, visit.request)
    return await visit.page("people/link.html", link=link, base=base, name=login, done="/people/resets")


async def _page(visit: Visit, status: int = 200, problem: str = "") -> Response:
    waiting = await visit.portal.groupware.people.resets(visit.caller)
    return await visit.page("people/resets.html", status, waiting=waiting, problem=problem)
