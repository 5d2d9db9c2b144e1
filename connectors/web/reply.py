"""Answer a post: the form of a new one, with what it takes from the one it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web import compose
from connectors.web.compose import Sheet
from groupware.composing import answer_subject
from groupware.errors import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """An empty answer."""
    sheet, subject = await _sheet(visit)
    return await compose.form(visit, sheet, {}, subject)


async def send(visit: Visit) -> Response:
    """Hand it in."""
    sheet, _ = await _sheet(visit)
    return await compose.hand_in(visit, sheet)


async def _sheet(visit: Visit) -> tuple[Sheet, str]:
    card = await visit.portal.groupware.post(visit.caller, visit.path["token"])
    page = await visit.portal.groupware.room(visit.caller, card.room)
    if not page.may_post:
        raise NotFound(card.token)
    return Sheet(page.room, card), answer_subject(card.subject, card.marking)
