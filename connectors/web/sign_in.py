"""Sign in and sign out: with a password, after which the second factor may be owed, or with a passkey alone."""

from __future__ import annotations

import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from connectors.web import arrival, cookies, onward, origin
from connectors.web.faults import of_error, of_status
from connectors.web.visit import Visit, fields, render, seen
from groupware.errors import IconetError, Refused
from groupware.identity.signing_in import Entered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_OWN_PATH = re.compile(r"/(?![/\\])[!-~]{0,4000}")
"""Long enough for another program's request to be signed on there (connectors/web/oidc)."""
WRONG = "Login or password is wrong."
WRONG_PASSKEY = "This passkey isn't known here, or the page was open for too long. Try again."
PURPOSE = "sign-in"
"""Of the challenge that a passkey answers here; it is bound to the visitor's cookie."""


async def sign_in(request: Request) -> Response:
    """The form, and its answer: the same words, after the same work, for whatever is wrong."""
    if request.method != "POST":
        return _form(request, request.query_params)
    if not origin.is_own(request):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    form = await fields(request)
    if not origin.is_token(cookies.read(request, cookies.VISITOR), form.get(origin.FIELD, "")):
        return _form(request, form, 403, of_status(403).sentence)
    return await _checked(request, form)


async def sign_out(visit: Visit) -> Response:
    """End the session here and in the browser, and close its live pages."""
    await visit.portal.groupware.web_sessions.end(visit.session)
    visit.portal.streams.end(visit.session)
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    cookies.take(response, cookies.SESSION)
    return response


def again(request: Request, after: str, problem: str) -> Response:
    """The form, after a sign-in elsewhere that didn't work."""
    return _form(request, {"next": after}, HTTPStatus.UNPROCESSABLE_ENTITY, problem)


async def _checked(request: Request, form: Mapping[str, str]) -> Response:
    by_passkey = bool(form.get(f"{arrival.PREFIX}passkey"))
    try:
        entered = await (_by_passkey if by_passkey else _by_password)(request, form)
    except Refused:
        return _form(request, form, 422, WRONG_PASSKEY if by_passkey else WRONG)
    except IconetError as error:
        said = of_error(error)
        response = _form(request, form, said.status, said.sentence)
        response.headers.update(said.headers)
        return response
    after = own_path(form.get("next", ""))
    return owes(entered.step, after) if entered.step else await begun(request, entered.session, after)


async def _by_password(request: Request, form: Mapping[str, str]) -> Entered:
    name, password = form.get("login", ""), form.get("password", "")
    identity = seen(request).groupware.identity
    device = cookies.read(request, cookies.DEVICE)
    return await identity.enter(name, password, arrival.client(request), arrival.start(request), device)


async def _by_passkey(request: Request, form: Mapping[str, str]) -> Entered:
    attempt = arrival.attempt(seen(request), request, form, PURPOSE, cookies.read(request, cookies.VISITOR))
    return Entered(await seen(request).groupware.identity.enter_by_passkey(attempt, arrival.start(request)))


def owes(step: str, after: str) -> Response:
    """The password was right: on to the second factor."""
    response = RedirectResponse(f"/sign-in/second?next={quote(after, safe='')}", HTTPStatus.SEE_OTHER)
    cookies.give(response, cookies.STEP, step)
    return response


async def begun(request: Request, session: str, after: str) -> Response:
    """A session of its own for each sign-in: one that the browser brought along is ended, never taken over."""
    earlier = cookies.read(request, cookies.SESSION)
    if earlier:
        await seen(request).groupware.web_sessions.succeed(earlier, session)
    response = onward.inside(seen(request), own_path(after))
    cookies.give(response, cookies.SESSION, session)
    cookies.take(response, cookies.VISITOR)
    cookies.take(response, cookies.STEP)
    return await recognised(request, session, response)


async def recognised(request: Request, session: str, response: Response) -> Response:
    """The browser is told apart from a stranger's from now on, for whoever has this session."""
    told = cookies.read(request, cookies.DEVICE)
    device = await seen(request).groupware.identity.recognise(session, arrival.client(request), told)
    if device:
        cookies.give(response, cookies.DEVICE, device, cookies.A_YEAR)
    return response


def _form(request: Request, form: Mapping[str, str], status: int = 200, problem: str = "") -> Response:
    visitor = cookies.read(request, cookies.VISITOR) or secrets.token_urlsafe(32)
    portal = seen(request)
    options = portal.groupware.identity.to_get(arrival.site(portal, request), PURPOSE, visitor)
    values = {"form_token": origin.form_token(visitor), "next": own_path(form.get("next", ""))}
    login = form.get("login", "") or request.query_params.get("login", "")
    response = render(portal, "sign_in.html", status, problem=problem, login=login, options=options, **values)
    cookies.give(response, cookies.VISITOR, visitor)
    return response


def own_path(path: str) -> str:
    """Only a path of this site is gone to after sign-in."""
    return path if _OWN_PATH.fullmatch(path) else "/"
