"""Marking a post anew, for programs of those who speak for its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.api.given import checked
from connectors.web.api.operation import NUMBER, TEXT, TIME, WRITING, Operation, line, one_of, record, records, some
from groupware.errors import Refused
from groupware.marks.changing import LONGEST_REASON, Wanted
from groupware.marks.loosening import BECOMES, Word
from groupware.message.markings import Marks
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from connectors.web.api.operation import Schema
    from groupware.marks.looking import Ask

MARKINGS = {each.label: each for each in Marking}
CODES = {each.label: each for each in Handling}
MARKED: Schema = record(
    marking={"type": "string", "enum": list(MARKINGS), "maxLength": 16},
    handling={"type": "string", "enum": list(CODES), "maxLength": 2},
    reason={"type": "string", "minLength": 1, "maxLength": LONGEST_REASON, "description": "Kept on record."},
)


async def mark(call: Call) -> Response:
    """In every room where the caller may."""
    given = await call.body()
    if not isinstance(given, dict) or set(given) != {"marking", "handling", "reason"}:
        raise Refused("bad-fields", 'send {"marking": label, "handling": code, "reason": text}')
    if not all(isinstance(value, str) for value in given.values()) or "\0" in given["reason"]:
        raise Refused("bad-fields", "each of them is a text")
    marking, code = MARKINGS.get(given["marking"]), CODES.get(given["handling"])
    if marking is None or code is None:
        raise Refused("bad-marking", "a marking is one of TLP 2.0, a handling code one of H0 to H3")
    name = f"<{call.path['message_id'].strip('<>')}>"
    asked = await call.groupware.marks.mark(call.caller, Wanted(name, Marks(marking, code), given["reason"]))
    state = "asked" if asked else "marked"
    return JSONResponse({"message_id": name, "marking": marking.label, "handling": code.label, "state": state})


async def queue(call: Call) -> Response:
    """What the caller may confirm."""
    return JSONResponse([_line(each) for each in await call.groupware.marks.to_confirm(call.caller)])


async def decide(call: Call) -> Response:
    """Confirm or refuse what another has asked, or take back one's own."""
    given = checked(await call.body(), _DECISION)
    word, note = Word(given["decision"]), given.get("reason", "")
    state = await call.groupware.marks.decide(call.caller, call.path["id"], given["ask"], word, note)
    return JSONResponse({"id": call.path["id"], "state": state})


def _line(each: Ask) -> dict[str, object]:
    return {
        "id": each.token,
        "ask": each.number,
        "room": each.room,
        "asker": each.asker,
        "was": f"{each.was.marking.label} {each.was.handling.label}",
        "marking": each.marks.marking.label,
        "handling": each.marks.handling.label,
        "reason": each.reason,
        "asked": moment(each.at),
        "lapses": moment(each.until),
    }


_LINE = {
    **dict.fromkeys(("id", "room", "asker", "was", "marking", "handling", "reason"), TEXT),
    "ask": NUMBER,
    "asked": TIME,
    "lapses": TIME,
}
_DECISION = some(
    record(
        decision=one_of(*Word), ask={**NUMBER, "description": "Of the ask that is meant: there may be another since."}
    ),
    reason=line(LONGEST_REASON, "What who asked is told."),
)
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/markings", queue, "listMarkings",
              "Looser markings that await the caller's confirmation, by the id of their post.", records(**_LINE)),
    Operation("POST", "/markings/{id}", decide, "decideMarking",
              "Confirm a looser marking that another asks for, refuse it with a reason, or withdraw one's own; fallen: "
              "who asked has lost the right.",
              record(id=TEXT, state=one_of(*BECOMES.values(), "fallen")), WRITING, _DECISION, strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
