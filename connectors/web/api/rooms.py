"""Rooms and their posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from groupware.reading import PostCard


async def all_rooms(call: Call) -> Response:
    """Those that the caller may enter."""
    found = await call.groupware.rooms(call.caller)
    return JSONResponse(
        [
            {
                "code": room.code,
                "name": room.name,
                "moderated": room.moderated,
                "marking": Marking(room.marking).label,
            }
            for room in found
        ]
    )


async def posts(call: Call) -> Response:
    """A page of one room's."""
    page = await call.groupware.room(call.caller, call.path["code"], call.query("before"))
    return JSONResponse([_post(card) for card in page.posts])


def _post(card: PostCard) -> dict[str, str]:
    return {
        "id": card.token,
        "message_id": card.message_id,
        "room": card.room,
        "author": card.author,
        "author_name": card.author_name,
        "subject": card.subject,
        "marking": Marking(card.marking).label,
        "sent": moment(card.sent),
        "published": moment(card.published),
    }
