"""Sign in and sign out."""

from __future__ import annotations

import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from connectors.web import cookies, onward, origin
from connectors.web.faults import of_error, of_status
from connectors.web.visit import Visit, fields, render, seen
from groupware.errors import IconetError, Refused
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_OWN_PATH = re.compile(r"/(?![/\\])[!-~]{0,4000}")
"""Long enough for another program's request to be signed on there (connectors/web/oidc)."""
WRONG = "Login or password is wrong."


async def sign_in(request: Request) -> Response:
    """The form, and its answer: the same words, after the same work, for whatever is wrong."""
    if request.method != "POST":
        return _form(request, request.query_params.get("next", ""))
    if not origin.is_own(request):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    form = await fields(request)
    if not origin.is_token(cookies.read(request, cookies.VISITOR), form.get(origin.FIELD, "")):
        return _form(request, form.get("next", ""), 403, of_status(403).sentence, form)
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
    return _form(request, after, HTTPStatus.UNPROCESSABLE_ENTITY, problem)


async def _checked(request: Request, form: Mapping[str, str]) -> Response:
    groupware = seen(request).groupware
    client = request.client.host if request.client else ""
    try:
        caller = await groupware.sign_in.check(Door.PORTAL, form.get("login", ""), form.get("password", ""), client)
        session = await groupware.web_sessions.begin(caller)
    except Refused:
        return _form(request, form.get("next", ""), 422, WRONG, form)
    except IconetError as error:
        said = of_error(error)
        response = _form(request, form.get("next", ""), said.status, said.sentence, form)
        response.headers.update(said.headers)
        return response
    return await begun(request, session, form.get("next", ""))


async def begun(request: Request, session: str, after: str) -> Response:
    """A session of its own for each sign-in: one that the browser brought along is ended, never taken over."""
    earlier = cookies.read(request, cookies.SESSION)
    if earlier:
        await seen(request).groupware.web_sessions.succeed(earlier, session)
    response = onward.inside(seen(request), _own(after))
    cookies.give(response, cookies.SESSION, session)
    cookies.take(response, cookies.VISITOR)
    return response


def _form(
    request: Request, after: str, status: int = 200, problem: str = "", form: Mapping[str, str] | None = None
) -> Response:
    visitor = cookies.read(request, cookies.VISITOR) or secrets.token_urlsafe(32)
    values = {
        "form_token": origin.form_token(visitor),
        "next": _own(after),
        "login": (form or request.query_params).get("login", ""),
    }
    response = render(seen(request), "sign_in.html", status, problem=problem, **values)
    cookies.give(response, cookies.VISITOR, visitor)
    return response


def _own(path: str) -> str:
    """Only a path of this site is gone to after sign-in."""
    return path if _OWN_PATH.fullmatch(path) else "/"
