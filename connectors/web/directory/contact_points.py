"""Whom to ask at a state or institution, and about what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """The question as a form (`?body=&about=`), and its answer."""
    body, about = visit.query("body"), visit.query("about")
    directions = await visit.portal.groupware.directory_pages.whom_to_ask(visit.caller, body, about)
    return await visit.page("directory/contact_points.html", directions=directions, body=body, about=about)
