"""The token endpoint, and what clients may ask about tokens or do with them later."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from connectors.web.faults import of_error
from connectors.web.oidc.answers import NOT_KEPT
from connectors.web.visit import seen
from groupware.errors import IconetError, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from groupware.provider.clients import Client

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636 4.1."""


async def token(request: Request, client: Client, given: Mapping[str, str]) -> Response:
    """RFC 6749 3.2: tokens for a code or a refresh token."""
    grant = given.get("grant_type", "")
    if grant == "authorization_code":
        return _told(await _for_code(request, client, given))
    if grant == "refresh_token":
        return _told(await _for_refresh(request, client, given))
    raise Refused("unsupported-grant-type" if grant else "invalid-request")


async def introspect(request: Request, client: Client, given: Mapping[str, str]) -> Response:
    """RFC 7662 2.1. Public clients prove nothing, so they hear nothing."""
    if client.public:
        raise Refused("invalid-client")
    return _told(await seen(request).groupware.provider.introspect(client, _needed(given, "token")))


async def revoke(request: Request, client: Client, given: Mapping[str, str]) -> Response:
    """RFC 7009 2: 200 also for what we don't know."""
    await seen(request).groupware.provider.revoke(client, _needed(given, "token"))
    return Response(status_code=200, headers=NOT_KEPT)


async def userinfo(request: Request) -> Response:
    """OIDC Core 5.3; the token comes in the header (RFC 6750 2.1)."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        return _unknown("")
    try:
        said = await seen(request).groupware.provider.userinfo(text.strip())
    except IconetError as error:
        return JSONResponse({"error": "temporarily_unavailable"}, of_error(error).status)
    return _unknown(', error="invalid_token"') if said is None else _told(said)


async def _for_code(request: Request, client: Client, given: Mapping[str, str]) -> dict[str, Any]:
    code, redirect, verifier = (_needed(given, name) for name in ("code", "redirect_uri", "code_verifier"))
    if not VERIFIER.fullmatch(verifier):
        raise Refused("invalid-grant")
    return await seen(request).groupware.provider.redeem(client, code, redirect, verifier)


async def _for_refresh(request: Request, client: Client, given: Mapping[str, str]) -> dict[str, Any]:
    if not client.refreshes:
        raise Refused("unauthorized-client")
    provider = seen(request).groupware.provider
    return await provider.refresh(client, _needed(given, "refresh_token"), given.get("scope", ""))


def _needed(given: Mapping[str, str], name: str) -> str:
    if name not in given:
        raise Refused("invalid-request")
    return given[name]


def _told(said: Mapping[str, Any]) -> Response:
    return JSONResponse(said, headers=NOT_KEPT)


def _unknown(cause: str) -> Response:
    headers = {"WWW-Authenticate": f'Bearer realm="ICONet"{cause}', **NOT_KEPT}
    return JSONResponse({"error": "invalid_token"}, HTTPStatus.UNAUTHORIZED, headers)
