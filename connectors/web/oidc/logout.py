"""A client has an official sign out here (OIDC RP-Initiated Logout 2), which all the other clients then hear of."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from connectors.web import cookies, onward, sign_in
from connectors.web.oidc import parameters
from connectors.web.oidc.parameters import Repeated
from connectors.web.visit import seen, stranger, whose
from groupware.errors import IconetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.web.portal import Portal
    from connectors.web.visit import Visit


async def logout(request: Request) -> Response:
    """GET or POST; a form from elsewhere brings no cookie along, so it is asked again as a GET."""
    try:
        given = await parameters.of(request)
        if request.method == "POST":
            return RedirectResponse(f"/oidc/logout?{urlencode(given)}", HTTPStatus.SEE_OTHER)
        return await _answered(request, given)
    except Repeated:
        return stranger(seen(request), HTTPException(HTTPStatus.BAD_REQUEST))
    except (IconetError, HTTPException) as error:
        return stranger(seen(request), error)


async def confirmed(visit: Visit) -> Response:
    """The official says yes."""
    try:
        _, back = await _meant(visit.portal, parameters.of_query(visit.form.get("query", "")))
    except Repeated as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    response = await sign_in.sign_out(visit)
    if not back:
        return response
    away = onward.outside(visit.portal, back)
    cookies.take(away, cookies.SESSION)
    return away


async def _answered(request: Request, given: Mapping[str, str]) -> Response:
    subject, back = await _meant(seen(request), given)
    visit = await whose(request)
    if visit is None:
        return RedirectResponse(back or "/sign-in", HTTPStatus.SEE_OTHER)
    if subject != visit.portal.groupware.provider.subject(visit.caller.official):
        return await visit.page("oidc/sign_out.html", query=urlencode(given))
    response = await sign_in.sign_out(visit)
    if back:
        response.headers["location"] = back
    return response


async def _meant(portal: Portal, given: Mapping[str, str]) -> tuple[str, str]:
    """Who is to be signed out ("" if nobody says), and where the browser goes then ("" for nowhere else).

    HTTPException for a hint that isn't ours, and for a place that isn't the client's.
    """
    provider = portal.groupware.provider
    hint = given.get("id_token_hint", "")
    known = await provider.hint(hint, portal.house.portal) if hint else {}
    if known is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    name = str(known.get("aud", given.get("client_id", "")))
    back = given.get("post_logout_redirect_uri", "")
    client = await provider.client(name) if name else None
    if given.get("client_id", name) != name or (back and (client is None or back not in client.returns)):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return str(known.get("sub", "")), _with_state(back, given.get("state", ""))


def _with_state(back: str, state: str) -> str:
    if not back or not state:
        return back
    return f"{back}{'&' if '?' in back else '?'}{urlencode({'state': state})}"
