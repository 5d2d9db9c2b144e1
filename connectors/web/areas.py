"""Home: the areas' rooms that one takes part in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """Every room that the caller may enter, with what there is to see."""
    areas = await visit.portal.groupware.overview(visit.caller)
    waits = await visit.portal.groupware.acknowledging.count(visit.caller)
    return await visit.page("areas.html", areas=areas, withdrawn=visit.query("withdrawn"), acknowledge=waits)
