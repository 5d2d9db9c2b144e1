"""SCIM as a part of the web door: a token with every request, then the protocol."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from scim2_models import SCIMException, UnauthorizedException
from scim2_server.requests import ScimRequest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connectors.web.arrival import own_url
from connectors.web.scim import bounds
from connectors.web.scim.faults import SlowException, TooLargeException, told
from connectors.web.scim.handler import Handler
from connectors.web.scim.place import PATH
from connectors.web.scim.service import Service, make_provider
from connectors.web.scim.storage import Storage

if TYPE_CHECKING:
    from scim2_server.responses import ScimResponse
    from starlette.types import Receive, Scope, Send

    from connectors.web.portal import Portal
    from groupware.provisioning.authority import Machine

OPEN = "/ServiceProviderConfig"
"""What says how to sign in is for everybody (RFC 7643 5)."""
log = logging.getLogger("iconet.scim")


class ScimApp:
    """ASGI for everything below PATH."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._service = Service(make_provider())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        octets = b"" if response.body is None else json.dumps(response.body, ensure_ascii=False).encode()
        await Response(octets, int(response.status), response.headers)(scope, receive, send)

    async def _answer(self, request: Request) -> ScimResponse:
        try:
            return await self._served(request)
        except SCIMException as error:
            return self._service.error_response(error)
        except Exception as error:
            log.exception("request-failed", extra={"method": request.method})
            return self._service.error_response(error)

    async def _served(self, request: Request) -> ScimResponse:
        asked = self._asked(request)
        if asked.path.rstrip("/") == OPEN and request.method == "GET":
            return self._service.service_provider_config(asked.url, asked.query)
        machine = await self._signed_in(request)
        asked.body = await _body(request)
        return await Handler(self._service, Storage(self._portal.groupware.provisioning, machine)).handle(asked)

    async def _signed_in(self, request: Request) -> Machine:
        """RFC 6750 2.1. UnauthorizedException for whatever is wrong."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise UnauthorizedException
        with told():
            return await self._portal.groupware.provisioning.open(
                token.strip(), request.client.host if request.client else ""
            )

    def _asked(self, request: Request) -> ScimRequest:
        scope = request.scope
        return ScimRequest(
            method=request.method,
            base_url=f"{own_url(self._portal, request)}{PATH}",
            path=scope["path"].removeprefix(scope.get("root_path", "")) or "/",
            query=dict(request.query_params),
            headers=request.headers.items(),
        )


async def _body(request: Request) -> bytes:
    octets = bytearray()
    try:
        async for part in request.stream():
            octets += part
            bounds.check_size(len(octets))
    except HTTPException as error:
        raise (SlowException if error.status_code == SlowException.status else TooLargeException) from error
    return bytes(octets)
