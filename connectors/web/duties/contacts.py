"""Contact points: whom to ask at each body, who is on duty now, and the form by which a body arranges its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.duties import fields
from groupware.duties.arranging import Arrangement
from groupware.errors import Conflict, Forbidden, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.duties.looking import Contact


async def show(visit: Visit) -> Response:
    """All that the caller may see."""
    duties = visit.portal.groupware.duties
    found, missing = await duties.contacts(visit.caller), await duties.bodies_without_contact_point()
    keeps = await duties.keeps(visit.caller)
    done = visit.query("done")
    return await visit.page("duties/contacts.html", contacts=found, missing=missing, ours=keeps, done=done)


async def show_one(visit: Visit) -> Response:
    """The form of one, as it is."""
    found = await _found(visit)
    given = {
        "holder": found.holder.login if found.holder else "",
        "deputies": "\n".join(each.login for each in found.deputies),
        "zone": found.point.zone,
        "hours": fields.shown_hours(found.point.hours),
        "seen": str(found.point.version),
    }
    return await _form(visit, found, given, {})


async def arrange(visit: Visit) -> Response:
    """Write it as the form says."""
    found = await _found(visit)
    try:
        seen = fields.number(visit.form.get("seen", ""))
        await _arrange(visit, found.point.body, found.point.area, seen)
    except (Refused, Conflict, Forbidden) as error:
        return await _form(visit, found, visit.form, _problems(error))
    return _back()


async def show_new(visit: Visit) -> Response:
    """An empty form for one area."""
    await _own(visit)
    return await _new(visit, {"zone": "UTC"}, {})


async def add(visit: Visit) -> Response:
    """Arrange a contact point of one's own body for an area that has none yet."""
    body, given = await _own(visit), visit.form
    area = next((number for number, _ in await _free(visit, body) if str(number) == given.get("area")), None)
    if area is None:
        return await _new(visit, given, {"area": "Choose an area for which there is no contact point yet."})
    try:
        await _arrange(visit, body, area, 0)
    except (Refused, Conflict, Forbidden) as error:
        return await _new(visit, given, _problems(error))
    return _back()


async def _arrange(visit: Visit, body: int, area: int, seen: int) -> None:
    given = visit.form
    deputies = await _named(visit, "deputies", given.get("deputies", "").splitlines())
    holder = next(iter(await _named(visit, "holder", [given.get("holder", "")])), 0)
    hours, zone = fields.hours(given.get("hours", "")), given.get("zone", "").strip()
    wanted = Arrangement(body, area, holder, deputies, zone, hours, seen)
    await visit.portal.groupware.duties.arrange(visit.caller, wanted)


async def _named(visit: Visit, field: str, lines: Sequence[str]) -> tuple[int, ...]:
    """The officials of these logins. Raises Refused, told beside the field."""
    found = []
    for login in filter(None, map(str.strip, lines)):
        try:
            found.append((await visit.portal.groupware.duties.official(visit.caller, login)).id)
        except NotFound as error:
            raise Refused(f"unknown-{field}", f"nobody with the login {login[:64]!r} is to be found") from error
    return tuple(found)


def _problems(error: Refused | Conflict | Forbidden) -> dict[str, str]:
    """Who sees the form keeps the body's entries, and may have set hours; whom it names is for others to say."""
    if isinstance(error, Forbidden):
        return {"form": "Who is named here is said by the contact point or a deputy of your body, and not of oneself."}
    return fields.problems(error)


async def _own(visit: Visit) -> int:
    """The body that the caller keeps. Raises NotFound."""
    body = await visit.portal.groupware.duties.keeps(visit.caller)
    if not body:
        raise NotFound("a body that the caller keeps")
    return body


async def _free(visit: Visit, body: int) -> list[tuple[int, str]]:
    """The areas for which a body has no contact point."""
    duties = visit.portal.groupware.duties
    taken = {each.point.area for each in await duties.contacts(visit.caller) if each.point.body == body}
    return [each for each in (await duties.choices(visit.caller)).areas if each[0] not in taken]


async def _found(visit: Visit) -> Contact:
    """The one of the path, of the caller's own body. Raises NotFound."""
    wanted, own = fields.number(visit.path["number"]), await _own(visit)
    for each in await visit.portal.groupware.duties.contacts(visit.caller):
        if each.id == wanted and each.point.body == own:
            return each
    raise NotFound(str(wanted))


async def _form(visit: Visit, found: Contact, given: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    values = {"contact": found, "given": given}
    return await visit.page("duties/contact.html", 422 if problems else 200, problems=problems, **values)


async def _new(visit: Visit, given: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    values = {"areas": await _free(visit, await _own(visit)), "given": given}
    return await visit.page("duties/new_contact.html", 422 if problems else 200, problems=problems, **values)


def _back() -> Response:
    return RedirectResponse("/contact-points?done=1", HTTPStatus.SEE_OTHER)
