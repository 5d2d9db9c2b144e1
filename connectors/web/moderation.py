"""Moderation: one queue over all rooms, a post to judge, and the decision."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from groupware.moderation import LONGEST_REASON, Word

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

DONE = {
    "approve": "The post is published.",
    "refuse": "The post is refused. Its author has been told the reason.",
}


async def queue(visit: Visit) -> Response:
    """What awaits the caller's decision, oldest first."""
    held = await visit.portal.groupware.held(visit.caller)
    return await visit.page("moderation.html", posts=held, done=DONE.get(visit.query("done"), ""))


async def show(visit: Visit) -> Response:
    """One held post with its text, and the form."""
    return await _form(visit)


async def decide(visit: Visit) -> Response:
    """Approve or refuse; a refusal says why."""
    word, reason = visit.form.get("decision", ""), visit.form.get("reason", "").strip()
    if word not in set(Word):
        return await _form(visit, decision="Choose what to do.")
    if word == Word.REFUSE and not reason:
        return await _form(visit, reason="Tell the author why.")
    if len(reason) > LONGEST_REASON:
        return await _form(visit, reason=f"At most {LONGEST_REASON} characters.")
    await visit.portal.groupware.decide(visit.caller, visit.path["token"], Word(word), reason)
    return RedirectResponse(f"/moderation?done={word}", HTTPStatus.SEE_OTHER)


async def _form(visit: Visit, **problems: str) -> Response:
    token = visit.path["token"]
    card = await visit.portal.groupware.review(visit.caller, token)
    _, display = await visit.portal.groupware.display(visit.caller, token)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    values = {"post": card, "display": display, "reason": visit.form.get("reason", ""), "most": LONGEST_REASON}
    return await visit.page("review.html", status, problems=problems, **values)
