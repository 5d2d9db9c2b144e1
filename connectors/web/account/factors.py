"""Authenticator app, passkeys and recovery codes: set up, added, renewed, removed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web import arrival
from connectors.web.account import overview
from connectors.web.faults import of_error
from groupware.errors import Conflict, NotFound, Refused
from groupware.identity import first_factor
from groupware.identity.ceremonies import LABEL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from starlette.responses import Response

    from connectors.web.visit import Visit

NEW_PASSKEY = "new-passkey"
"""The purpose of the challenge that a new passkey answers."""


async def show_app(visit: Visit) -> Response:
    """A new secret as a picture and as text."""
    return await _app_form(visit, {})


async def keep_app(visit: Visit) -> Response:
    """The code that the app shows proves that it has the secret."""
    identity = visit.portal.groupware.identity
    try:
        codes = await identity.keep_app(visit.caller, visit.form.get("sealed", ""), visit.form.get("code", ""))
    except Refused as error:
        return await _app_form(visit, {"code": error.text}, 422)
    return await _done(visit, codes, "app")


async def remove_app(visit: Visit) -> Response:
    """Take the app away."""
    return await _removed(visit, visit.portal.groupware.identity.remove_app(visit.caller), "app-removed")


async def show_passkey(visit: Visit) -> Response:
    """What the browser is asked."""
    return await _passkey_form(visit, {})


async def add_passkey(visit: Visit) -> Response:
    """What it answered."""
    attempt = arrival.attempt(visit.portal, visit.request, visit.form, NEW_PASSKEY, visit.session)
    label = passkey_label(visit, visit.form.get("label", ""))
    try:
        codes = await visit.portal.groupware.identity.add_passkey(visit.caller, attempt, label)
    except (Refused, Conflict) as error:
        return await _passkey_form(visit, {"form": _said(error)}, 422)
    return await _done(visit, codes, "passkey")


def _said(error: Refused | Conflict) -> str:
    return error.text if error.rule == first_factor.RULE else of_error(error).sentence


async def remove_passkey(visit: Visit) -> Response:
    """Take one away."""
    number = visit.path["number"]
    if not number.isdecimal() or len(number) > 18:  # noqa: PLR2004 -- digits of a row's id
        raise NotFound(number)
    removing = visit.portal.groupware.identity.remove_passkey(visit.caller, int(number))
    return await _removed(visit, removing, "passkey-removed")


async def end_national(visit: Visit) -> Response:
    """Have no account of a state open this one."""
    return await _removed(visit, visit.portal.groupware.identity.end_national(visit.caller), "national-ended")


async def renew_codes(visit: Visit) -> Response:
    """New recovery codes, shown once."""
    codes = await visit.portal.groupware.identity.renew_codes(visit.caller)
    return await visit.page("account/codes.html", codes=codes, done="")


def passkey_label(visit: Visit, given: str) -> str:
    """What a passkey is called: as they said, or by the browser that made it."""
    named = "".join(each for each in " ".join(given.split()) if each.isprintable())[:LABEL]
    return named or arrival.device(visit.request)


async def _app_form(visit: Visit, problems: Mapping[str, str], status: int = HTTPStatus.OK) -> Response:
    offered = visit.portal.groupware.identity.offer_app(visit.caller, visit.form.get("sealed", ""))
    return await visit.page("account/app.html", status, offered=offered, problems=problems)


async def _passkey_form(visit: Visit, problems: Mapping[str, str], status: int = HTTPStatus.OK) -> Response:
    identity, site = visit.portal.groupware.identity, arrival.site(visit.portal, visit.request)
    options = await identity.to_create(site, NEW_PASSKEY, visit.session, visit.caller)
    label = visit.form.get("label", "") or arrival.device(visit.request)
    return await visit.page("account/passkey.html", status, options=options, label=label, problems=problems)


async def _done(visit: Visit, codes: Sequence[str], done: str) -> Response:
    if codes:
        return await visit.page("account/codes.html", codes=codes, done=overview.NEWS[done])
    return RedirectResponse(f"/account?done={done}", HTTPStatus.SEE_OTHER)


async def _removed(visit: Visit, removing: Awaitable[None], done: str) -> Response:
    try:
        await removing
    except Conflict as error:
        return await overview.page(visit, HTTPStatus.CONFLICT, overview.CANNOT[error.rule])
    return RedirectResponse(f"/account?done={done}", HTTPStatus.SEE_OTHER)
