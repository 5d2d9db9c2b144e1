"""A session for a program: administration through the API needs a strong sign-in, which app passwords aren't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.errors import NotFound
from groupware.web_sessions import Start

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

START = Start(means="portal", device="A program, for the API", program=True)


async def show(visit: Visit) -> Response:
    """What it is for, and the button. 404 for who administers nothing."""
    await _check(visit)
    return await visit.page("people/programs.html", token="")


async def make(visit: Visit) -> Response:
    """A session of one's own for a program; its token is shown once."""
    await _check(visit)
    token = await visit.portal.groupware.web_sessions.begin(visit.caller, START)
    return await visit.page("people/programs.html", token=token)


async def _check(visit: Visit) -> None:
    groupware = visit.portal.groupware
    if not await groupware.people.keeps(visit.caller) and not await groupware.areas.manages(visit.caller):
        raise NotFound("programs")
