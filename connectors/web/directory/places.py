"""People, units and bodies, a page each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def person(visit: Visit) -> Response:
    """An official: contact data, duties, postings."""
    found = await visit.portal.groupware.directory_pages.person(visit.caller, visit.path["login"])
    return await visit.page("directory/person.html", person=found, countries=visit.portal.countries)


async def unit(visit: Visit) -> Response:
    """A unit: where it stands, its mailbox, its people."""
    found = await visit.portal.groupware.directory_pages.unit(visit.caller, visit.path["body"], visit.path["unit"])
    return await visit.page("directory/unit.html", here=found)


async def body(visit: Visit) -> Response:
    """A body: its units, contact points and liaison officers."""
    found = await visit.portal.groupware.directory_pages.body(visit.caller, visit.path["body"])
    return await visit.page("directory/body.html", here=found, countries=visit.portal.countries)
