"""One's own sessions: where one is signed in, and how to end that."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web import sign_in
from groupware.errors import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """The live ones, oldest first."""
    found = await visit.portal.groupware.web_sessions.of(visit.caller)
    own = visit.portal.groupware.web_sessions.digest(visit.session)
    return await visit.page("sessions.html", sessions=found, own=own, ended=visit.query("ended"))


async def end(visit: Visit) -> Response:
    """End one; one's own is a sign-out."""
    given = visit.form.get("session", "")
    kept = visit.portal.groupware.web_sessions
    if given == kept.digest(visit.session).hex():
        return await sign_in.sign_out(visit)
    digest = bytes.fromhex(given) if _is_digest(given) else b""
    if not await kept.end_one(visit.caller, digest):
        raise NotFound(given)
    return RedirectResponse("/sessions?ended=1", HTTPStatus.SEE_OTHER)


def _is_digest(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")  # noqa: PLR2004 -- SHA-256 in hexadecimal
