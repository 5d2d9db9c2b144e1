"""Releases to third parties, for programs: ask, decide, take back, see what has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from connectors.web.api.call import moment
from connectors.web.api.given import checked, moment_of
from connectors.web.api.operation import (
    FLAG,
    NUMBER,
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
from connectors.web.duties.fields import number
from groupware.releases.words import LONGEST_NAME, LONGEST_TEXT, Asked, State, Word
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema
    from groupware.releases.looking import Card, Left, Voice


async def listed(call: Call) -> Response:
    """All that the caller may know of, newest first."""
    return JSONResponse([_card(card) for card in await call.groupware.releases.known_to(call.caller)])


async def ask(call: Call) -> Response:
    """Ask the owners."""
    given = checked(await call.body(), _ASKED)
    wanted = Asked(
        given["recipient"], given["organisation"], given["purpose"], given["conditions"], moment_of(given["until"], 0)
    )
    made = await call.groupware.releases.ask_by_name(call.caller, given["message_id"], wanted)
    return JSONResponse(_card(await call.groupware.releases.card(call.caller, made)))


async def show(call: Call) -> Response:
    """One of them."""
    return JSONResponse(_card(await call.groupware.releases.card(call.caller, number(call.path["number"]))))


async def decide(call: Call) -> Response:
    """Yes or no, for each owner that the caller speaks for."""
    given, wanted = checked(await call.body(), _DECISION), number(call.path["number"])
    state = await call.groupware.releases.decide(call.caller, wanted, Word(given["decision"]), given.get("note", ""))
    return JSONResponse({"number": wanted, "state": state})


async def withdraw(call: Call) -> Response:
    """Take a word back, or the ask."""
    given, wanted = checked(await call.body(), _WITHDRAWAL), number(call.path["number"])
    state = await call.groupware.releases.withdraw(call.caller, wanted, given.get("reason", ""))
    return JSONResponse({"number": wanted, "state": state})


async def package(call: Call) -> Response:
    """The mail that left, to the octet."""
    octets = await call.groupware.releases.package(call.caller, number(call.path["number"]))
    return Response(octets, media_type="message/rfc822")


def _card(card: Card) -> dict[str, Any]:
    asked = card.release
    return {
        "number": card.number,
        "state": asked.state,
        "why": asked.why,
        "asker": card.asker,
        "recipient": asked.recipient,
        "organisation": asked.organisation,
        "purpose": asked.purpose,
        "conditions": asked.conditions,
        "marking": Marking(asked.marking).label,
        "asked": moment(asked.asked),
        "answer_by": moment(asked.answer_by),
        "until": moment(asked.until),
        "decides": card.decides,
        "consents": [_voice(voice) for voice in card.voices],
        "package": [_left(card.package)] if card.package else [],
    }


def _voice(voice: Voice) -> dict[str, Any]:
    return {"owner": voice.owner, "state": voice.state, "by": voice.decided_by, "door": voice.door, "note": voice.note}


def _left(left: Left) -> dict[str, Any]:
    return {
        "made": moment(left.made),
        "state": left.state,
        "message_sha256": left.message_sha256,
        "pdf_sha256": left.pdf_sha256,
        "recalled": left.recalled,
    }


_ASKED = record(
    message_id=line(998, "RFC 5322 Message-ID of the post, with angle brackets."),
    recipient=line(254, "One mailbox at an allowed partner."),
    organisation=line(LONGEST_NAME),
    purpose=line(LONGEST_TEXT),
    conditions=line(LONGEST_TEXT),
    until=line(40, "The last moment at which the recipient may have it (RFC 3339)."),
)
_DECISION = some(
    record(decision=one_of(*Word)),
    note=line(LONGEST_TEXT, "The reason of a no, which is needed; what a yes adds to the conditions."),
)
_WITHDRAWAL = some(record(), reason=line(LONGEST_TEXT, "Needed of an owner."))
_CONSENT: Schema = records(owner=TEXT, state=TEXT, by=TEXT, door=TEXT, note=TEXT)
_PACKAGE: Schema = records(made=TIME, state=TEXT, message_sha256=TEXT, pdf_sha256=TEXT, recalled=FLAG)
_FIELDS: dict[str, Schema] = {
    "number": NUMBER,
    "state": one_of(*State),
    "why": TEXT,
    "asker": TEXT,
    "recipient": TEXT,
    "organisation": TEXT,
    "purpose": TEXT,
    "conditions": TEXT,
    "marking": TEXT,
    "asked": TIME,
    "answer_by": TIME,
    "until": TIME,
    "decides": {**FLAG, "description": "It awaits the caller's word."},
    "consents": {**_CONSENT, "description": "One for each owner of the text; all have to say yes."},
    "package": {**_PACKAGE, "description": "What has left, or lies in the queue: none or one."},
}
_STATE = record(number=NUMBER, state=one_of(*State))
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/releases", listed, "listReleases",
              "The releases that the caller asked for, or speaks for an owner of, newest first.", records(**_FIELDS)),
    Operation("POST", "/releases", ask, "askRelease", "Ask the owners of a post to pass it to a third party.",
              record(**_FIELDS), WRITING, _ASKED),
    Operation("GET", "/releases/{number}", show, "getRelease", "One release.", record(**_FIELDS), (404,)),
    Operation("POST", "/releases/{number}/decision", decide, "decideRelease",
              "Say yes or no for the owners that the caller speaks for.", _STATE, WRITING, _DECISION),
    Operation("POST", "/releases/{number}/withdraw", withdraw, "withdrawRelease",
              "Take back one's consent, or what one has asked.", _STATE, WRITING, _WITHDRAWAL),
    Operation("GET", "/releases/{number}/package", package, "getPackage",
              "The mail that has left, or is to leave, to the octet.", None, (404,)),
)  # fmt: skip
"""As connectors.web.api.routes'."""
