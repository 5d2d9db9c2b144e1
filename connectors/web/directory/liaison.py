"""Liaison officers by host country: a map, and its table beside it; who keeps a posting finds its form here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.web.directory.world import draw

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """Those who are posted now, and apart from them those who are to be."""
    names = visit.portal.countries
    postings = await visit.portal.groupware.directory_pages.postings(visit.caller)
    placed = sorted(postings, key=lambda each: (names[each.posting.host_country], each.posting.host_city))
    now, planned = ([each for each in placed if each.to_come is later] for later in (False, True))
    chart = draw([each.posting.host_country for each in now], [each.posting.host_country for each in planned])
    keeps = await visit.portal.groupware.duties.keeps(visit.caller)
    values: dict[str, Any] = {"now": now, "planned": planned, "chart": chart, "countries": names, "ours": keeps}
    return await visit.page("directory/liaison.html", done=visit.query("done"), **values)
