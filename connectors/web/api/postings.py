"""Postings of liaison officers for programs: the list, one's own body's, and interest in another's plans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from connectors.web.api import named
from connectors.web.api.call import moment
from connectors.web.api.given import checked, moment_of
from connectors.web.api.operation import (
    END,
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    VERSION,
    WRITING,
    Operation,
    line,
    many,
    record,
    records,
    some,
)
from connectors.web.api.roles import LOGIN, SINCE, UNTIL, end
from connectors.web.duties.fields import FOREVER, number
from groupware import clock
from groupware.duties.posting_abroad import Posting
from groupware.duties.words import LONGEST_REASON
from groupware.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema

LONGEST_PLACE, LONGEST_DUTIES, MOST_SERVED = 200, 2_000, 100


async def listed(call: Call) -> Response:
    """Liaison officers by host country, planned postings too."""
    found = await call.groupware.directory_pages.postings(call.caller)
    return JSONResponse(
        [
            {
                "id": each.posting.id,
                "official": each.official.address,
                "body": each.official.body,
                "country": each.posting.host_country,
                "city": each.posting.host_city,
                "seat": each.posting.seat,
                "duties": each.posting.duties,
                "planned": each.posting.planned,
                "from": moment(each.posting.valid_from),
                "until": end(each.posting.valid_until),
                "serves": list(each.serves),
                "areas": list(each.areas),
                "interested": [name for name, _ in each.interested],
                "keeps": each.keeps,
                "version": each.posting.version,
            }
            for each in found
        ]
    )


async def add(call: Call) -> Response:
    """Published at once, planned or not."""
    given = checked(await call.body(), _NEW)
    official = await named.official(call, given.pop("official"))
    first = Posting(official, given["country"], given["city"], clock.now())
    return JSONResponse(
        {"id": await call.groupware.duties.post_abroad(call.caller, await _written(call, given, first))}
    )


async def change(call: Call) -> Response:
    """What isn't named stays."""
    given = checked(await call.body(), _CHANGED)
    seen = given.pop("version")
    known = replace(await _kept(call), version=seen)
    await call.groupware.duties.change_posting(call.caller, await _written(call, given, known))
    return JSONResponse({"version": seen + 1})


async def end_it(call: Call) -> Response:
    """From now on."""
    seen, wanted = checked(await call.body(), _ENDED)["version"], number(call.path["id"])
    await call.groupware.duties.end_posting(call.caller, wanted, seen)
    return JSONResponse({"id": wanted})


async def declare_interest(call: Call) -> Response:
    """For the caller's body, in place of what it said before."""
    note, wanted = checked(await call.body(), _WISHED).get("note", ""), number(call.path["id"])
    await call.groupware.duties.declare_interest(call.caller, wanted, note)
    return JSONResponse({"id": wanted, "interested": True})


async def withdraw_interest(call: Call) -> Response:
    """For the caller's body."""
    wanted = number(call.path["id"])
    await call.groupware.duties.withdraw_interest(call.caller, wanted)
    return JSONResponse({"id": wanted, "interested": False})


async def _kept(call: Call) -> Posting:
    """The one of the path, that the caller keeps. Raises NotFound."""
    wanted = number(call.path["id"])
    for each in await call.groupware.directory_pages.postings(call.caller):
        if each.posting.id == wanted and each.keeps:
            return each.posting
    raise NotFound(str(wanted))


async def _written(call: Call, given: Mapping[str, Any], known: Posting) -> Posting:
    """A posting as it is, with the fields that are given."""
    fields = {_COLUMNS[name]: value.strip() for name, value in given.items() if name in _COLUMNS}
    if "planned" in given:
        fields["planned"] = given["planned"]
    if "areas" in given:
        fields["areas"] = frozenset([await named.area(call, code) for code in given["areas"]])
    if "serves" in given:
        fields["serves"] = frozenset([await named.body(call, code) for code in given["serves"]])
    since = moment_of(given.get("from", ""), known.valid_from)
    until = moment_of(given["until"], FOREVER) if "until" in given else known.valid_until
    return replace(known, **fields, valid_from=since, valid_until=until)


_COLUMNS = {"country": "host_country", "city": "host_city", "seat": "seat", "duties": "duties"}
_CODE = line(100)
_FIELDS: dict[str, Schema] = {
    "country": line(2, "ISO 3166-1 alpha-2."),
    "city": line(LONGEST_PLACE),
    "seat": line(LONGEST_PLACE, "Where they sit: an embassy, a ministry."),
    "duties": line(LONGEST_DUTIES),
    "planned": FLAG,
    "from": SINCE,
    "until": UNTIL,
    "areas": {**many(_CODE, MOST_SERVED), "description": "Codes of areas."},
    "serves": {**many(_CODE, MOST_SERVED), "description": "Codes of other bodies."},
}
_MORE = {name: schema for name, schema in _FIELDS.items() if name not in ("country", "city")}
_NEW = some(record(official=LOGIN, country=_FIELDS["country"], city=_FIELDS["city"]), **_MORE)
_CHANGED = some(record(version=VERSION), **_FIELDS)
_ENDED = record(version=VERSION)
_WISHED = some(record(), note=line(LONGEST_REASON))
_ID, _INTEREST = record(id=NUMBER), record(id=NUMBER, interested=FLAG)
_TEXTS: Schema = {"type": "array", "items": TEXT}
_POSTINGS = records(
    id=NUMBER,
    official=TEXT,
    body=TEXT,
    country=TEXT,
    city=TEXT,
    seat=TEXT,
    duties=TEXT,
    planned=FLAG,
    **{"from": TIME},
    until=END,
    serves=_TEXTS,
    areas=_TEXTS,
    interested=_TEXTS,
    keeps={"type": "boolean", "description": "The caller may change and end it."},
    version=NUMBER,
)
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/postings", listed, "listPostings",
              "Liaison officers by host country (ISO 3166-1), planned postings too.", _POSTINGS),
    Operation("POST", "/postings", add, "addPosting", "Post an official abroad, or plan it.",
              _ID, WRITING, _NEW, strong=True),
    Operation("PATCH", "/postings/{id}", change, "changePosting", "Change a posting; what isn't named stays.",
              record(version=NUMBER), WRITING, _CHANGED, strong=True),
    Operation("POST", "/postings/{id}/end", end_it, "endPosting", "End a posting now; a coming one never begins.",
              _ID, WRITING, _ENDED, strong=True),
    Operation("PUT", "/postings/{id}/interest", declare_interest, "declareInterest",
              "Say that one's body would use a planned posting of another.", _INTEREST, WRITING, _WISHED, strong=True),
    Operation("DELETE", "/postings/{id}/interest", withdraw_interest, "withdrawInterest", "Take that back.",
              _INTEREST, (404,), strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
