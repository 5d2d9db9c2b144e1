"""Where the homeserver is: what Matrix clients ask of a domain's web server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.visit import seen
from connectors.where import Doors

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def send(request: Request) -> Response:
    """https://DOMAIN/.well-known/matrix/client (Matrix client-server API, 4.1); any page may read it, as that wants."""
    body = {"m.homeserver": {"base_url": Doors(seen(request).house).matrix}}
    headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    return JSONResponse(body, headers=headers)
