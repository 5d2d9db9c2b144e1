"""Moderation for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from groupware.errors import Refused
from groupware.moderation import LONGEST_REASON, Word

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call

STATES = {Word.APPROVE: "published", Word.REFUSE: "refused"}


async def queue(call: Call) -> Response:
    """What the caller may decide about."""
    held = await call.groupware.held(call.caller)
    return JSONResponse(
        [
            {
                "id": each.id,
                "message_id": each.message_id,
                "room": each.room,
                "author": each.author,
                "received": moment(each.received),
            }
            for each in held
        ]
    )


async def decide(call: Call) -> Response:
    """Approve or refuse one."""
    word, reason = _decision(await call.body())
    await call.groupware.decide(call.caller, call.path["id"], word, reason)
    return JSONResponse({"id": call.path["id"], "state": STATES[word]})


def _decision(given: Any) -> tuple[Word, str]:  # noqa: ANN401 -- whatever JSON says
    if not isinstance(given, dict) or not set(given) <= {"decision", "reason"}:
        raise Refused("bad-fields", 'send {"decision": "approve" or "refuse", "reason": text}')
    word, reason = given.get("decision"), given.get("reason", "")
    if not isinstance(word, str) or word not in set(Word):
        raise Refused("bad-decision", 'decision is "approve" or "refuse"')
    if not isinstance(reason, str) or len(reason) > LONGEST_REASON or "\0" in reason:
        raise Refused("bad-reason", f"reason is a text of at most {LONGEST_REASON} characters")
    return Word(word), reason
