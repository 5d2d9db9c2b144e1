"""Acknowledging a post: the button, who has pressed it (for author and owner), and what awaits one's own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """One's own, and for author and owner everybody's."""
    post = await visit.portal.groupware.post(visit.caller, visit.path["token"])
    ledger = await visit.portal.groupware.acknowledging.ledger(visit.caller, post.token)
    return await visit.page("acknowledge.html", post=post, ledger=ledger)


async def send(visit: Visit) -> Response:
    """Say so."""
    token = visit.path["token"]
    await visit.portal.groupware.acknowledging.acknowledge(visit.caller, token)
    return RedirectResponse(f"/posts/{token}/acknowledge", HTTPStatus.SEE_OTHER)


async def awaiting(visit: Visit) -> Response:
    """What awaits one's own acknowledgement."""
    found = await visit.portal.groupware.acknowledging.awaiting(visit.caller)
    return await visit.page("awaiting.html", awaiting=found)
