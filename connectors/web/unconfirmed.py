"""Posts that await the caller's own word: what seems to be personal data, and the choice to confirm or write anew."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse

from connectors.web.compose import SUBJECT_MAX, TEXT_MAX, has_controls
from connectors.web.excerpts import excerpts
from connectors.web.faults import of_error
from groupware.confirmation.confirming import LONGEST_REASON
from groupware.errors import Conflict, Refused
from groupware.message.errors import Unacceptable
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
    acts = {"confirm": _confirm, "redact": _redact}
    act = acts.get(visit.form.get("act", ""))
    if act is None:
        return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, {"form": "Choose what to do."})
    try:
        return await act(visit)
    except (Refused, Conflict, Unacceptable) as error:
        if isinstance(error, Conflict) and error.rule == "already-decided":
            raise
        said = of_error(error)
        return await _page(visit, said.status, {"form": said.sentence})


async def _confirm(visit: Visit) -> Response:
    reason = visit.form.get("reason", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        wanted = f"Say why, in at most {LONGEST_REASON} characters."
        return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, {"reason": wanted})
    await visit.portal.groupware.confirmation.confirm(visit.caller, visit.path["token"], reason)
    return _back("confirmed")


async def _redact(visit: Visit) -> Response:
    subject, text = " ".join(visit.form.get("subject", "").split()), visit.form.get("text", "")
    problems = _problems(subject, text)
    if problems:
        return await _page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, problems)
    receipt = await visit.portal.groupware.confirmation.redact(visit.caller, visit.path["token"], subject, text)
    if receipt.unconfirmed:
        return RedirectResponse(f"/rooms/{quote(receipt.outcomes[0].room)}?sent=unconfirmed", HTTPStatus.SEE_OTHER)
    return _back("redacted")


def _problems(subject: str, text: str) -> dict[str, str]:
    found = {}
    if not subject or len(subject) > SUBJECT_MAX or has_controls(subject):
        found["subject"] = f"A subject is one line of at most {SUBJECT_MAX} characters."
    if not text.strip() or len(text) > TEXT_MAX or has_controls(text):
        found["text"] = f"A text has at most {TEXT_MAX:,} characters and no control characters."
    return found


def _back(done: str) -> Response:
    return RedirectResponse(f"/unconfirmed?done={done}", HTTPStatus.SEE_OTHER)


async def _page(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    case = await visit.portal.groupware.confirmation.case(visit.caller, visit.path["token"])
    shown = [(text, excerpts(text)) for text in case.report.texts if text.findings]
    values = {"case": case, "post": case.card, "shown": shown, "words": WORDS, "form": visit.form}
    limits = {"most": LONGEST_REASON, "longest": TEXT_MAX, "longest_subject": SUBJECT_MAX}
    return await visit.page("unconfirmed_post.html", status, problems=problems, **values, **limits)
