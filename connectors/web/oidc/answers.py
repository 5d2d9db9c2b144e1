"""Answers to clients: JSON, and one table from what went wrong to their words (RFC 6749 5.2)."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from connectors.web.faults import of_error
from connectors.web.oidc import parameters
from connectors.web.oidc.parameters import Repeated
from connectors.web.visit import seen
from groupware.errors import IconetError, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from groupware.provider.clients import Client

    Endpoint = Callable[[Request], Awaitable[Response]]
    Handler = Callable[[Request, Client, Mapping[str, str]], Awaitable[Response]]

NOT_KEPT = {"Pragma": "no-cache"}
"""Beside the Cache-Control that all our answers have (OIDC Core 3.1.3.3)."""
STATUS = {"invalid-client": 401}
"""By rule; for the other ones 400."""
BASIC = 'Basic realm="ICONet clients", charset="UTF-8"'
LONGEST_PROOF = 2000


def endpoint(handler: Handler) -> Endpoint:
    """Have the client prove itself, then answer."""

    async def answer(request: Request) -> Response:
        try:
            given = await parameters.of(request)
            return await handler(request, await _proven(request, given), given)
        except Repeated:
            return _error("invalid-request")
        except Refused as refused:
            return _error(refused.rule)
        except (IconetError, HTTPException) as error:
            said = of_error(error)
            rule = "invalid_request" if said.status < HTTPStatus.INTERNAL_SERVER_ERROR else "temporarily_unavailable"
            return JSONResponse({"error": rule}, said.status, {**said.headers, **NOT_KEPT})

    return answer


async def _proven(request: Request, given: Mapping[str, str]) -> Client:
    """The client, by exactly one of the methods that we say we take (RFC 6749 2.3)."""
    header = request.headers.get("authorization", "")
    if header and "client_secret" in given:
        raise Refused("invalid-request")
    name, secret = _basic(header) if header else (given.get("client_id", ""), given.get("client_secret", ""))
    if given.get("client_id", name) != name:
        raise Refused("invalid-client")
    return await seen(request).groupware.provider.proven(name, secret)


def _basic(header: str) -> tuple[str, str]:
    """Name and secret, each form-encoded within (RFC 6749 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > LONGEST_PROOF:
        raise Refused("invalid-client")
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refused("invalid-client") from error
    if not colon:
        raise Refused("invalid-client")
    return unquote_plus(name), unquote_plus(secret)


def _error(rule: str) -> Response:
    status = STATUS.get(rule, 400)
    headers = {**NOT_KEPT, **({"WWW-Authenticate": BASIC} if status == HTTPStatus.UNAUTHORIZED else {})}
    return JSONResponse({"error": rule.replace("-", "_")}, status, headers)
