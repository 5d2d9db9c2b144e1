"""What somebody holds: every role and access of theirs, and the form by which each is ended, with a reason."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.duties import fields
from groupware.errors import Conflict, Forbidden, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """All of it, for who keeps their entry; to others what is of a place that they run."""
    return await _page(visit, {})


async def revoke(visit: Visit) -> Response:
    """End one. The reason's field, and what is wrong with it, are called after the grant."""
    duties, login = visit.portal.groupware.duties, visit.path["login"]
    wanted = fields.number(visit.form.get("grant", ""))
    official = await duties.official(visit.caller, login)
    if wanted not in {each.id for each in await duties.held_by(visit.caller, official.id)}:
        raise NotFound(f"grant {wanted} of {login}")
    reason = f"reason-{wanted}"
    try:
        await duties.revoke(visit.caller, wanted, visit.form.get(reason, ""))
    except (Refused, Conflict) as error:
        (text,) = fields.problems(error).values()
        return await _page(visit, {reason: text})
    left = await _still(visit, official.id)
    return RedirectResponse(f"/duties/held/{login}?done=1" if left else "/duties?done=revoked", HTTPStatus.SEE_OTHER)


async def _still(visit: Visit, official: int) -> bool:
    """Whether anything is left to see: who runs a place sees of others only what they hold there."""
    try:
        await visit.portal.groupware.duties.held_by(visit.caller, official)
    except (Forbidden, NotFound):
        return False
    return True


async def _page(visit: Visit, problems: Mapping[str, str]) -> Response:
    duties = visit.portal.groupware.duties
    official = await duties.official(visit.caller, visit.path["login"])
    held = await duties.held_by(visit.caller, official.id)
    own = official.body == await duties.keeps(visit.caller)
    values = {"who": official, "grants": held, "given": visit.form, "done": visit.query("done"), "own": own}
    status = 422 if problems else 200
    return await visit.page("duties/held.html", status, problems=problems, forever=fields.FOREVER, **values)
