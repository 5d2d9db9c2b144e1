"""Whom to ask at a state or institution, and about what; who keeps a body's entries finds its forms here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """All of them, or those that are asked for (`?body=&about=`)."""
    body, about = visit.query("body"), visit.query("about")
    directions = await visit.portal.groupware.directory_pages.whom_to_ask(visit.caller, body, about)
    missing = await visit.portal.groupware.duties.bodies_without_contact_point()
    values: dict[str, Any] = {"directions": directions, "missing": missing, "body": body, "about": about}
    return await visit.page("directory/contact_points.html", done=visit.query("done"), **values)
