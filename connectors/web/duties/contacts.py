"""Contact points: whom to ask at each body, who is on duty now, and the form by which a body arranges its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.duties import fields
from groupware.duties.arranging import Arrangement
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    found, given, duties = await _found(visit), visit.form, visit.portal.groupware.duties
    try:
        names = [line.strip() for line in given.get("deputies", "").splitlines() if line.strip()]
        deputies = [(await duties.official(visit.caller, name)).id for name in names]
        named = given.get("holder", "").strip()
        holder = (await duties.official(visit.caller, named)).id if named else 0
        wanted = Arrangement(
            found.point.body,
            found.point.area,
            holder,
            tuple(deputies),
            given.get("zone", ""),
            fields.hours(given.get("hours", "")),
            fields.number(given.get("seen", "")),
        )
        await duties.arrange(visit.caller, wanted)
    except (Refused, Conflict, NotFound) as error:
        return await _form(visit, found, given, fields.problems(error))
    return RedirectResponse("/contact-points?done=1", HTTPStatus.SEE_OTHER)


async def _found(visit: Visit) -> Contact:
    """The one of the path, of the caller's own body. Raises NotFound."""
    wanted, duties = fields.number(visit.path["number"]), visit.portal.groupware.duties
    own = await duties.keeps(visit.caller)
    for each in await duties.contacts(visit.caller):
        if each.id == wanted and each.point.body == own:
            return each
    raise NotFound(str(wanted))


async def _form(visit: Visit, found: Contact, given: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    values = {"contact": found, "given": given}
    return await visit.page("duties/contact.html", 422 if problems else 200, problems=problems, **values)
