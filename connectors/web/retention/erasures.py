"""What was erased, and the proof of each: what was removed from each store, and what was there afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.duties.fields import number
from groupware.retention.looking import LAST, PAGE

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

RULES = {
    "class-has-ended": "its retention class has ended",
    "unpublished-is-short-lived": "it was refused, withdrawn or never published",
}
"""In words."""
STAGES = {
    "erased": "rows removed; the database's files are still to be written anew",
    "scoured": "removed; still to be looked for",
    "waiting": "removed from the database; something outside of it is still to be removed",
    "verified": "verified in each store",
    "left-over": "something was left over",
}


async def listed(visit: Visit) -> Response:
    """A page of them, newest first."""
    before = visit.query("before")
    found = await visit.portal.groupware.retention.proofs(visit.caller, number(before) if before else LAST)
    older = found[-1].post if len(found) == PAGE else 0
    return await visit.page("retention/erasures.html", found=found, older=older, stages=STAGES)


async def show(visit: Visit) -> Response:
    """One of them."""
    proof = await visit.portal.groupware.retention.proof(visit.caller, number(visit.path["number"]))
    return await visit.page("retention/erasure.html", proof=proof, rules=RULES, stages=STAGES)
