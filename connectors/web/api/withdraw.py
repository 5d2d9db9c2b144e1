"""Taking a post back, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from groupware.errors import Refused
from groupware.withdrawal import LONGEST_REASON

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call


async def withdraw(call: Call) -> Response:
    """In every room where the caller may; a second time is answered alike."""
    given = await call.body()
    if not isinstance(given, dict) or not set(given) <= {"reason"}:
        raise Refused("bad-fields", 'send {"reason": text}')
    reason = given.get("reason", "")
    if not isinstance(reason, str) or len(reason) > LONGEST_REASON or "\0" in reason:
        raise Refused("bad-reason", f"reason is a text of at most {LONGEST_REASON} characters")
    name = call.path["message_id"]
    await call.groupware.areas.withdraw(call.caller, name if "@" in name else f"<{name}>", reason)
    return JSONResponse({"message_id": f"<{name.strip('<>')}>", "state": "withdrawn"})
