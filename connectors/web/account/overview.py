"""One's own account: what proves who one is, and the ways to what can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

NEWS = {
    "password": "The password is changed, and your other sessions are ended.",
    "app": "The authenticator app is set up.",
    "app-removed": "The authenticator app is removed.",
    "passkey": "The passkey is added.",
    "national": "Within the hour, sign in with the account of your state or institution: then it opens this one.",
    "national-ended": "The account of your state or institution opens this one no more.",
    "reset-withdrawn": "The new credentials are withdrawn. Your contact point has been told.",
    "passkey-removed": "The passkey is removed.",
}
CANNOT = {
    "last-way-in": "This is the only way in that you have. Set a password or another passkey first.",
    "short-password": "Your password is short, and needs a second factor. Set one of at least 15 characters first.",
}


async def show(visit: Visit) -> Response:
    """What there is."""
    return await page(visit)


async def page(visit: Visit, status: int = 200, problem: str = "") -> Response:
    """The same, with what couldn't be done."""
    has = await visit.portal.groupware.identity.factors(visit.caller)
    reset = await visit.portal.groupware.people.own_reset(visit.caller)
    bound = await visit.portal.groupware.identity.nationals(visit.caller)
    news = NEWS.get(visit.query("done"), "")
    return await visit.page(
        "account/overview.html", status, has=has, news=news, problem=problem, reset=reset, bound=bound
    )
