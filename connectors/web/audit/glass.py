"""Break-glass: a security officer asks, another body's confirms, and the asker reads, while the owners know of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.download import as_file
from connectors.web.duties.fields import number, sentence
from connectors.web.faults import of_error
from groupware.errors import Conflict, NotFound, Refused
from groupware.glass.asking import Wanted
from groupware.glass.rows import Scope
from groupware.releases.words import LONGEST_NAME, LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit

SCOPES = {Scope.POST: "one message", Scope.THREAD: "its whole thread", Scope.ROOM: "all messages of a room"}
DIGITS_MAX = 3
UNFIT = HTTPStatus.UNPROCESSABLE_ENTITY
DONE = {
    "asked": "It is asked. A security officer of another state or institution has to confirm it.",
    "confirmed": "It is confirmed, and the owners have been told.",
    "ended": "It has ended.",
}


async def listed(visit: Visit) -> Response:
    """All that the officer may know of, and the form to ask."""
    return await _list(visit, {})


async def ask(visit: Visit) -> Response:
    """Ask."""
    scope, hours = visit.form.get("scope", ""), visit.form.get("hours", "")
    if scope not in set(Scope):
        return await _list(visit, {"scope": "Choose how much is to be read."}, UNFIT)
    if not (hours.isascii() and hours.isdecimal() and len(hours) <= DIGITS_MAX):
        return await _list(visit, {"hours": "Say a number of hours."}, UNFIT)
    wanted = Wanted(Scope(scope), visit.form.get("name", ""), visit.form.get("reason", ""), int(hours))
    try:
        made = await visit.portal.groupware.glass.ask(visit.caller, wanted)
    except (Refused, Conflict) as error:
        return await _list(visit, {"form": sentence(error.text)}, of_error(error).status)
    return RedirectResponse(f"/audit/glass/{made}?done=asked", HTTPStatus.SEE_OTHER)


async def show(visit: Visit) -> Response:
    """One of them."""
    return await _page(visit, {})


async def send(visit: Visit) -> Response:
    """Confirm it, or end it."""
    wanted, act = number(visit.path["number"]), visit.form.get("act", "")
    desk = visit.portal.groupware.glass
    try:
        if act == "confirmed":
            await desk.confirm(visit.caller, wanted)
        elif act == "ended":
            await desk.end(visit.caller, wanted)
        else:
            return await _page(visit, {"form": "Choose what to do."}, UNFIT)
    except (Refused, Conflict) as error:
        return await _page(visit, {"form": sentence(error.text)}, of_error(error).status)
    return RedirectResponse(f"/audit/glass/{wanted}?done={act}", HTTPStatus.SEE_OTHER)


async def post(visit: Visit) -> Response:
    """Open a message. It is on record before it is shown, and a form's alone: nothing that follows links opens one."""
    wanted = number(visit.path["number"])
    opened = await visit.portal.groupware.glass.show(visit.caller, wanted, number(visit.path["post"]))
    return await visit.page("audit/glass_post.html", number=wanted, opened=opened)


async def source(visit: Visit) -> Response:
    """The message as its readers get it, with its attachments: an opening of its own."""
    wanted = number(visit.path["post"])
    octets = await visit.portal.groupware.glass.octets(visit.caller, number(visit.path["number"]), wanted)
    return as_file(octets, "message/rfc822", f"iconet-{wanted}.eml")


async def _list(visit: Visit, problems: Mapping[str, str], status: int = HTTPStatus.OK) -> Response:
    desk = visit.portal.groupware.glass
    cards, asks = await desk.cards(visit.caller), await visit.portal.groupware.audit.reads(visit.caller)
    if not cards and not asks:
        raise NotFound("glass")
    values = {
        "cards": cards,
        "asks": asks,
        "scopes": SCOPES,
        "given": {name: visit.form.get(name, "") for name in ("scope", "name", "reason", "hours")},
        "longest": desk.longest,
        "line": LONGEST_NAME,
        "most": LONGEST_TEXT,
    }
    return await visit.page("audit/glasses.html", status, problems=problems, **values)


async def _page(visit: Visit, problems: Mapping[str, str], status: int = HTTPStatus.OK) -> Response:
    card = await visit.portal.groupware.glass.card(visit.caller, number(visit.path["number"]))
    done = DONE.get(visit.query("done"), "")
    return await visit.page("audit/glass.html", status, problems=problems, card=card, scopes=SCOPES, done=done)
