"""Contact points for programs: whom to ask at each body, and how a body arranges its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api import named
from connectors.web.api.call import moment
from connectors.web.api.given import checked
from connectors.web.api.operation import (
    NUMBER,
    TEXT,
    VERSION,
    WRITING,
    Operation,
    line,
    many,
    one_of,
    record,
    records,
)
from connectors.web.api.roles import LOGIN
from connectors.web.duties.hours import WEEKDAYS
from groupware.duties.arranging import MOST_DEPUTIES, MOST_HOURS, Arrangement, Hours
from groupware.errors import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema
    from groupware.cards.entry import Entry

EVERYTHING = 0
LONGEST_ZONE = 100
DAY = 24 * 60


async def listed(call: Call) -> Response:
    """Whom to ask at each body, and who answers now."""
    directions = await call.groupware.directory_pages.whom_to_ask(call.caller, "", "")
    return JSONResponse(
        [
            {
                "body": each.body.code,
                "area": each.area.name if each.area else "",
                "area_code": each.area.code if each.area else "",
                "holder": _address(each.holder),
                "deputies": [deputy.address for deputy in each.deputies],
                "now": _address(each.answers) if each.open else "",
                "opens": moment(each.opens) if each.opens else "",
                "zone": each.zone,
                "hours": [_hours(some) for some in each.point.hours],
                "version": each.point.version,
            }
            for each in directions.found
        ]
    )


async def arrange(call: Call) -> Response:
    """About everything."""
    return await _arrange(call, EVERYTHING)


async def arrange_for_area(call: Call) -> Response:
    """About one area."""
    area = await named.area(call, call.path["area"])
    if area == named.NOWHERE:
        raise NotFound(call.path["area"])
    return await _arrange(call, area)


async def _arrange(call: Call, area: int) -> Response:
    given = checked(await call.body(), _ARRANGED)
    holder = await named.official(call, given["holder"]) if given["holder"] else 0
    wanted = Arrangement(
        await named.body(call, call.path["body"]),
        area,
        holder,
        tuple([await named.official(call, each) for each in given["deputies"]]),
        given["zone"],
        tuple(Hours(WEEKDAYS.index(each["day"]), each["opens"], each["closes"]) for each in given["hours"]),
        given["version"],
    )
    await call.groupware.duties.arrange(call.caller, wanted)
    return JSONResponse({"body": call.path["body"], "area": call.path.get("area", "")})


def _address(person: Entry | None) -> str:
    return person.address if person else ""


def _hours(some: Hours) -> dict[str, object]:
    return {"day": WEEKDAYS[some.weekday], "opens": some.opens, "closes": some.closes}


_MINUTE: Schema = {"type": "integer", "minimum": 0, "maximum": DAY, "description": "Of the day, in the zone's time."}
_HOURS = record(day=one_of(*WEEKDAYS), opens=_MINUTE, closes=_MINUTE)
_ARRANGED = record(
    version={**VERSION, "description": f"0 for a new one. {VERSION['description']}"},
    holder={**LOGIN, "description": "A login, or empty for nobody."},
    deputies=many(LOGIN, MOST_DEPUTIES),
    zone=line(LONGEST_ZONE, "A time zone, such as Europe/Tallinn."),
    hours=many(_HOURS, MOST_HOURS),
)
_ONE = record(body=TEXT, area=TEXT)
_BY_AREA = "/contact-points/{body}/{area}"
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/contact-points",
        listed,
        "listContactPoints",
        "Whom to ask at each body, about everything or one area; `now` is who is on duty, empty outside the hours.",
        records(
            body=TEXT,
            area=TEXT,
            area_code=TEXT,
            holder=TEXT,
            deputies={"type": "array", "items": TEXT},
            now=TEXT,
            opens=TEXT,
            zone=TEXT,
            hours={"type": "array", "items": _HOURS},
            version=NUMBER,
        ),
    ),
    Operation("PUT", "/contact-points/{body}", arrange, "arrangeContactPoint", "Arrange one's body's contact point.",
              _ONE, WRITING, _ARRANGED, strong=True),
    Operation("PUT", _BY_AREA, arrange_for_area, "arrangeContactPointForArea", "The same about one area.",
              _ONE, WRITING, _ARRANGED, strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
