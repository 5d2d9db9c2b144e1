"""Sign in with a state's or institution's own account: to its identity provider, and back."""

from __future__ import annotations

import hmac
import json
import logging
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from connectors.web import arrival, cookies, sign_in
from connectors.web.oidc import parameters
from connectors.web.oidc.parameters import Repeated
from connectors.web.relying import Relying, Unproven
from connectors.web.visit import seen, stranger
from groupware import clock
from groupware.errors import IconetError, Refused
from groupware.provider.redeeming import challenge
from groupware.provider.sealing import Seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.web.portal import Portal

COOKIE = "__Host-iconet-national"
"""A sign-in that is under way, sealed: it comes back only with the browser that began it."""
PURPOSE = "national sign-in"
WITHIN = 600 * clock.MICROSECONDS
FAILED = "The sign-in there didn't work, or the account isn't known here. Sign in with your ICONet password instead."
log = logging.getLogger("iconet.oidc")


@dataclass(frozen=True, slots=True)
class Begun:
    """What the answer has to fit: of which body's provider, until when, and where the browser goes then."""

    body: str
    state: str
    nonce: str
    verifier: str
    after: str
    until: int


async def begin(request: Request) -> Response:
    """To the body's identity provider (OIDC Core 3.1.2.1)."""
    portal, body = seen(request), request.path_params["body"]
    provider = _provider(portal, body)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    begun = Begun(body, state, nonce, verifier, request.query_params.get("next", ""), clock.now() + WITHIN)
    try:
        place = await provider.where(_redirect(portal, body), begun.state, begun.nonce, challenge(begun.verifier))
    except Unproven as error:
        return _failed(request, begun, error)
    response = RedirectResponse(place, HTTPStatus.SEE_OTHER)
    sealed = _seal(portal).seal(json.dumps(asdict(begun)).encode())
    cookies.give(response, COOKIE, urlsafe_b64encode(sealed).decode())
    return response


async def end(request: Request) -> Response:
    """Back from there. Each provider has a path of its own, so that one can't answer for another (RFC 9700 4.4.2)."""
    portal, body = seen(request), request.path_params["body"]
    provider = _provider(portal, body)
    try:
        given = parameters.of_query(request.url.query)
    except Repeated:
        return stranger(portal, HTTPException(HTTPStatus.BAD_REQUEST))
    begun = _begun(portal, cookies.read(request, COOKIE))
    if begun is None or begun.body != body or not hmac.compare_digest(_octets(given), begun.state.encode()):
        return stranger(portal, HTTPException(HTTPStatus.FORBIDDEN))
    try:
        response = await _signed_in(request, provider, begun, given)
    except (Unproven, Refused) as error:
        response = _failed(request, begun, error)
    except IconetError as error:
        response = stranger(portal, error)
    cookies.take(response, COOKIE)
    return response


async def _signed_in(request: Request, provider: Relying, begun: Begun, given: Mapping[str, str]) -> Response:
    portal = seen(request)
    who = await provider.vouched(given, _redirect(portal, begun.body), begun.nonce, begun.verifier)
    groupware, issuer = portal.groupware, provider.settings.issuer
    known = await groupware.provider.vouched_for(begun.body, issuer, who.subject, who.external)
    caller = replace(known, strong=who.strong)  # ICONet's own factor was not asked for: see connectors.web.step_up
    started = replace(arrival.start(request), means=f"account of {begun.body}")
    return await sign_in.begun(request, await groupware.web_sessions.begin(caller, started), begun.after)


def _failed(request: Request, begun: Begun, error: Exception) -> Response:
    """The same words for whatever is wrong; the log has the cause."""
    client = arrival.client(request)
    log.warning("login-failed", extra={"door": "portal", "with": begun.body, "cause": str(error), "client": client})
    return sign_in.again(request, begun.after, FAILED)


def _provider(portal: Portal, body: str) -> Relying:
    if body not in portal.nationals:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return portal.nationals[body]


def _redirect(portal: Portal, body: str) -> str:
    return f"{portal.house.portal}/sign-in/from/{body}"


def _seal(portal: Portal) -> Seal:
    return Seal(portal.groupware.server_key, PURPOSE)


def _begun(portal: Portal, cookie: str) -> Begun | None:
    """What the browser carries, if we sealed it and it isn't too old."""
    try:
        text = _seal(portal).unseal(urlsafe_b64decode(cookie.encode("ascii", "replace")))
    except ValueError:
        return None
    begun = Begun(**json.loads(text)) if text else None
    return begun if begun is not None and clock.now() < begun.until else None


def _octets(given: Mapping[str, str]) -> bytes:
    return given.get("state", "").encode("utf-8", "surrogatepass")
