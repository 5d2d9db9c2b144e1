"""Who sent a form: this site, in this session, or somebody else's page."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

FIELD = "form_token"
"""The hidden field of every form."""


def form_token(session: str) -> str:
    """What a form of this session carries: it can't be worked out without the session's cookie."""
    return hmac.new(session.encode(), b"iconet form", hashlib.sha256).hexdigest()


def is_token(session: str, given: str) -> bool:
    """Whether a form carries its session's token."""
    return hmac.compare_digest(form_token(session).encode(), given.encode("utf-8", "surrogatepass"))


def is_own(request: Request) -> bool:
    """Whether a page of this site sent the request (Fetch Metadata; Origin from browsers without it).

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms, so Sec-Fetch-Site goes first.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") == f"https://{request.headers.get('host', '')}"
