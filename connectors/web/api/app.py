"""The API as a part of the web door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.web.api import openapi
from connectors.web.api.call import endpoint, fault, signed_in
from connectors.web.api.routes import OPERATIONS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from connectors.web.api.operation import Operation
    from connectors.web.portal import Portal

MESSAGE_ID = "{message_id:path}"
"""A Message-ID may hold a slash (RFC 5322 3.2.3)."""


def make_api(portal: Portal) -> ASGIApp:
    """Every operation, and the document that describes them."""
    described = openapi.document(OPERATIONS)

    async def document(_request: Request) -> Response:
        return JSONResponse(described)

    async def refuse(request: Request, error: Exception) -> Response:
        """Strangers learn nothing of which paths there are."""
        try:
            await signed_in(portal.groupware, request)
        except HTTPException as stranger:
            return fault(stranger)
        return fault(error)

    async def broken(_request: Request, error: Exception) -> Response:
        """A fault of ours; Guard has it logged."""
        return fault(error)

    routes = [Route("/openapi.json", document), *(_route(portal, each) for each in OPERATIONS)]
    made = Starlette(routes=routes, exception_handlers={HTTPException: refuse, Exception: broken})
    made.router.redirect_slashes = False
    made.state.portal = portal
    return made


def _route(portal: Portal, operation: Operation) -> Route:
    path = operation.path.replace("{message_id}", MESSAGE_ID)
    answer = endpoint(portal.groupware, operation.handler, strong=operation.strong)
    return Route(path, answer, methods=[operation.method])
