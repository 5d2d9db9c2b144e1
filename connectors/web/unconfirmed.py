"""Posts that await the caller's own word: what seems to be personal data, and the choice to confirm or write anew."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse

from connectors.web import own_word
from connectors.web.excerpts import excerpts
from groupware.confirmation.confirming import LONGEST_REASON
from groupware.personal_data.finding import WORDS

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

DONE = {
    "confirmed": "Your word is on record. The post goes on as usual.",
    "redacted": "Your new version was taken, and the first one is gone.",
    "withdrawn": "The post is gone.",
}


async def queue(visit: Visit) -> Response:
    """All of them, oldest first."""
    waiting = await visit.portal.groupware.confirmation.waiting(visit.caller)
    return await visit.page("unconfirmed.html", posts=waiting, words=WORDS, done=DONE.get(visit.query("done"), ""))


async def show(visit: Visit) -> Response:
    """One of them, with what was found marked in its texts, and the forms."""
    return await _page(visit, HTTPStatus.OK, {})


async def send(visit: Visit) -> Response:
    """Confirm it, or hand in a new version."""
    return await own_word.send(visit, {"confirm": _confirm, "redact": _redact}, _page)


async def _confirm(visit: Visit) -> Response:
    reason = own_word.reason(visit, "Say why", LONGEST_REASON, needed=True)
    await visit.portal.groupware.confirmation.confirm(visit.caller, visit.path["token"], reason)
    return _back("confirmed")


async def _redact(visit: Visit) -> Response:
    receipt = await visit.portal.groupware.confirmation.redact(visit.caller, visit.path["token"], *own_word.anew(visit))
    if receipt.unconfirmed:
        return RedirectResponse(f"/rooms/{quote(receipt.outcomes[0].room)}?sent=unconfirmed", HTTPStatus.SEE_OTHER)
    return _back("redacted")


def _back(done: str) -> Response:
    return RedirectResponse(f"/unconfirmed?done={done}", HTTPStatus.SEE_OTHER)


async def _page(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    case = await visit.portal.groupware.confirmation.case(visit.caller, visit.path["token"])
    shown = [(text, excerpts(text)) for text in case.report.texts if text.findings]
    values = {"case": case, "post": case.card, "shown": shown, "words": WORDS, "form": visit.form}
    limits = own_word.limits(LONGEST_REASON)
    return await visit.page("unconfirmed_post.html", status, problems=problems, **values, **limits)
