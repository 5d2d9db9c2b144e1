"""A one-time link: whoever follows it accepts the terms and chooses a password, or a passkey, and a second factor."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from connectors.web import arrival, cookies, origin
from connectors.web.faults import of_error
from connectors.web.visit import fields, render, seen, stranger
from groupware.errors import Busy, Conflict, IconetError, NotFound, Refused
from groupware.identity.joining import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from groupware.identity.joining import Invited

PURPOSE = "join"
FIELDS = {"unfit-password": "password", "code": "code", "terms": "accepts"}
"""Beside which field a rule's sentence stands."""


async def join(request: Request) -> Response:
    """The form and what becomes of it. A link that doesn't work any more has the answer of one that never did."""
    token = request.path_params["token"]
    try:
        who = await seen(request).groupware.identity.invited(token)
        if request.method != "POST":
            return await _form(request, token, who, {}, {})
        return await _joined(request, token, who)
    except NotFound:
        return render(seen(request), "account/dead_link.html", HTTPStatus.NOT_FOUND)
    except (IconetError, HTTPException) as error:
        return stranger(seen(request), error)


async def _joined(request: Request, token: str, who: Invited) -> Response:
    form = await fields(request)
    if not origin.is_own(request) or not origin.is_token(token, form.get(origin.FIELD, "")):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    attempt = arrival.attempt(seen(request), request, form, PURPOSE, token)
    if form.get("password", "") != form.get("again", "") and not attempt.proof.passkey:
        return await _form(request, token, who, form, {"again": "The two are not the same."}, 422)
    choice = Choice(
        attempt,
        accepts=bool(form.get("accepts")),
        password=form.get("password", ""),
        sealed=form.get("sealed", ""),
        code=form.get("code", ""),
        label=arrival.device(request),
    )
    try:
        codes = await seen(request).groupware.identity.set_password_by_link(token, choice)
    except (Refused, Conflict, Busy) as error:
        said = of_error(error)
        return await _form(request, token, who, form, {FIELDS.get(said.rule, "form"): said.sentence}, said.status)
    response = render(seen(request), "account/joined.html", codes=codes)
    cookies.take(response, cookies.SESSION)
    return response


async def _form(
    request: Request,
    token: str,
    who: Invited,
    form: Mapping[str, str],
    problems: Mapping[str, str],
    status: int = HTTPStatus.OK,
) -> Response:
    portal = seen(request)
    identity = portal.groupware.identity
    values = {
        "form_token": origin.form_token(token),
        "offered": identity.offer_app(who.caller, form.get("sealed", "")),
        "options": await identity.to_create(arrival.site(portal, request), PURPOSE, token, who.caller),
        "terms": portal.groupware.rules.terms,
    }
    return render(portal, "account/join.html", status, who=who, problems=problems, given=form, **values)
