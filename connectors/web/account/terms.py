"""The terms of use: read at any time, accepted before anything else is shown."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from connectors.web import onward
from connectors.web.sign_in import own_path

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

UNREAD = "To go on, say that you accept them. Who doesn't can sign out."
NEWER = "The terms have changed meanwhile. Please read them again."


async def show(visit: Visit) -> Response:
    """The text, with the question for those who have not answered it."""
    return await _page(visit)


async def send(visit: Visit) -> Response:
    """The answer, about the version that was shown."""
    if not visit.form.get("accepts"):
        return await _page(visit, 422, UNREAD)
    if not await visit.portal.groupware.identity.accept_terms(visit.caller, visit.form.get("version", "")):
        return await _page(visit, 409, NEWER)
    return onward.inside(visit.portal, own_path(visit.form.get("next", "")))


async def _page(visit: Visit, status: int = HTTPStatus.OK, problem: str = "") -> Response:
    problems = {"accepts": problem} if problem else {}
    after = own_path(visit.form.get("next", "") or visit.query("next"))
    terms = visit.portal.groupware.rules.terms
    return await visit.page("account/terms.html", status, terms=terms, problems=problems, next=after)
