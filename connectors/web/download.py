"""Octets as an answer: a large one goes in pieces, between which others are served."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

PIECE = 1 << 20
"""Octets that are encrypted at a time: about 2 ms."""


def download(octets: bytes, kind: str, headers: Mapping[str, str]) -> Response:
    """They as a file of the media type `kind`, their number told beforehand."""
    if len(octets) <= PIECE:
        return Response(octets, media_type=kind, headers=headers)
    return StreamingResponse(_pieces(octets), media_type=kind, headers={**headers, "Content-Length": str(len(octets))})


async def _pieces(octets: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(octets), PIECE):
        yield octets[start : start + PIECE]
        await asyncio.sleep(0)
