"""One's own duties for programs, and the answers to what is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.api.operation import END, FLAG, NUMBER, TEXT, Operation, record, records
from connectors.web.api.roles import end
from connectors.web.duties.fields import number
from groupware.errors import Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema


async def mine(call: Call) -> Response:
    """What the caller holds, and what awaits their word."""
    found = await call.groupware.duties.mine(call.caller)
    held = [{"role": each.role, "for": each.scope, "until": end(each.valid_until)} for each in found.held]
    offers = [
        {
            "id": str(each.id),
            "giver": each.giver,
            "taker": each.taker,
            "state": each.state,
            "effective": moment(each.effective) if each.effective else "",
            "confirmed": each.confirmed,
            "note": each.note,
            "duties": list(each.moving.duties),
            "moves": [{"what": what, "count": count} for what, count in each.moving.counts],
        }
        for each in found.hand_overs
    ]
    appointed = [
        {"id": str(each.id), "body": each.body, "act": each.act, "appointed_by": each.appointed_by}
        for each in found.appointments
    ]
    return JSONResponse({"held": held, "hand_overs": offers, "appointments": appointed})


async def answer_hand_over(call: Call) -> Response:
    """Take duties over, confirm what was offered for who hands over, or decline."""
    given, wanted = await call.body(), number(call.path["id"])
    if given == {"decision": "accept"}:
        done = await call.groupware.duties.take_over(call.caller, wanted)
        return JSONResponse({"id": str(wanted), "state": "done" if done else "accepted"})
    if given == {"decision": "confirm"}:
        done = await call.groupware.duties.confirm_offer(call.caller, wanted)
        return JSONResponse({"id": str(wanted), "state": "done" if done else "confirmed"})
    if given == {"decision": "decline"}:
        await call.groupware.duties.decline_offer(call.caller, wanted)
        return JSONResponse({"id": str(wanted), "state": "declined"})
    raise Refused("bad-decision", 'send {"decision": "accept", "confirm" or "decline"}')


ANSWER: Schema = {
    "type": "object",
    "properties": {"decision": {"type": "string", "enum": ["accept", "confirm", "decline"]}},
    "required": ["decision"],
    "additionalProperties": False,
}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/duties",
        mine,
        "getDuties",
        "The caller's roles, and the hand-overs and appointments that await a word.",
        record(
            held=records(role=TEXT, **{"for": TEXT}, until=END),
            hand_overs=records(
                id=TEXT,
                giver=TEXT,
                taker=TEXT,
                state=TEXT,
                effective={**TEXT, "description": "A time (RFC 3339); empty: as soon as all words are given."},
                confirmed={**FLAG, "description": "Whether the giver, or a second person for them, has agreed."},
                note=TEXT,
                duties={"type": "array", "items": TEXT, "description": "Roles that go over."},
                moves=records(what=TEXT, count=NUMBER),
            ),
            appointments=records(id=TEXT, body=TEXT, act=TEXT, appointed_by=TEXT),
        ),
    ),
    Operation(
        "POST",
        "/hand-overs/{id}",
        answer_hand_over,
        "answerHandOver",
        "Take over what is offered to the caller, or decline it; or confirm what somebody else offered for the giver.",
        record(id=TEXT, state={"type": "string", "enum": ["done", "accepted", "confirmed", "declined"]}),
        answers=(403, 404, 409, 413, 415, 422),
        takes=ANSWER,
    ),
)
