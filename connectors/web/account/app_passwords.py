"""App passwords: what mail clients and the like sign in with, made, listed and revoked."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.faults import of_error
from groupware.clock import MICROSECONDS
from groupware.errors import Conflict, NotFound, Refused
from groupware.identity.app_passwords import FOREVER
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit

WORDS = {
    Door.SUBMISSION: "Send mail (SMTP)",
    Door.IMAP: "Read mail (IMAP)",
    Door.LDAP: "Address book look-ups (LDAP)",
    Door.CARDDAV: "Address books (CardDAV)",
    Door.MATRIX: "Chat (Matrix)",
    Door.API: "Programs (API)",
}
"""The doors that there are: an app password may be good for more, which open later."""
DAYS = {"0": "until it is revoked", "30": "30 days", "90": "90 days", "365": "a year"}
SOON = 14 * 24 * 3600 * MICROSECONDS
CANNOT = {"too-many-app-passwords": "You have 30 app passwords. Revoke one that you don't use any more."}


async def show(visit: Visit) -> Response:
    """Those that work, and the form for a new one."""
    return await _page(visit, {})


async def make(visit: Visit) -> Response:
    """A new one, shown once."""
    chosen = [door for door in WORDS if visit.form.get(f"door-{door}")]
    label, days = visit.form.get("label", ""), visit.form.get("days", "0")
    try:
        made = await visit.portal.groupware.identity.make_app_password(
            visit.caller, label, chosen, int(days) if days in DAYS else 0
        )
    except Refused as error:
        return await _page(visit, {error.rule: error.text}, 422)
    except Conflict as error:
        return await _page(visit, {"form": CANNOT.get(error.rule, of_error(error).sentence)}, 409)
    return await visit.page("account/app_password.html", made=made, label=label)


async def revoke(visit: Visit) -> Response:
    """End one, and what it has open."""
    number = visit.path["number"]
    if not number.isdecimal() or len(number) > 18:  # noqa: PLR2004 -- digits of a row's id
        raise NotFound(number)
    await visit.portal.groupware.identity.revoke_app_password(visit.caller, int(number))
    return RedirectResponse("/account/app-passwords?revoked=1", HTTPStatus.SEE_OTHER)


async def _page(visit: Visit, problems: Mapping[str, str], status: int = HTTPStatus.OK) -> Response:
    found, now = await visit.portal.groupware.identity.app_passwords(visit.caller)
    values = {"found": found, "words": WORDS, "days": DAYS, "given": visit.form, "forever": FOREVER, "soon": now + SOON}
    revoked = visit.query("revoked")
    return await visit.page("account/app_passwords.html", status, problems=problems, revoked=revoked, **values)
