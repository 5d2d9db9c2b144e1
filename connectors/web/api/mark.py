"""Marking a post anew, for programs of those who speak for its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.operation import record
from groupware.errors import Refused
from groupware.marks.changing import LONGEST_REASON, Wanted
from groupware.message.markings import Marks
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema

MARKINGS = {each.label: each for each in Marking}
CODES = {each.label: each for each in Handling}
MARKED: Schema = record(
    marking={"type": "string", "enum": list(MARKINGS), "maxLength": 16},
    handling={"type": "string", "enum": list(CODES), "maxLength": 2},
    reason={"type": "string", "minLength": 1, "maxLength": LONGEST_REASON, "description": "Kept on record."},
)


async def mark(call: Call) -> Response:
    """In every room where the caller may."""
    given = await call.body()
    if not isinstance(given, dict) or set(given) != {"marking", "handling", "reason"}:
        raise Refused("bad-fields", 'send {"marking": label, "handling": code, "reason": text}')
    if not all(isinstance(value, str) for value in given.values()) or "\0" in given["reason"]:
        raise Refused("bad-fields", "each of them is a text")
    marking, code = MARKINGS.get(given["marking"]), CODES.get(given["handling"])
    if marking is None or code is None:
        raise Refused("bad-marking", "a marking is one of TLP 2.0, a handling code one of H0 to H3")
    name = f"<{call.path['message_id'].strip('<>')}>"
    await call.groupware.marks.mark(call.caller, Wanted(name, Marks(marking, code), given["reason"]))
    return JSONResponse({"message_id": name, "marking": marking.label, "handling": code.label})
