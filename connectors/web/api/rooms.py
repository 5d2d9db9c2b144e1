"""Rooms and their posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from groupware.message.markings import Marks, said_handling, said_marking
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from connectors.web.api.call import Call
    from groupware.preview import State
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


async def readers(call: Call) -> Response:
    """Who could read a post of the caller's there, with this marking and handling code at least."""
    marks = Marks(said_marking(call.query("marking")) or Marking.CLEAR, said_handling(call.query("handling")))
    found = await call.groupware.preview(call.caller, call.path["code"], marks, call.query("answers"))
    return JSONResponse(
        {
            "marking": found.marks.marking.label,
            "handling": found.marks.handling.label,
            "officials": found.officials,
            "by_mail": found.by_mail,
            "bodies": _bodies(found.states),
            "waits": found.waits,
            "authorisers": _bodies(found.authorisers),
        }
    )


def _bodies(states: Sequence[State]) -> list[dict[str, object]]:
    return [
        {
            "code": state.code,
            "name": state.name,
            "officials": state.officials,
            "units": [{"name": name, "officials": number} for name, number in state.units],
        }
        for state in states
    ]


def _post(card: PostCard) -> dict[str, str]:
    return {
        "id": card.token,
        "message_id": card.message_id,
        "room": card.room,
        "author": card.author,
        "author_name": card.author_name,
        "subject": card.subject,
        "marking": Marking(card.marking).label,
        "handling": Handling(card.handling).label,
        "sent": moment(card.sent),
        "published": moment(card.published),
    }
