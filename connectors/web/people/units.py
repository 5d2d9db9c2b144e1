"""The units of a body, as a tree, and a form for each."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from groupware.errors import Conflict, NotFound, Refused
from groupware.people.faults import BadEntry
from groupware.people.units import UnitEntry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.people.units import Branch

DONE = {"added": "The unit is added.", "changed": "The unit is changed.", "closed": "The unit is closed."}


async def tree(visit: Visit) -> Response:
    """All of them, and the form for a new one."""
    return await _tree(visit, {})


async def add(visit: Visit) -> Response:
    """Add one."""
    code = visit.form.get("code", "").strip()
    try:
        await visit.portal.groupware.people.add_unit(visit.caller, "", code, _entry(visit))
    except BadEntry as bad:
        return await _tree(visit, {column: problem.text for column, problem in bad.problems.items()}, 422)
    return RedirectResponse("/people/units?done=added", HTTPStatus.SEE_OTHER)


async def show(visit: Visit) -> Response:
    """One, with its form."""
    found = await _all(visit)
    branch = _named(found, visit.path["code"])
    given = {
        "name": branch.unit.name,
        "parent": branch.parent,
        "address": branch.unit.address,
        "phone": branch.unit.phone,
    }
    return await _form(visit, branch, found, given, {})


async def change(visit: Visit) -> Response:
    """Rename it, or hang it elsewhere."""
    found = await _all(visit)
    branch, version = _named(found, visit.path["code"]), _seen(visit)
    try:
        await visit.portal.groupware.people.change_unit(visit.caller, branch.unit.id, _entry(visit), version)
    except BadEntry as bad:
        problems = {column: problem.text for column, problem in bad.problems.items()}
        return await _form(visit, branch, found, visit.form, problems, 422)
    except (Conflict, Refused) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return await _form(visit, branch, found, visit.form, {"form": error.text}, status)
    return RedirectResponse("/people/units?done=changed", HTTPStatus.SEE_OTHER)


async def close(visit: Visit) -> Response:
    """End it, or merge it into another."""
    found = await _all(visit)
    branch = _named(found, visit.path["code"])
    into, unit = visit.form.get("into", ""), branch.unit
    given = {"name": unit.name, "parent": branch.parent, "address": unit.address, "phone": unit.phone, "into": into}
    try:
        await visit.portal.groupware.people.close_unit(visit.caller, unit.id, _seen(visit), into)
    except BadEntry as bad:
        problems = {column: problem.text for column, problem in bad.problems.items()}
        return await _form(visit, branch, found, given, problems, 422)
    except Conflict as error:
        return await _form(visit, branch, found, given, {"form": error.text}, 409)
    except Refused as error:
        return await _form(visit, branch, found, given, {"into": error.text}, 422)
    return RedirectResponse("/people/units?done=closed", HTTPStatus.SEE_OTHER)


def _seen(visit: Visit) -> int:
    seen = visit.form.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else 0  # noqa: PLR2004 -- digits of a version


def _entry(visit: Visit) -> UnitEntry:
    fields = (visit.form.get(name, "").strip() for name in ("name", "parent", "address", "phone"))
    return UnitEntry(*fields)


async def _all(visit: Visit) -> Sequence[Branch]:
    return await visit.portal.groupware.people.units(visit.caller)


def _named(found: Sequence[Branch], code: str) -> Branch:
    branch = next((each for each in found if each.unit.code == code), None)
    if branch is None:
        raise NotFound(code)
    return branch


async def _tree(visit: Visit, problems: Mapping[str, str], status: int = 200) -> Response:
    done = DONE.get(visit.query("done"), "")
    found = await _all(visit)
    return await visit.page("people/units.html", status, units=found, given=visit.form, problems=problems, done=done)


async def _form(
    visit: Visit,
    branch: Branch,
    found: Sequence[Branch],
    given: Mapping[str, str],
    problems: Mapping[str, str],
    status: int = 200,
) -> Response:
    return await visit.page("people/unit.html", status, branch=branch, units=found, given=given, problems=problems)
