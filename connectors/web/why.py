"""Why can I see this? The decision about a post, with the rules that made it, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.web.rules import SENTENCES
from groupware.errors import NotFound
from policies.vocabulary import Action

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

OF_POST = {Action.READ: "read this post", Action.MODERATE: "decide about this post"}
OF_ROOM = {Action.ENTER: "enter its room", Action.POST: "post there", Action.PUBLISH: "publish there without waiting"}


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
    return await visit.page("why.html", post=post, lines=lines)


async def _line(visit: Visit, action: Action, what: str, item: str) -> Line | None:
    """None about a room that may not be known."""
    try:
        answer = await visit.portal.groupware.why_own(visit.caller, action, item)
    except NotFound:
        return None
    return Line(what, answer.allowed, tuple((rule, SENTENCES[rule]) for rule in answer.rules))
