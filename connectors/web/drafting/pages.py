"""Drafts that await a colleague's word: a list, one of them, and the forms."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.compose import SUBJECT_MAX, TEXT_MAX, has_controls
from connectors.web.faults import of_error
from groupware.drafting.deciding import Word
from groupware.drafts import LONGEST_REASON
from groupware.errors import Conflict, Refused
from groupware.message.errors import Unacceptable

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
    return await visit.page("drafting/drafts.html", asked=asked, own=own, done=DONE.get(visit.query("done"), ""))


async def show(visit: Visit) -> Response:
    """One of them with its text, and the form."""
    return await _page(visit, HTTPStatus.OK, {})


async def send(visit: Visit) -> Response:
    """Authorise it, refuse it, or hand in a new version of one's own."""
    act = visit.form.get("act", "")
    try:
        if act in set(Word):
            return await _decide(visit, Word(act))
        if act == "redraft":
            return await _redraft(visit)
    except (Refused, Conflict, Unacceptable) as error:
        if isinstance(error, Conflict) and error.rule == "already-decided":
            raise
        said = of_error(error)
        return await _page(visit, said.status, {"form": said.sentence})
    return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, {"form": "Choose what to do."})


async def _decide(visit: Visit, word: Word) -> Response:
    reason = visit.form.get("reason", "").strip()
    if (word is Word.REFUSE and not reason) or len(reason) > LONGEST_REASON:
        wanted = f"Tell the author why, in at most {LONGEST_REASON} characters."
        return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, {"reason": wanted})
    state = await visit.portal.groupware.drafting.decide(visit.caller, visit.path["token"], word, reason)
    return _back(state)


async def _redraft(visit: Visit) -> Response:
    subject, text = " ".join(visit.form.get("subject", "").split()), visit.form.get("text", "")
    problems = _problems(subject, text)
    if problems:
        return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, problems)
    receipt = await visit.portal.groupware.drafting.redraft(visit.caller, visit.path["token"], subject, text)
    return _back("redrafted" if receipt.drafted else "sent")


def _problems(subject: str, text: str) -> dict[str, str]:
    found = {}
    if not subject or len(subject) > SUBJECT_MAX or has_controls(subject):
        found["subject"] = f"A subject is one line of at most {SUBJECT_MAX} characters."
    if not text.strip() or len(text) > TEXT_MAX or has_controls(text):
        found["text"] = f"A text has at most {TEXT_MAX:,} characters and no control characters."
    return found


def _back(done: str) -> Response:
    return RedirectResponse(f"/drafts?done={done}", HTTPStatus.SEE_OTHER)


async def _page(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    shown = await visit.portal.groupware.drafting.show(visit.caller, visit.path["token"])
    values = {"draft": shown.case.line, "post": shown.case.card, "decides": shown.case.decides}
    limits = {"most": LONGEST_REASON, "longest": TEXT_MAX, "longest_subject": SUBJECT_MAX}
    more = {"display": shown.display, "form": visit.form, "problems": problems}
    return await visit.page("drafting/draft.html", status, **values, **limits, **more)


PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/drafts", queue, None),
    ("/drafts/{token}", show, send),
)
"""As connectors.web.app's."""
