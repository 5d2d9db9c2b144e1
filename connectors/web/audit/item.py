"""The ledger of a post: who may read it, whom it reached, who opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.door_words import WAYS_IN
from connectors.web.audit.log import DIGITS
from groupware.errors import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """By the number that the log gives the post."""
    number = visit.path["number"]
    if not (number.isascii() and number.isdecimal() and len(number) <= DIGITS):
        raise NotFound(number)
    found = await visit.portal.groupware.audit.item(visit.caller, int(number))
    return await visit.page("audit/item.html", item=found, ways=WAYS_IN)
