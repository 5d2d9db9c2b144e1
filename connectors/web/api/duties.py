"""Duties for programs: contact points and postings as everybody sees them, one's own, and the answers to offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.api.operation import TEXT, TIME, Operation, record, records
from connectors.web.duties.fields import FOREVER, number
from groupware.errors import Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema
    from groupware.duties.looking import Person


async def contact_points(call: Call) -> Response:
    """Whom to ask at each body, and who answers now."""
    found = await call.groupware.duties.contacts(call.caller)
    return JSONResponse(
        [
            {
                "body": each.body,
                "area": each.area,
                "holder": _address(each.holder),
                "deputies": [deputy.address for deputy in each.deputies],
                "now": _address(each.now) if each.open else "",
                "opens": moment(each.opens) if each.opens else "",
                "zone": each.point.zone,
            }
            for each in found
        ]
    )


async def postings(call: Call) -> Response:
    """Liaison officers by host country, planned postings too."""
    found = await call.groupware.duties.abroad(call.caller)
    return JSONResponse(
        [
            {
                "id": each.posting.id,
                "official": each.official.address,
                "body": each.body,
                "country": each.posting.host_country,
                "city": each.posting.host_city,
                "seat": each.posting.seat,
                "duties": each.posting.duties,
                "planned": each.posting.planned,
                "from": moment(each.posting.valid_from),
                "until": _end(each.posting.valid_until),
                "serves": list(each.serves),
                "areas": list(each.areas),
                "interested": [name for name, _ in each.interested],
            }
            for each in found
        ]
    )


async def mine(call: Call) -> Response:
    """What the caller holds, and what awaits their word."""
    found = await call.groupware.duties.mine(call.caller)
    held = [{"role": each.role, "for": each.scope, "until": _end(each.valid_until)} for each in found.held]
    offers = [
        {"id": str(each.id), "giver": each.giver, "taker": each.taker, "state": each.state, "note": each.note}
        for each in found.hand_overs
    ]
    return JSONResponse({"held": held, "hand_overs": offers})


async def answer_hand_over(call: Call) -> Response:
    """Take duties over, or decline."""
    given, wanted = await call.body(), number(call.path["id"])
    if given == {"decision": "accept"}:
        done = await call.groupware.duties.take_over(call.caller, wanted)
        return JSONResponse({"id": str(wanted), "state": "done" if done else "accepted"})
    if given == {"decision": "decline"}:
        await call.groupware.duties.decline_offer(call.caller, wanted)
        return JSONResponse({"id": str(wanted), "state": "declined"})
    raise Refused("bad-decision", 'send {"decision": "accept" or "decline"}')


def _address(person: Person | None) -> str:
    return person.address if person else ""


def _end(until: int) -> str:
    """Empty for what has no end."""
    return moment(until) if until < FOREVER else ""


ANSWER: Schema = {
    "type": "object",
    "properties": {"decision": {"type": "string", "enum": ["accept", "decline"]}},
    "required": ["decision"],
    "additionalProperties": False,
}
END: Schema = {"type": "string", "description": "A time (RFC 3339), or empty for what has no end."}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/contact-points",
        contact_points,
        "listContactPoints",
        "Whom to ask at each body, about everything or one area; `now` is who is on duty, empty outside the hours.",
        records(
            body=TEXT,
            area=TEXT,
            holder=TEXT,
            deputies={"type": "array", "items": TEXT},
            now=TEXT,
            opens=TEXT,
            zone=TEXT,
        ),
    ),
    Operation(
        "GET",
        "/postings",
        postings,
        "listPostings",
        "Liaison officers by host country (ISO 3166-1), planned postings too.",
        records(
            id={"type": "integer"},
            official=TEXT,
            body=TEXT,
            country=TEXT,
            city=TEXT,
            seat=TEXT,
            duties=TEXT,
            planned={"type": "boolean"},
            **{"from": TIME},
            until=END,
            serves={"type": "array", "items": TEXT},
            areas={"type": "array", "items": TEXT},
            interested={"type": "array", "items": TEXT},
        ),
    ),
    Operation(
        "GET",
        "/duties",
        mine,
        "getDuties",
        "The caller's roles, and the hand-overs from or to them that are under way.",
        record(
            held=records(role=TEXT, **{"for": TEXT}, until=END),
            hand_overs=records(id=TEXT, giver=TEXT, taker=TEXT, state=TEXT, note=TEXT),
        ),
    ),
    Operation(
        "POST",
        "/hand-overs/{id}",
        answer_hand_over,
        "answerHandOver",
        "Take over what is offered to the caller, or decline it.",
        record(id=TEXT, state={"type": "string", "enum": ["done", "accepted", "declined"]}),
        answers=(403, 404, 409, 413, 415, 422),
        takes=ANSWER,
    ),
)
