"""Legal holds and proofs of erasure, for security officers' programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.api.given import checked
from connectors.web.api.operation import FLAG, NUMBER, TEXT, TIME, WRITING, Operation, line, one_of, record, records
from connectors.web.duties.fields import number
from groupware.retention.holds import LONGEST_REASON, What

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema
    from groupware.retention.holds import LegalHold
    from groupware.retention.looking import Proof


async def holds(call: Call) -> Response:
    """All of the officer's body."""
    return JSONResponse([_hold(hold) for hold in await call.groupware.retention.holds(call.caller)])


async def place(call: Call) -> Response:
    """A new one, or several where a Message-ID names posts of several rooms."""
    given, desk = checked(await call.body(), _WANTED), call.groupware.retention
    made = await desk.place(call.caller, What(given["kind"]), given["name"], given["reason"])
    return JSONResponse([_hold(await desk.hold(call.caller, each)) for each in made])


async def lift(call: Call) -> Response:
    """End one."""
    given, wanted = checked(await call.body(), _REASON), number(call.path["number"])
    await call.groupware.retention.lift(call.caller, wanted, given["reason"])
    return JSONResponse(_hold(await call.groupware.retention.hold(call.caller, wanted)))


async def erasures(call: Call) -> Response:
    """The newest of the officer's body."""
    return JSONResponse([_proof(proof) for proof in await call.groupware.retention.proofs(call.caller)])


async def erasure(call: Call) -> Response:
    """One of them."""
    return JSONResponse(_proof(await call.groupware.retention.proof(call.caller, number(call.path["number"]))))


def _hold(hold: LegalHold) -> dict[str, Any]:
    return {
        "number": hold.id,
        "kind": hold.kind,
        "name": hold.name,
        "reason": hold.reason,
        "placed": moment(hold.placed),
        "placed_by": hold.placed_by,
        "in_force": not hold.lifted,
        "lifted_by": hold.lifted_by,
        "why_lifted": hold.why_lifted,
    }


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "post": proof.post,
        "message_id": proof.message_id,
        "room": proof.room,
        "owner": proof.owner,
        "class": proof.kept_as,
        "due": moment(proof.due),
        "rule": proof.rule,
        "erased": moment(proof.at),
        "whole": proof.whole,
        "stage": proof.stage,
        "stores": [asdict(step) | {"at": moment(step.at)} for step in proof.steps],
        "pending": [
            {"kind": each.kind, "name": each.name, "tries": each.tries, "again": moment(each.again), "why": each.why}
            for each in proof.pending
        ],
    }


_NAME = line(998, "A post's number in the log, or its Message-ID; a room's code.")
_WANTED = record(kind=one_of(*What), name=_NAME, reason=line(LONGEST_REASON))
_REASON = record(reason=line(LONGEST_REASON))
_HOLD: dict[str, Schema] = {
    "number": NUMBER,
    "kind": one_of(*What),
    "name": TEXT,
    "reason": TEXT,
    "placed": TIME,
    "placed_by": TEXT,
    "in_force": FLAG,
    "lifted_by": TEXT,
    "why_lifted": TEXT,
}
_PROOF: dict[str, Schema] = {
    "post": NUMBER,
    "message_id": TEXT,
    "room": TEXT,
    "owner": TEXT,
    "class": TEXT,
    "due": TIME,
    "rule": TEXT,
    "erased": TIME,
    "whole": {**FLAG, "description": "False: its bytes are another post's, too, that is kept for longer."},
    "stage": TEXT,
    "stores": records(store=TEXT, removed=NUMBER, remains=NUMBER, at=TIME),
    "pending": records(kind=TEXT, name=TEXT, tries=NUMBER, again=TIME, why=TEXT),
}
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/legal-holds", holds, "listHolds", "Legal holds of the caller's body, those in force first.",
              records(**_HOLD), (403, 404), strong=True),
    Operation("POST", "/legal-holds", place, "placeHold", "Keep a post, a thread or a room from being erased.",
              records(**_HOLD), (403, *WRITING), _WANTED, strong=True),
    Operation("POST", "/legal-holds/{number}/lift", lift, "liftHold", "Lift a hold that another officer placed.",
              record(**_HOLD), (403, *WRITING), _REASON, strong=True),
    Operation("GET", "/erasures", erasures, "listErasures",
              "The newest posts of the caller's body, and of areas that it runs, that were erased, with the proofs.",
              records(**_PROOF), (403, 404), strong=True),
    Operation("GET", "/erasures/{number}", erasure, "getErasure", "What was removed from each store, and what remains.",
              record(**_PROOF), (403, 404), strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
