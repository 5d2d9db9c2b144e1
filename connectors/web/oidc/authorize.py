"""The authorization endpoint: an official's browser comes from a client and goes back with a code, or an error."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from connectors.web import onward
from connectors.web.oidc import parameters, wish
from connectors.web.visit import over, seen, stranger, whose
from groupware.errors import IconetError, Refused

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.web.oidc.wish import Wish
    from connectors.web.visit import Visit

LONGEST_HINT = 320
SHARED = {"profile": "Your name and your login", "email": "Your mail address"}
"""What a scope gives away, in words."""


async def authorize(request: Request) -> Response:
    """GET or POST (OIDC Core 3.1.2.1); a form from elsewhere brings no cookie along, so it is asked again as a GET."""
    try:
        if request.method == "POST":
            again = urlencode(await parameters.of(request))
            return RedirectResponse(f"/oidc/authorize?{again}", HTTPStatus.SEE_OTHER)
        return await _answered(request, await wish.read(seen(request), request.url.query))
    except wish.Unfit as unfit:
        return RedirectResponse(unfit.url, HTTPStatus.SEE_OTHER)
    except parameters.Repeated:
        return stranger(seen(request), HTTPException(HTTPStatus.BAD_REQUEST))
    except (IconetError, HTTPException) as error:
        return stranger(seen(request), error)


async def _answered(request: Request, wished: Wish) -> Response:
    visit = await whose(request)
    if visit is not None and visit.hurdle is not None:
        refused = RedirectResponse(wished.place.answer(error="interaction_required"), HTTPStatus.SEE_OTHER)
        return refused if wished.silent else over(visit.hurdle, request)
    try:
        code = await _code(visit, wished)
    except Refused as refused:
        return await _unmet(visit, wished, refused.rule)
    return RedirectResponse(wished.place.answer(code=code), HTTPStatus.SEE_OTHER)


async def _code(visit: Visit | None, wished: Wish, *, agreed: bool = False) -> str:
    """Refused("login-required") for somebody else than the client expects, too."""
    if visit is None:
        raise Refused("login-required")
    provider = visit.portal.groupware.provider
    if wished.asked.subject and wished.asked.subject != provider.subject(visit.caller.official):
        raise Refused("login-required")
    return await provider.authorize(wished.asked, visit.session, wished.place.issuer, agreed=agreed)


async def _unmet(visit: Visit | None, wished: Wish, rule: str) -> Response:
    """Ask the official for what lacks, unless nothing may be shown; else the client is told (OIDC Core 3.1.2.6)."""
    if rule == "login-required" and not wished.silent:
        return _to_sign_in(wished)
    if rule == "consent-required" and visit is not None and not wished.silent:
        return await _ask(visit, wished)
    return RedirectResponse(wished.place.answer(error=rule.replace("-", "_")), HTTPStatus.SEE_OTHER)


def _to_sign_in(wished: Wish) -> Response:
    hint = wished.given.get("login_hint", "")[:LONGEST_HINT]
    login = f"&login={quote(hint, safe='')}" if hint else ""
    return RedirectResponse(f"/sign-in?next={quote(wished.after_sign_in(), safe='')}{login}", HTTPStatus.SEE_OTHER)


async def _ask(visit: Visit, wished: Wish) -> Response:
    shared = [SHARED[scope] for scope in wished.asked.scope.split() if scope in SHARED]
    query = urlencode(wished.given)
    return await visit.page("oidc/consent.html", title=wished.title, shared=shared, query=query)


async def decide(visit: Visit) -> Response:
    """The answer to the page that asks for consent."""
    try:
        wished = await wish.read(visit.portal, visit.form.get("query", ""))
    except wish.Unfit as unfit:
        return onward.outside(visit.portal, unfit.url)
    except parameters.Repeated as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    try:
        code = await _agreed(visit, wished)
    except Refused as refused:
        if refused.rule == "login-required":
            return _to_sign_in(wished)
        return onward.outside(visit.portal, wished.place.answer(error=refused.rule.replace("-", "_")))
    return onward.outside(visit.portal, wished.place.answer(code=code))


async def _agreed(visit: Visit, wished: Wish) -> str:
    if visit.form.get("decision") != "allow":
        raise Refused("access-denied")
    return await _code(visit, wished, agreed=True)
