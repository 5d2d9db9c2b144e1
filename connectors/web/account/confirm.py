"""Show once more that it is you, and go on where you were."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web import step_up
from connectors.web.sign_in import own_path

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """The question, for the page that `?next=` names."""
    return await step_up.ask(visit, {"next": own_path(visit.query("next"))}, HTTPStatus.OK)


async def send(visit: Visit) -> Response:
    """Its answer."""
    after = own_path(visit.form.get("next", ""))
    return await step_up.answered(visit, {"next": after}) or RedirectResponse(after, HTTPStatus.SEE_OTHER)
