"""Acknowledgements, for programs: give one's own, see who has given theirs, and what awaits one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.api.operation import FLAG, NUMBER, TEXT, TIME, Operation, record, records
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from groupware.acknowledging.looking import OfBody


async def say(call: Call) -> Response:
    """In every room where the message stands."""
    name = _name(call)
    at = await call.groupware.acknowledging.acknowledge(call.caller, name)
    return JSONResponse({"message_id": name, "at": moment(at)})


async def ledger(call: Call) -> Response:
    """All of them for author and owner; for others their own."""
    found = await call.groupware.acknowledging.ledger(call.caller, _name(call))
    own = moment(found.own) if found.own else ""
    bodies = [_body(each) for each in found.bodies]
    return JSONResponse({"wanted": found.wanted, "own": own, "whole": found.whole, "bodies": bodies})


async def awaiting(call: Call) -> Response:
    """What awaits the caller's."""
    found = await call.groupware.acknowledging.awaiting(call.caller)
    return JSONResponse(
        [
            {
                "id": each.token,
                "message_id": each.message_id,
                "room": each.room,
                "subject": each.subject,
                "marking": Marking(each.marking).label,
                "published": moment(each.published),
            }
            for each in found
        ]
    )


def _name(call: Call) -> str:
    return f"<{call.path['message_id'].strip('<>')}>"


def _body(each: OfBody) -> dict[str, Any]:
    noted = [{"name": one.person.name, "at": moment(one.at), "door": one.door} for one in each.noted]
    missing = [{"name": one.name} for one in each.missing]
    return {"name": each.name, "could": each.could, "acknowledged": len(noted), "noted": noted, "missing": missing}


_BODIES = records(
    name=TEXT,
    could={**NUMBER, "description": "How many of its officials could acknowledge it, or have."},
    acknowledged=NUMBER,
    noted=records(name=TEXT, at=TIME, door=TEXT),
    missing=records(name=TEXT),
)
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/acknowledgements", awaiting, "listAwaiting",
              "Posts whose authors ask for an acknowledgement that the caller hasn't given, newest first.",
              records(id=TEXT, message_id=TEXT, room=TEXT, subject=TEXT, marking=TEXT, published=TIME)),
    Operation("POST", "/posts/{message_id}/acknowledge", say, "acknowledgePost",
              "Say that one has taken note of a post; again changes nothing.",
              record(message_id=TEXT, at=TIME), (404, 422)),
    Operation("GET", "/posts/{message_id}/acknowledgements", ledger, "listAcknowledgements",
              "Who has acknowledged a post: all, body by body, for its author and owner; for others their own alone.",
              record(wanted=FLAG, own={**TEXT, "description": "When the caller did (RFC 3339), or empty."}, whole=FLAG,
                     bodies=_BODIES), (404,)),
)  # fmt: skip
"""As connectors.web.api.routes'."""
