"""A thread: its posts with their texts and attachments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.web.download import as_file
from groupware.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.message.text import Display
    from groupware.reading import PostCard, RoomPage

PAGE = 25
"""Posts with their texts on one page."""
DIGITS_MAX = 5
"""Of a page's number."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One post on the page, and which one it answers, if that is in the thread."""

    card: PostCard
    display: Display
    answers: PostCard | None


async def show(visit: Visit) -> Response:
    """The page of the thread that holds the post, or the one asked for."""
    token = visit.path["token"]
    posts = await visit.portal.groupware.conversation(visit.caller, token)
    current = next(place for place, post in enumerate(posts) if post.token == token)
    pages = (len(posts) + PAGE - 1) // PAGE
    number = _number(visit.query("page"), pages) or current // PAGE + 1
    some = posts[(number - 1) * PAGE : number * PAGE]
    shown = await _shown(visit, posts, some)
    tokens = [post.token for post in some]
    mine = await visit.portal.groupware.areas.withdrawable(visit.caller, tokens)
    owned = await visit.portal.groupware.marks.markable(visit.caller, tokens)
    values: dict[str, Any] = {
        "token": token,
        "first": posts[0],
        "total": len(posts),
        "number": number,
        "pages": pages,
        "withdrawable": mine,
        "markable": owned,
    }
    return await visit.page("thread.html", posts=shown, room=await _room(visit, posts[0].room), **values)


def _number(given: str, pages: int) -> int:
    return int(given) if given.isdecimal() and len(given) <= DIGITS_MAX and 0 < int(given) <= pages else 0


async def _room(visit: Visit, code: str) -> RoomPage | None:
    """None for liaison officers and authors who read without entering the room."""
    try:
        return await visit.portal.groupware.room(visit.caller, code)
    except NotFound:
        return None


async def _shown(visit: Visit, posts: Sequence[PostCard], some: Sequence[PostCard]) -> list[Shown]:
    by_id = {post.id: post for post in posts}
    found = []
    for post in some:
        card, display = await visit.portal.groupware.display(visit.caller, post.token)
        found.append(Shown(card, display, by_id.get(card.parent)))
    return found


async def source(visit: Visit) -> Response:
    """The message as readers get it, as a file."""
    card, octets = await visit.portal.groupware.rendered(visit.caller, visit.path["token"])
    return as_file(octets, "message/rfc822", f"{card.room}-{card.token}.eml")


async def attachment(visit: Visit) -> Response:
    """One attachment, always as a file to keep and never as something to run."""
    found, octets = await visit.portal.groupware.attachment(visit.caller, visit.path["token"], visit.path["part"])
    return as_file(octets, "application/octet-stream", found.name or "attachment")
