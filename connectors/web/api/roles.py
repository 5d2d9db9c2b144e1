"""Roles, given by programs: proposed by one and approved by another, listed and revoked with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api import named
from connectors.web.api.call import moment
from connectors.web.api.given import checked, moment_of
from connectors.web.api.operation import (
    END,
    FLAG,
    TEXT,
    TIME,
    WRITING,
    Operation,
    line,
    one_of,
    record,
    records,
    some,
)
from connectors.web.duties.fields import FOREVER, number
from groupware.duties.proposing import Wanted
from groupware.duties.scopes import FOUR_EYES, TWO_EYES
from groupware.duties.words import LONGEST_REASON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.api.call import Call
    from policies.vocabulary import Access, Role

LONGEST_LOGIN, LONGEST_TIME = 254, 40
ROLES: Mapping[str, Role | Access] = {str(role): role for role in (*FOUR_EYES, *TWO_EYES)}
DONE = {"approve": "approved", "refuse": "refused", "withdraw": "withdrawn"}


async def proposals(call: Call) -> Response:
    """Those that the caller made or may decide."""
    found = (await call.groupware.duties.mine(call.caller)).proposals
    return JSONResponse(
        [
            {
                "id": str(each.id),
                "official": each.official,
                "role": each.role,
                "for": each.scope,
                "from": moment(each.valid_from) if each.valid_from else "",
                "until": end(each.valid_until),
                "reason": each.reason,
                "proposed_by": each.proposed_by,
                "decides": each.decides,
                "own": each.own,
            }
            for each in found
        ]
    )


async def propose(call: Call) -> Response:
    """A role for an official; what needs no second word but the caller's is granted at once."""
    given = checked(await call.body(), _WANTED)
    role, holder = ROLES[given["role"]], await named.official(call, given["official"])
    scope = await named.scope(call, holder, role, given.get("for", ""))
    since, until = moment_of(given.get("from", ""), 0), moment_of(given.get("until", ""), FOREVER)
    wanted = Wanted(holder, role, scope, given["reason"], since, until)
    duties = call.groupware.duties
    made = await duties.propose(call.caller, wanted)
    return JSONResponse({"id": str(made), "state": "proposed" if await duties.waits(made) else "approved"})


async def decide(call: Call) -> Response:
    """By another than who proposed it; who proposed it may withdraw it."""
    word, wanted = checked(await call.body(), _DECISION)["decision"], number(call.path["id"])
    duties = call.groupware.duties
    if word == "approve":
        await duties.approve(call.caller, wanted)
    elif word == "refuse":
        await duties.refuse(call.caller, wanted)
    else:
        await duties.withdraw(call.caller, wanted)
    return JSONResponse({"id": call.path["id"], "state": DONE[word]})


async def grants(call: Call) -> Response:
    """What somebody holds, or will come to hold."""
    found = await call.groupware.duties.held_by(call.caller, await named.in_path(call))
    return JSONResponse(
        [
            {
                "id": str(each.id),
                "role": each.role,
                "for": each.scope,
                "from": moment(each.valid_from),
                "until": end(each.valid_until),
                "granted_by": each.granted_by,
                "approved_by": each.approved_by,
                "reason": each.reason,
            }
            for each in found
        ]
    )


async def revoke(call: Call) -> Response:
    """From now on."""
    given = checked(await call.body(), _REVOKED)
    await call.groupware.duties.revoke(call.caller, number(call.path["id"]), given["reason"])
    return JSONResponse({"id": call.path["id"]})


def end(until: int) -> str:
    """Empty for what has no end."""
    return moment(until) if until < FOREVER else ""


REASON = line(LONGEST_REASON, "Kept on record.")
LOGIN = line(LONGEST_LOGIN, "A login.")
SINCE = line(LONGEST_TIME, "A time (RFC 3339), or empty for at once.")
UNTIL = line(LONGEST_TIME, "A time (RFC 3339), or empty for what has no end.")
_WANTED = some(
    record(official=LOGIN, role=one_of(*ROLES), reason=REASON),
    **{"for": line(LONGEST_LOGIN, "A room's or area's code, or the login of whom a sender sends for."), "from": SINCE},
    until=UNTIL,
)
_DECISION = record(decision=one_of(*DONE))
_REVOKED = record(reason=REASON)
_PROPOSALS = records(
    id=TEXT,
    official=TEXT,
    role=one_of(*ROLES),
    **{"for": TEXT, "from": TEXT},
    until=END,
    reason=TEXT,
    proposed_by=TEXT,
    decides={"type": "boolean", "description": "The caller may approve or refuse it."},
    own=FLAG,
)
_GRANTS = records(
    id=TEXT, role=TEXT, **{"for": TEXT, "from": TIME}, until=END, granted_by=TEXT, approved_by=TEXT, reason=TEXT
)
_ID = record(id=TEXT)
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/proposals", proposals, "listProposals", "Roles that wait: those one made or may decide.",
              _PROPOSALS, strong=True),
    Operation("POST", "/proposals", propose, "proposeRole", "Propose that an official holds a role.",
              record(id=TEXT, state=one_of("proposed", "approved")), WRITING, _WANTED, strong=True),
    Operation("POST", "/proposals/{id}", decide, "decideProposal", "Approve or refuse another's, withdraw one's own.",
              record(id=TEXT, state=one_of(*DONE.values())), WRITING, _DECISION, strong=True),
    Operation("GET", "/people/entry/{login}/grants", grants, "listGrants", "What an official holds or will hold.",
              _GRANTS, (404,), strong=True),
    Operation("POST", "/grants/{id}/revoke", revoke, "revokeGrant", "End a grant now, with a reason.",
              _ID, WRITING, _REVOKED, strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
