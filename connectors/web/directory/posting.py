"""The forms by which a body keeps its own postings of liaison officers, and says that it is interested in others."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web import officials
from connectors.web.duties import fields
from groupware import clock
from groupware.duties.posting_abroad import Posting
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.directory_pages.postings import Posting as Shown

AREA, SERVED = "area-", "body-"
"""How the names of the boxes of areas and of served bodies begin."""


async def show_new(visit: Visit) -> Response:
    """An empty form."""
    return await _form(visit, None, {}, {})


async def add(visit: Visit) -> Response:
    """Publish a posting, or a plan."""
    try:
        official = await officials.official(visit, "login", visit.form.get("login", ""))
        await visit.portal.groupware.duties.post_abroad(visit.caller, await _posting(visit, official.id))
    except (Refused, Conflict, NotFound) as error:
        return await _form(visit, None, visit.form, fields.problems(error))
    return _back()


async def show(visit: Visit) -> Response:
    """The form of one, as it is."""
    found = await _found(visit)
    known = found.posting
    given = {
        "country": known.host_country,
        "city": known.host_city,
        "seat": known.seat,
        "text": known.duties,
        "since": fields.shown_day(known.valid_from),
        "until": fields.shown_day(known.valid_until),
        "planned": "1" if known.planned else "",
        "seen": str(known.version),
        **{f"{AREA}{each}": "1" for each in known.areas},
        **{f"{SERVED}{each}": "1" for each in known.serves},
    }
    return await _form(visit, found, given, {})


async def change(visit: Visit) -> Response:
    """Write it as the form says, or end it."""
    found, duties = await _found(visit), visit.portal.groupware.duties
    try:
        seen = fields.number(visit.form.get("seen", ""))
        if visit.form.get("act") == "end":
            await duties.end_posting(visit.caller, found.posting.id, seen)
        else:
            await duties.change_posting(visit.caller, await _posting(visit, found.posting.official, found, seen))
    except (Refused, Conflict, NotFound) as error:
        return await _form(visit, found, visit.form, fields.problems(error))
    return _back()


async def interest(visit: Visit) -> Response:
    """Say that one's body would use a planned posting, or that it wouldn't."""
    wanted, duties = fields.number(visit.path["number"]), visit.portal.groupware.duties
    if visit.form.get("decision") == "withdraw":
        await duties.withdraw_interest(visit.caller, wanted)
    else:
        await duties.declare_interest(visit.caller, wanted, visit.form.get("note", ""))
    return _back()


async def _posting(visit: Visit, official: int, known: Shown | None = None, seen: int = 1) -> Posting:
    """What the form says."""
    given, old = visit.form, known.posting if known else None
    since = fields.day(given.get("since", ""), old.valid_from if old else clock.now())
    if old and fields.shown_day(old.valid_from) == given.get("since"):
        since = old.valid_from
    return Posting(
        official,
        given.get("country", ""),
        given.get("city", "").strip(),
        since,
        fields.day(given.get("until", ""), fields.FOREVER),
        given.get("seat", "").strip(),
        given.get("text", "").strip(),
        planned=bool(given.get("planned")),
        areas=fields.chosen(given, AREA),
        serves=fields.chosen(given, SERVED),
        version=seen,
        id=old.id if old else 0,
    )


async def _found(visit: Visit) -> Shown:
    """The one of the path, that the caller keeps. Raises NotFound."""
    wanted = fields.number(visit.path["number"])
    for each in await visit.portal.groupware.directory_pages.postings(visit.caller):
        if each.posting.id == wanted and each.keeps:
            return each
    raise NotFound(str(wanted))


async def _form(visit: Visit, found: Shown | None, given: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    choices = await visit.portal.groupware.duties.choices(visit.caller)
    countries = sorted(visit.portal.countries.items(), key=lambda each: each[1])
    offer = await officials.offer(visit, given.get("login", ""))
    values = {"found": found, "given": given, "countries": countries, "choices": choices, "offer": offer}
    return await visit.page("directory/posting.html", 422 if problems else 200, problems=problems, **values)


def _back() -> Response:
    return RedirectResponse("/directory/liaison-officers?done=1", HTTPStatus.SEE_OTHER)
