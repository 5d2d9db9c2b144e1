"""Why can or can't I see this? The decision about a post or a room, with the rules that made it, in plain words.

About what isn't there and what isn't the caller's the answer is the same: what could be the reasons, and whom to ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse

from connectors.web.rules import SENTENCES
from groupware.errors import NotFound
from groupware.why import LONGEST_ITEM
from policies.vocabulary import Action

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

OF_POST = {
    Action.READ: "read this post",
    Action.MODERATE: "decide about this post",
    Action.ACKNOWLEDGE: "acknowledge this post",
}
OF_ROOM = {Action.ENTER: "enter its room", Action.POST: "post there", Action.PUBLISH: "publish there without waiting"}
OF_ROOM_ALONE = {**OF_ROOM, Action.ENTER: "enter this room"}
_LINK = re.compile(r"(?:https?://[^/]+)?/(posts|rooms)/([^/?#]+).*")


@dataclass(frozen=True, slots=True)
class Line:
    """One question and its answer; each rule with its sentence."""

    what: str
    allowed: bool
    rules: tuple[tuple[str, str], ...]


async def show(visit: Visit) -> Response:
    """What the caller may do with a post and its room, and why."""
    post = await visit.portal.groupware.post(visit.caller, visit.path["token"])
    asked = [(action, what, post.token) for action, what in OF_POST.items()]
    asked += [(action, what, post.room) for action, what in OF_ROOM.items()]
    lines = [line for each in asked if (line := await _line(visit, *each))]
    rights = await visit.portal.groupware.explaining.rights(visit.caller, post.room)
    return await visit.page("why.html", post=post, lines=lines, rights=rights)


async def room(visit: Visit) -> Response:
    """The same for a room."""
    page = await visit.portal.groupware.room(visit.caller, visit.path["code"])
    asked = [(action, what, page.room.code) for action, what in OF_ROOM_ALONE.items()]
    lines = [line for each in asked if (line := await _line(visit, *each))]
    rights = await visit.portal.groupware.explaining.rights(visit.caller, page.room.code)
    return await visit.page("why_room.html", room=page.room, lines=lines, rights=rights)


async def ask(visit: Visit) -> Response:
    """By a link, a Message-ID or a room's code: to the page that says why, or what could be the reasons why not."""
    item = visit.query("item").strip()[:LONGEST_ITEM]
    if item:
        try:
            return RedirectResponse(await _place(visit, item), HTTPStatus.SEE_OTHER)
        except NotFound:
            pass
    contacts = await visit.portal.groupware.explaining.contacts(visit.caller)
    return await visit.page("why_not.html", item=item, contacts=contacts, longest=LONGEST_ITEM)


async def _place(visit: Visit, item: str) -> str:
    """Of the page about what the caller can see. Raises NotFound."""
    link = _LINK.fullmatch(item)
    kind, name = (link[1], link[2]) if link else ("", item)
    if kind != "rooms":
        try:
            found = await visit.portal.groupware.explaining.token(visit.caller, name)
            return f"/posts/{quote(found, safe='')}/why"
        except NotFound:
            if kind:
                raise
    return f"/rooms/{quote((await visit.portal.groupware.room(visit.caller, name)).room.code, safe='')}/why"


async def _line(visit: Visit, action: Action, what: str, item: str) -> Line | None:
    """None about a room that may not be known."""
    try:
        answer = await visit.portal.groupware.why_own(visit.caller, action, item)
    except NotFound:
        return None
    return Line(what, answer.allowed, tuple((rule, SENTENCES[rule]) for rule in answer.rules))
