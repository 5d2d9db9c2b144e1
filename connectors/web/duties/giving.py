"""Forms by which duties are given: a role proposed, a hand-over offered, a first contact point appointed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web import officials
from connectors.web.duties import fields
from connectors.web.duties.mine import back
from groupware.duties.handing_over import AT_ONCE, Offer
from groupware.duties.proposing import Wanted
from groupware.duties.scopes import FOUR_EYES, SCOPES, TWO_EYES, Scope
from groupware.errors import Conflict, Forbidden, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from policies.vocabulary import Access, Role

WHO_GIVES = {
    Scope.ROOM: "Who runs the room proposes its moderators and organisers, and you don't: ask one of its managers.",
    Scope.AREA: "Who keeps the official's entry proposes this role, or who runs the area.",
}
OF_A_BODY = "This role of this official isn't yours to propose: the keepers of their own entry do that."
ROLES: tuple[Role | Access, ...] = (*FOUR_EYES, *TWO_EYES)


async def show_role(visit: Visit) -> Response:
    """A form for a role, empty but for whose it is to be, which, and of what (`?login=&role=&scope=`)."""
    return await _role(visit, {name: visit.query(name) for name in ("login", "role", "scope")}, {})


async def propose(visit: Visit) -> Response:
    """Propose it, or grant what needs no second approver."""
    given, duties = visit.form, visit.portal.groupware.duties
    role = next((each for each in ROLES if each == given.get("role")), None)
    if role is None:
        return await _role(visit, given, {"role": "Choose a role."})
    try:
        official = await officials.official(visit, "login", given.get("login", ""), own=False)
        scope = await duties.scope(visit.caller, official.id, role, await _scope(visit, role))
        since, until = fields.day(given.get("since", ""), 0), fields.day(given.get("until", ""), fields.FOREVER)
        made = await duties.propose(
            visit.caller, Wanted(official.id, role, scope, given.get("reason", ""), since, until)
        )
    except Forbidden:
        return await _role(visit, given, {"role": WHO_GIVES.get(SCOPES[role], OF_A_BODY)})
    except (Refused, Conflict, NotFound) as error:
        return await _role(visit, given, fields.problems(error))
    return back("proposed" if await duties.waits(made) else "granted")


async def _scope(visit: Visit, role: Role | Access) -> str:
    """What the role is to be of, as the form names it: somebody to send for, or a room or area by code or name."""
    if SCOPES[role] is not Scope.OFFICIAL:
        typed = visit.form.get("scope", "").strip()
        named = [code for code, name in (await _places(visit)).items() if name.casefold() == typed.casefold()]
        return named[0] if len(named) == 1 else typed
    return (await officials.official(visit, "head", visit.form.get("head", ""), own=False)).login


async def _places(visit: Visit) -> Mapping[str, str]:
    """Names by the codes of the areas that the caller takes part in, and of the areas and rooms that they run."""
    groupware = visit.portal.groupware
    entered = (await groupware.directory_pages.whom_to_ask(visit.caller, "", "")).areas
    run = (await groupware.areas.tree(visit.caller)).areas
    found = {each.code: each.name for each in entered}
    for area in run:
        found |= {area.code: area.name, **{room.code: room.name for room in area.rooms}}
    return found


async def _role(visit: Visit, given: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    kinds = {role: SCOPES[role].value for role in ROLES}
    offer = await officials.offer(visit, given.get("login", ""), given.get("head", ""), own=False)
    values = {"given": given, "roles": kinds, "four": FOUR_EYES, "offer": offer, "places": await _places(visit)}
    return await visit.page("duties/role.html", 422 if problems else 200, problems=problems, **values)


async def show_offer(visit: Visit) -> Response:
    """An empty form for a hand-over."""
    return await _offer(visit, {})


async def offer(visit: Visit) -> Response:
    """Offer one's own duties, or somebody's whom one designates, to a colleague."""
    given, duties = visit.form, visit.portal.groupware.duties
    try:
        giver = await officials.official(visit, "giver", given.get("giver", "").strip() or visit.caller.login)
        taker = await officials.official(visit, "login", given.get("login", ""))
        effective = fields.day(given.get("until", ""), AT_ONCE)
        await duties.offer(visit.caller, Offer(giver.id, taker.id, effective, given.get("note", "")))
    except (Refused, Conflict, NotFound) as error:
        return await _offer(visit, fields.problems(error))
    return back("offered" if giver.id == visit.caller.official else "offered-for")


async def _offer(visit: Visit, problems: Mapping[str, str]) -> Response:
    moving = (await visit.portal.groupware.duties.mine(visit.caller)).moving
    offer = await officials.offer(visit, visit.form.get("giver", ""), visit.form.get("login", ""))
    values = {"given": visit.form, "moving": moving, "offer": offer}
    return await visit.page("duties/hand_over.html", 422 if problems else 200, problems=problems, **values)


async def show_appointment(visit: Visit) -> Response:
    """An empty form for a first contact point, with the bodies that have none."""
    return await _appointment(visit, {})


async def appoint(visit: Visit) -> Response:
    """Write down whom a body designated."""
    given, duties = visit.form, visit.portal.groupware.duties
    try:
        official = await officials.official(visit, "login", given.get("login", ""), own=False)
        await duties.appoint(visit.caller, official.body, official.id, given.get("reason", ""))
    except (Refused, Conflict, NotFound) as error:
        return await _appointment(visit, fields.problems(error))
    return back("appointed")


async def _appointment(visit: Visit, problems: Mapping[str, str]) -> Response:
    missing = await visit.portal.groupware.duties.bodies_without_contact_point()
    offer = await officials.offer(visit, visit.form.get("login", ""), own=False)
    values = {"given": visit.form, "missing": missing, "offer": offer}
    return await visit.page("duties/appoint.html", 422 if problems else 200, problems=problems, **values)
