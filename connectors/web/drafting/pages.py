"""Drafts that await a colleague's word: a list, one of them, and the forms."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web import own_word
from groupware.drafting.deciding import Word
from groupware.drafts import LONGEST_REASON

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Page, Visit

DONE = {
    "published": "You have authorised it, and it is published.",
    "held": "You have authorised it. It awaits moderation now.",
    "unconfirmed": "You have authorised it. It seems to hold personal data, and awaits its author's word now.",
    "refused": "You have refused it. Its author is told why.",
    "withdrawn": "Its author may not post there any more, so it has ended.",
    "redrafted": "Your new version awaits authorisation, and the first one is gone.",
    "sent": "Your new version was taken, and the first one is gone.",
}


async def queue(visit: Visit) -> Response:
    """What awaits the caller's authorisation, and what they have written themselves."""
    drafting = visit.portal.groupware.drafting
    asked, own = await drafting.to_authorise(visit.caller), await drafting.own(visit.caller)
    markings, done = await visit.portal.groupware.marks.to_confirm(visit.caller), DONE.get(visit.query("done"), "")
    return await visit.page("drafting/drafts.html", asked=asked, own=own, markings=markings, done=done)


async def show(visit: Visit) -> Response:
    """One of them with its text, and the form."""
    return await _page(visit, HTTPStatus.OK, {})


async def send(visit: Visit) -> Response:
    """Authorise it, refuse it, or hand in a new version of one's own."""
    acts = {"authorise": _authorise, "refuse": _refuse, "redraft": _redraft}
    return await own_word.send(visit, acts, _page)


async def _authorise(visit: Visit) -> Response:
    return await _decide(visit, Word.AUTHORISE)


async def _refuse(visit: Visit) -> Response:
    return await _decide(visit, Word.REFUSE)


async def _decide(visit: Visit, word: Word) -> Response:
    reason = own_word.reason(visit, "Tell the author why", LONGEST_REASON, needed=word is Word.REFUSE)
    return _back(await visit.portal.groupware.drafting.decide(visit.caller, visit.path["token"], word, reason))


async def _redraft(visit: Visit) -> Response:
    receipt = await visit.portal.groupware.drafting.redraft(visit.caller, visit.path["token"], *own_word.anew(visit))
    return _back("redrafted" if receipt.drafted else "sent")


def _back(done: str) -> Response:
    return RedirectResponse(f"/drafts?done={done}", HTTPStatus.SEE_OTHER)


async def _page(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    shown = await visit.portal.groupware.drafting.show(visit.caller, visit.path["token"])
    values = {"draft": shown.case.line, "post": shown.case.card, "decides": shown.case.decides}
    limits = own_word.limits(LONGEST_REASON)
    more = {"display": shown.display, "form": visit.form, "problems": problems}
    return await visit.page("drafting/draft.html", status, **values, **limits, **more)


PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/drafts", queue, None),
    ("/drafts/{token}", show, send),
)
"""As connectors.web.app's."""
