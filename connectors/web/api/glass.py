"""Break-glass, for programs of security officers: ask, confirm, read, end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from connectors.web.api.call import moment
from connectors.web.api.given import checked
from connectors.web.api.operation import NUMBER, TEXT, TIME, WRITING, Operation, line, one_of, record, records
from connectors.web.duties.fields import number
from groupware.glass.asking import Wanted
from groupware.glass.rows import Scope, State, Why
from groupware.releases.words import LONGEST_NAME, LONGEST_TEXT
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema
    from groupware.glass.looking import Card


async def listed(call: Call) -> Response:
    """All that the officer may know of."""
    return JSONResponse([_card(card) for card in await call.groupware.glass.cards(call.caller)])


async def ask(call: Call) -> Response:
    """Ask."""
    given = checked(await call.body(), _ASKED)
    wanted = Wanted(Scope(given["scope"]), given["name"], given["reason"], given["hours"])
    return await _shown(call, await call.groupware.glass.ask(call.caller, wanted))


async def show(call: Call) -> Response:
    """One of them."""
    return await _shown(call, number(call.path["number"]))


async def confirm(call: Call) -> Response:
    """Another body's officer confirms."""
    wanted = number(call.path["number"])
    await call.groupware.glass.confirm(call.caller, wanted)
    return await _shown(call, wanted)


async def end(call: Call) -> Response:
    """At once."""
    wanted = number(call.path["number"])
    await call.groupware.glass.end(call.caller, wanted)
    return JSONResponse({"number": wanted, "state": State.ENDED})


async def post(call: Call) -> Response:
    """Open one message; it is on record before it is answered. A POST: nothing that follows links opens one."""
    octets = await call.groupware.glass.octets(call.caller, number(call.path["number"]), number(call.path["post"]))
    return Response(octets, media_type="message/rfc822")


async def _shown(call: Call, wanted: int) -> Response:
    return JSONResponse(_card(await call.groupware.glass.card(call.caller, wanted)))


def _card(card: Card) -> dict[str, Any]:
    known = card.glass
    return {
        "number": known.id,
        "state": known.state,
        "scope": known.scope,
        "name": known.name,
        "reason": known.reason,
        "asker": card.asker,
        "confirmer": card.confirmer,
        "asked": moment(known.asked),
        "until": moment(known.valid_until),
        "told": card.told,
        "ended_why": known.ended_why,
        "opened": card.opened,
        "posts": [
            {"post": each.id, "owner": each.owner, "marking": Marking(each.marking).label} for each in card.posts
        ],
    }


_ASKED = record(
    scope=one_of(*Scope),
    name=line(
        LONGEST_NAME,
        "A Message-ID, a token, or a room's code. It is looked up only when it is confirmed.",
    ),
    reason=line(LONGEST_TEXT, "The other officer and the owners read it."),
    hours={**NUMBER, "minimum": 1, "maximum": 168},
)
_POSTS: Schema = records(post=NUMBER, owner=TEXT, marking=TEXT)
_FIELDS: dict[str, Schema] = {
    "number": NUMBER,
    "state": one_of(*State),
    "scope": one_of(*Scope),
    "name": TEXT,
    "reason": TEXT,
    "asker": TEXT,
    "confirmer": TEXT,
    "asked": TIME,
    "until": {**TIME, "description": "When the ask lapses; once confirmed, until when its asker may read."},
    "told": {**NUMBER, "description": "How many owners were told."},
    "ended_why": {
        **one_of(*Why),
        "description": "Who is no security officer in office any more, where it ended for that; else empty.",
    },
    "opened": {**NUMBER, "description": "How many posts were opened."},
    "posts": {**_POSTS, "description": "What the caller may open now."},
}
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/glass", listed, "listGlass",
              "Who asked to read in an emergency, as far as the caller may know, newest first.", records(**_FIELDS)),
    Operation("POST", "/glass", ask, "askGlass", "Ask to read in an emergency, as a security officer.",
              record(**_FIELDS), (403, *WRITING), _ASKED, strong=True),
    Operation("GET", "/glass/{number}", show, "getGlass", "One ask.", record(**_FIELDS), (404,)),
    Operation("POST", "/glass/{number}/confirm", confirm, "confirmGlass",
              "Confirm the ask of another body's security officer; the owners are told.",
              record(**_FIELDS), (403, 404, 409, 422), strong=True),
    Operation("POST", "/glass/{number}/end", end, "endGlass", "End it at once.",
              record(number=NUMBER, state=one_of(*State)), (403, 404, 409), strong=True),
    Operation("POST", "/glass/{number}/posts/{post}", post, "openByGlass",
              "Open a post that is covered, read-only. Each call goes on record; there is no other way to its text.",
              None, (403, 404), strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
