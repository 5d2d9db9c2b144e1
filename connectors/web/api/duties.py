"""Duties for programs: contact points and postings as everybody sees them, one's own, and the answers to offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.duties.fields import FOREVER, number
from groupware.errors import Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
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
