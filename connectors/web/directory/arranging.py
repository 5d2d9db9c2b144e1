"""The forms by which a body arranges its own contact points: who holds each, who stands in, and when."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web import officials
from connectors.web.duties import fields, hours
from groupware.duties.arranging import MOST_DEPUTIES, Arrangement
from groupware.errors import Conflict, Forbidden, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.cards.entry import Entry
    from groupware.directory_pages.contact_points import ContactPoint

DEPUTIES = tuple(f"deputy-{place}" for place in range(1, MOST_DEPUTIES + 1))
"""The fields of the deputies, in their order."""
SPARE = 3
"""Empty ones that are shown behind those that say something."""


async def show(visit: Visit) -> Response:
    """The form of one, as it is."""
    found = await _found(visit)
    given = {
        "holder": _shown(found.holder),
        **{field: _shown(each) for field, each in zip(DEPUTIES, found.deputies, strict=False)},
        "zone": found.zone,
        "hours": hours.shown(found.point.hours),
        "seen": str(found.point.version),
    }
    return await _form(visit, given, {}, contact=found)


async def arrange(visit: Visit) -> Response:
    """Write it as the form says."""
    found = await _found(visit)
    try:
        seen = fields.number(visit.form.get("seen", ""))
        await _arrange(visit, found.point.body, found.point.area, seen)
    except (Refused, Conflict, Forbidden) as error:
        return await _form(visit, visit.form, _problems(error), contact=found)
    return _back()


async def show_new(visit: Visit) -> Response:
    """An empty form for one area."""
    free = await _free(visit, await _own(visit))
    zone = next((each.zone for each in await _kept(visit)), "UTC")
    return await _form(visit, {"zone": zone}, {}, areas=free)


async def add(visit: Visit) -> Response:
    """Arrange a contact point of one's own body for an area that has none yet."""
    body, given = await _own(visit), visit.form
    free = await _free(visit, body)
    area = next((number for number, _ in free if str(number) == given.get("area")), None)
    if area is None:
        problem = {"area": "Choose an area for which there is no contact point yet."}
        return await _form(visit, given, problem, areas=free)
    try:
        await _arrange(visit, body, area, 0)
    except (Refused, Conflict, Forbidden) as error:
        return await _form(visit, given, _problems(error), areas=free)
    return _back()


async def _arrange(visit: Visit, body: int, area: int, seen: int) -> None:
    given = visit.form
    (holder,) = await _named(visit, ["holder"]) or [0]
    deputies = await _named(visit, DEPUTIES)
    times, zone = hours.read(given.get("hours", "")), given.get("zone", "").strip()
    wanted = Arrangement(body, area, holder, tuple(deputies), zone, times, seen)
    await visit.portal.groupware.duties.arrange(visit.caller, wanted)


async def _named(visit: Visit, names: Sequence[str]) -> list[int]:
    """The officials of these fields, empty ones passed over. Raises Refused, told beside the field."""
    typed = {name: visit.form.get(name, "") for name in names}
    return [(await officials.official(visit, name, text)).id for name, text in typed.items() if text.strip()]


def _problems(error: Refused | Conflict | Forbidden) -> dict[str, str]:
    """Who sees the form keeps the body's entries, and may have set hours; whom it names is for others to say."""
    if isinstance(error, Forbidden):
        return {"form": "Who is named here is said by the contact point or a deputy of your body, and not of oneself."}
    return fields.problems(error)


def _shown(entry: Entry | None) -> str:
    return officials.shown(entry.name, entry.login, entry.units[-1]) if entry else ""


async def _own(visit: Visit) -> int:
    """The body that the caller keeps. Raises NotFound."""
    body = await visit.portal.groupware.duties.keeps(visit.caller)
    if not body:
        raise NotFound("a body that the caller keeps")
    return body


async def _kept(visit: Visit) -> list[ContactPoint]:
    """Those of the caller's own body."""
    found = await visit.portal.groupware.directory_pages.whom_to_ask(visit.caller, "", "")
    return [each for each in found.found if each.keeps]


async def _free(visit: Visit, body: int) -> list[tuple[int, str]]:
    """The areas for which a body has no contact point."""
    taken = {each.point.area for each in await _kept(visit) if each.point.body == body}
    return [each for each in (await visit.portal.groupware.duties.choices(visit.caller)).areas if each[0] not in taken]


async def _found(visit: Visit) -> ContactPoint:
    """The one of the path, of the caller's own body. Raises NotFound."""
    wanted = fields.number(visit.path["number"])
    for each in await _kept(visit):
        if each.point.id == wanted:
            return each
    raise NotFound(str(wanted))


async def _form(
    visit: Visit,
    given: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    contact: ContactPoint | None = None,
    areas: Sequence[tuple[int, str]] = (),
) -> Response:
    """Of the one that there is, or of a new one for one of these areas."""
    typed = [name for name in DEPUTIES if given.get(name, "").strip()]
    shown = DEPUTIES[: (DEPUTIES.index(typed[-1]) + 1 if typed else 0) + SPARE]
    offer = await officials.offer(visit, *(given.get(name, "") for name in ("holder", *DEPUTIES)))
    values = {"contact": contact, "areas": areas, "given": given, "deputies": shown, "offer": offer}
    return await visit.page("directory/contact_point.html", 422 if problems else 200, problems=problems, **values)


def _back() -> Response:
    return RedirectResponse("/directory/contact-points?done=1", HTTPStatus.SEE_OTHER)
