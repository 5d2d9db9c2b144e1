"""Octets as an answer: a large one goes in pieces, between which others are served."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

SANDBOX = "sandbox; default-src 'none'"
"""Of what others wrote: even opened in a tab it can do nothing (CSP 3, sandbox)."""
PIECE = 1 << 20
"""Octets that are encrypted at a time: about 2 ms."""


def download(octets: bytes, kind: str, headers: Mapping[str, str]) -> Response:
    """They as a file of the media type `kind`, their number told beforehand."""
    if len(octets) <= PIECE:
        return Response(octets, media_type=kind, headers=headers)
    return StreamingResponse(_pieces(octets), media_type=kind, headers={**headers, "Content-Length": str(len(octets))})


def as_file(octets: bytes, kind: str, name: str) -> Response:
    """RFC 6266 4.3: the name in UTF-8, percent-encoded, so that none can break out of the field."""
    named = f"attachment; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe='')}"
    return download(octets, kind, {"Content-Disposition": named, "Content-Security-Policy": SANDBOX})


async def _pieces(octets: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(octets), PIECE):
        yield octets[start : start + PIECE]
        await asyncio.sleep(0)
