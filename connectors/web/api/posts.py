"""The stored bytes of a post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.download import download

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call


async def raw(call: Call) -> Response:
    """Exactly as they were received."""
    octets = await call.groupware.raw(call.caller, call.path["message_id"])
    return download(octets, "message/rfc822", {"Content-Disposition": "attachment"})
