"""The second step of signing in: a code or a passkey after the password. Until it is done nothing else opens."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from connectors.web import arrival, cookies, origin
from connectors.web.faults import of_error
from connectors.web.sign_in import begun, own_path
from connectors.web.visit import fields, render, seen, stranger
from groupware.errors import IconetError, NotFound, Refused
from groupware.identity.factors import MANY_CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

PURPOSE = "second-step"
WRONG = "That isn't right. Try again; a code is good for one sign-in only."


async def second_step(request: Request) -> Response:
    """The question and its answer, for the browser that has the step's cookie."""
    try:
        return await (_answered(request) if request.method == "POST" else _ask(request, request.query_params))
    except NotFound:  # it took too long, or was done already: the password first
        response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        cookies.take(response, cookies.STEP)
        return response
    except (IconetError, HTTPException) as error:
        return stranger(seen(request), error)


async def _answered(request: Request) -> Response:
    step = cookies.read(request, cookies.STEP)
    form = await fields(request)
    if not origin.is_own(request) or not origin.is_token(step, form.get(origin.FIELD, "")):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    attempt = arrival.attempt(seen(request), request, form, PURPOSE, step)
    try:
        session = await seen(request).groupware.identity.finish(step, attempt, arrival.start(request))
    except Refused as error:
        return await _ask(request, form, 422, error.text if error.rule == MANY_CODES else WRONG)
    except NotFound:
        raise
    except IconetError as error:
        said = of_error(error)
        response = await _ask(request, form, said.status, said.sentence)
        response.headers.update(said.headers)
        return response
    return await begun(request, session, form.get("next", ""))


async def _ask(request: Request, form: Mapping[str, str], status: int = 200, problem: str = "") -> Response:
    step, portal = cookies.read(request, cookies.STEP), seen(request)
    has = await portal.groupware.identity.owed(step)
    options = portal.groupware.identity.to_get(arrival.site(portal, request), PURPOSE, step, has)
    values = {"form_token": origin.form_token(step), "next": own_path(form.get("next", "")), "options": options}
    return render(portal, "second_step.html", status, has=has, problem=problem, **values)
