"""One's own sign-ons at other programs: where they are, and how to end them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Page, Visit


async def show(visit: Visit) -> Response:
    """The programs, newest sign-on first."""
    found = await visit.portal.groupware.provider.signed_on(visit.caller)
    return await visit.page("oidc/programs.html", programs=found, ended=visit.query("ended"))


async def end(visit: Visit) -> Response:
    """Sign off from one."""
    await visit.portal.groupware.provider.sign_off(visit.caller, visit.form.get("program", ""))
    return RedirectResponse("/account/programs?ended=1", HTTPStatus.SEE_OTHER)


PAGES: tuple[tuple[str, Page, Page | None], ...] = (("/account/programs", show, end),)
"""As connectors.web.app's."""
