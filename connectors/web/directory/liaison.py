"""Liaison officers by host country: a map, and its table beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.directory.world import draw

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """Those who are posted now, and apart from them those who are to be."""
    names = visit.portal.countries
    postings = await visit.portal.groupware.directory_pages.postings(visit.caller)
    placed = sorted(postings, key=lambda each: (names.get(each.country, each.country), each.city))
    now, planned = ([each for each in placed if each.planned is later] for later in (False, True))
    chart = draw([each.country for each in now], [each.country for each in planned])
    return await visit.page("directory/liaison.html", now=now, planned=planned, chart=chart, countries=names)
