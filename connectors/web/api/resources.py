"""What can be booked, and when it is taken."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from groupware.errors import Refused
from groupware.meetings.calendar import Span
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from groupware.meetings.calendar import Slot

LONGEST = timedelta(days=366)
_DAY = timedelta(days=1)


async def all_resources(call: Call) -> Response:
    """Those that the caller may book."""
    return JSONResponse(
        [
            {
                "address": card.resource.address,
                "name": card.resource.name,
                "capacity": card.resource.capacity,
                "zone": card.resource.zone,
                "areas": [{"code": code, "name": name} for code, name in card.areas],
            }
            for card in await call.groupware.resources(call.caller)
        ]
    )


async def bookings(call: Call) -> Response:
    """Between two days, both included."""
    first, last = _day(call.query("from")), _day(call.query("to"))
    if not first <= last <= first + LONGEST:
        raise Refused("bad-days", f"to is from the same day on up to {LONGEST.days} days later")
    found = await call.groupware.timetable(call.caller, call.path["address"], Span(first, last + _DAY))
    return JSONResponse([_slot(each) for each in found.slots])


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused("bad-days", "from and to are days: YYYY-MM-DD") from error
    if not 1970 < day.year < 9000:  # noqa: PLR2004 -- where local midnights can be worked out
        raise Refused("bad-days", "no calendar goes that far")
    return day


def _slot(slot: Slot) -> dict[str, str]:
    return {
        "start": moment(slot.start),
        "end": moment(slot.end),
        "summary": slot.summary,
        "organiser": slot.organiser,
        "marking": "" if slot.marking is None else Marking(slot.marking).label,
    }
