"""A room: its posts, newest first, and the caller's own that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """A page of posts; `?before=` a post's token for older ones."""
    page = await visit.portal.groupware.room(visit.caller, visit.path["code"], visit.query("before"))
    return await visit.page(
        "room.html", page=page, first=not visit.query("before"), live=False, sent=visit.query("sent")
    )


async def posts(visit: Visit) -> Response:
    """The newest posts alone: what an open page fetches when something has changed."""
    page = await visit.portal.groupware.room(visit.caller, visit.path["code"])
    return visit.fragment("_posts.html", page=page, first=True, live=True)
