"""Drafts that await a colleague's word, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.api.given import checked
from connectors.web.api.operation import NUMBER, TEXT, TIME, WRITING, Operation, line, one_of, record, records, some
from connectors.web.compose import SUBJECT_MAX, TEXT_MAX
from groupware.drafting.deciding import Word
from groupware.drafts import LONGEST_REASON
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from groupware.drafting.looking import Line


async def queue(call: Call) -> Response:
    """What the caller may decide about."""
    return JSONResponse([_line(each) for each in await call.groupware.drafting.to_authorise(call.caller)])


async def own(call: Call) -> Response:
    """What the caller has written or handed in."""
    return JSONResponse([_line(each) for each in await call.groupware.drafting.own(call.caller)])


async def decide(call: Call) -> Response:
    """Authorise or refuse one."""
    given = checked(await call.body(), _DECISION)
    word, reason = Word(given["decision"]), given.get("reason", "")
    state = await call.groupware.drafting.decide(call.caller, call.path["id"], word, reason)
    return JSONResponse({"id": call.path["id"], "state": state})


async def redraft(call: Call) -> Response:
    """Write one's own anew."""
    given = checked(await call.body(), _WORDS)
    receipt = await call.groupware.drafting.redraft(call.caller, call.path["id"], given["subject"], given["text"])
    return JSONResponse({"message_id": receipt.message_id, "number": receipt.outcomes[0].number})


def _line(each: Line) -> dict[str, object]:
    return {
        "id": each.token,
        "room": each.room,
        "number": each.number,
        "author": each.author,
        "subject": each.subject,
        "marking": Marking(each.marking).label,
        "rule": "second-person-needed" if each.second_person else "awaits-authorisation",
        "received": moment(each.at),
        "lapses": moment(each.until),
    }


_LINE = {
    "id": TEXT,
    "room": TEXT,
    "number": NUMBER,
    "author": TEXT,
    "subject": TEXT,
    "marking": TEXT,
    "rule": one_of("second-person-needed", "awaits-authorisation"),
    "received": TIME,
    "lapses": TIME,
}
_DECISION = some(record(decision=one_of(*Word)), reason=line(LONGEST_REASON, "What the author is told."))
_WORDS = record(subject=line(SUBJECT_MAX), text=line(TEXT_MAX))
_STATE = one_of("published", "held", "unconfirmed", "refused", "withdrawn")
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/drafts", queue, "listDrafts",
              "Drafts that await the caller's authorisation (RFC 7912), oldest first.", records(**_LINE)),
    Operation("GET", "/drafts/own", own, "listOwnDrafts",
              "The caller's own that await a colleague's authorisation.", records(**_LINE)),
    Operation("POST", "/drafts/{id}", decide, "decideDraft",
              "Authorise a colleague's draft, or refuse it with a reason; withdrawn: its author lost the right.",
              record(id=TEXT, state=_STATE), WRITING, _DECISION),
    Operation("POST", "/drafts/{id}/redraft", redraft, "redraftDraft",
              "Hand in a new version of one's own without files; the first one ends.",
              record(message_id=TEXT, number=NUMBER), WRITING, _WORDS),
)  # fmt: skip
"""As connectors.web.api.routes'."""
