"""The cookies. All are bound to this host and to TLS by their names' prefix (RFC 6265bis 4.1.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

SESSION = "__Host-iconet"
"""Opaque: the token of a session; what it stands for is a row on the server."""
VISITOR = "__Host-iconet-visitor"
"""A random text before sign-in, so that the sign-in form is bound to the browser that asked for it."""

STEP = "__Host-iconet-step"
"""Between the password and the second factor. It opens nothing."""

DEVICE = "__Host-iconet-device"
"""Tells a browser that somebody signed in with before from a stranger's. It opens nothing and outlives the session."""
A_YEAR = 365 * 24 * 60 * 60
"""In seconds."""


def read(request: Request, name: str) -> str:
    """Its value, empty without it."""
    return request.cookies.get(name, "")


def give(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Keep it so long, or until the browser closes; scripts can't read it. The server sets the real limits."""
    response.set_cookie(name, value, seconds, path="/", secure=True, httponly=True, samesite="lax")


def take(response: Response, name: str) -> None:
    """Have the browser forget it."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
