"""Change the password."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web import arrival
from connectors.web.faults import of_error
from connectors.web.sign_in import recognised
from connectors.web.step_up import elevated
from groupware.errors import Busy, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Page, Visit

WRONG = "This isn't your password."


async def show(visit: Visit) -> Response:
    """The form."""
    return await _asked(visit, _form)


async def send(visit: Visit) -> Response:
    """Change it: what is wrong is told beside its field."""
    return await _asked(visit, _change)


async def _asked(visit: Visit, page: Page) -> Response:
    """The old password is a proof itself; who has none needs a fresh one."""
    has = await visit.portal.groupware.identity.factors(visit.caller)
    return await (page if has.password else elevated(page))(visit)


async def _change(visit: Visit) -> Response:
    old, new, again = (visit.form.get(name, "") for name in ("old", "password", "again"))
    if new != again:
        return await _form(visit, {"again": "The two are not the same."}, 422)
    client = arrival.client(visit.request)
    try:
        await visit.portal.groupware.identity.change_password(visit.caller, visit.session, old, new, client)
    except Refused as error:
        problems = {"password": error.text} if error.text else {"old": WRONG}
        return await _form(visit, problems, 422)
    except Busy as error:
        said = of_error(error)
        return await _form(visit, {"form": said.sentence}, said.status)
    response = RedirectResponse("/account?done=password", HTTPStatus.SEE_OTHER)
    return await recognised(visit.request, visit.session, response)


async def _form(visit: Visit, problems: Mapping[str, str] | None = None, status: int = HTTPStatus.OK) -> Response:
    has = await visit.portal.groupware.identity.factors(visit.caller)
    return await visit.page("account/password.html", status, has=has, problems=problems or {})
