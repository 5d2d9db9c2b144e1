"""The log, newest first, narrowed by a form: who, what happened, to which post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.door_words import WAYS_IN
from groupware.acts import Happening
from groupware.audit.looking import LAST, Lines, Wanted
from groupware.errors import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

DIGITS = 18
WORDS = {
    Happening.PERMITTED: "allowed",
    Happening.DENIED: "refused",
    Happening.READ: "opened",
    Happening.DELIVERED: "delivered",
    Happening.CHANGED: "changed",
}
"""What a screen says of each."""


async def show(visit: Visit) -> Response:
    """A page of it. Nobody's login finds nothing, and says so at the field."""
    wanted, problems = asked(visit), dict[str, str]()
    try:
        found = await visit.portal.groupware.audit.lines(visit.caller, wanted)
    except NotFound:
        found, problems = Lines((), 0), {"login": "Nobody has this login."}
    return await visit.page("audit/log.html", found=found, wanted=wanted, words=WORDS, ways=WAYS_IN, problems=problems)


def asked(visit: Visit) -> Wanted:
    """What the form says; what can't be is as if it weren't there."""
    event, before = visit.query("event"), visit.query("before")
    return Wanted(
        login=visit.query("login").strip(),
        event=Happening(event) if event in set(Happening) else None,
        post=_number(visit.query("post")),
        before=int(_number(before)) if _number(before) else LAST,
    )


def _number(text: str) -> str:
    bare = text.strip()
    return bare if bare.isascii() and bare.isdecimal() and len(bare) <= DIGITS else ""
