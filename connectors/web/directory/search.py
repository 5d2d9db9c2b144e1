"""Search: a form that works by itself, and what a page with scripts fetches while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """The form, what `?q=` finds, and the bodies that take part."""
    pages = visit.portal.groupware.directory_pages
    found = await pages.search(visit.caller, visit.query("q"))
    return await visit.page("directory/search.html", found=found, bodies=await pages.bodies(visit.caller))


async def found(visit: Visit) -> Response:
    """What `?q=` finds, alone."""
    answer = await visit.portal.groupware.directory_pages.search(visit.caller, visit.query("q"))
    return visit.fragment("directory/_found.html", found=answer)
