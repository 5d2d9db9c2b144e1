"""Step-up: pages of administration want a proof of who is there that is at most 15 minutes old.

One word makes a page such a one, in the table of pages, for what answers GET and for what takes its form:

    ("/units/{id}/edit", elevated(units.show), elevated(units.send)),

Signing in is a proof. When it is too old, a GET goes to `/account/confirm?next=...` and comes back; a POST is answered
with the question itself (401), which carries the form's fields along, and whose answer goes to the same path: nothing
that was typed is lost, and the page behind sees its form without the proof. `Visit.fresh` says how it stands.
A form that is no `application/x-www-form-urlencoded` has nowhere to be kept: it is asked for anew.

A session that another identity provider alone vouches for is not strong, however fresh: it is asked in the same way,
and strong from then on.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse

from connectors.web import arrival, origin
from connectors.web.faults import of_error
from connectors.web.visit import target
from groupware.errors import IconetError, Refused
from groupware.identity.factors import MANY_CODES
from groupware.identity.proof import Proof

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Page, Visit

PURPOSE = "confirm"
WRONG = "That isn't right. Try again."


def elevated(page: Page) -> Page:
    """The page, for those whose proof is fresh; the others are asked first."""

    async def guarded(visit: Visit) -> Response:
        if visit.fresh and (visit.caller.strong or not await _has_any(visit)):
            return await page(visit)
        if visit.request.method != "POST":
            return RedirectResponse(
                f"/account/confirm?next={quote(target(visit.request), safe='')}", HTTPStatus.SEE_OTHER
            )
        form = {name: value for name, value in visit.form.items() if not name.startswith(arrival.PREFIX)}
        answer = await answered(visit, {name: value for name, value in form.items() if name != origin.FIELD})
        return answer or await page(replace(visit, form=form, fresh=True, caller=replace(visit.caller, strong=True)))

    return guarded


async def answered(visit: Visit, kept: dict[str, str]) -> Response | None:
    """None once the proof in the form is right; otherwise the question, with what is `kept` for afterwards."""
    attempt = arrival.attempt(visit.portal, visit.request, visit.form, PURPOSE, visit.session)
    if attempt.proof == Proof():
        return await ask(visit, kept)
    try:
        await visit.portal.groupware.identity.confirm(visit.caller, visit.session, attempt)
    except Refused as error:
        return await ask(visit, kept, 422, error.text if error.rule == MANY_CODES else WRONG)
    except IconetError as error:
        said = of_error(error)
        response = await ask(visit, kept, said.status, said.sentence)
        response.headers.update(said.headers)
        return response
    return None


async def _has_any(visit: Visit) -> bool:
    """Whether there is a password or a factor to show; without, a national account alone may set up the first."""
    has = await visit.portal.groupware.identity.factors(visit.caller)
    return has.password or has.second


async def ask(visit: Visit, kept: dict[str, str], status: int = HTTPStatus.UNAUTHORIZED, problem: str = "") -> Response:
    """The question. Its form goes to where it is shown."""
    identity = visit.portal.groupware.identity
    has = await identity.factors(visit.caller)
    options = identity.to_get(arrival.site(visit.portal, visit.request), PURPOSE, visit.session, has)
    return await visit.page("account/confirm.html", status, kept=kept, problem=problem, has=has, options=options)
