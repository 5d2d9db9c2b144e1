"""Posts that await the caller's own word about personal data, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.call import moment
from connectors.web.api.given import checked
from connectors.web.api.operation import NUMBER, TEXT, TIME, WRITING, Operation, line, many, one_of, record, records
from connectors.web.compose import SUBJECT_MAX, TEXT_MAX
from groupware.confirmation.confirming import LONGEST_REASON
from groupware.personal_data.finding import Kind

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call
    from groupware.confirmation.desk import Waiting
    from groupware.personal_data.searcher import Looked


async def queue(call: Call) -> Response:
    """All of the caller's own."""
    return JSONResponse([_line(each) for each in await call.groupware.confirmation.waiting(call.caller)])


async def show(call: Call) -> Response:
    """One of them, with what was found."""
    case = await call.groupware.confirmation.case(call.caller, call.path["id"])
    looked = [_looked(each) for each in case.report.texts]
    return JSONResponse({**_line(case.waiting), "texts": looked, "closed": list(case.report.closed)})


async def confirm(call: Call) -> Response:
    """Let it go on."""
    given = checked(await call.body(), _REASON)
    state = await call.groupware.confirmation.confirm(call.caller, call.path["id"], given["reason"])
    return JSONResponse({"id": call.path["id"], "state": state})


async def redact(call: Call) -> Response:
    """Write it anew."""
    given = checked(await call.body(), _WORDS)
    receipt = await call.groupware.confirmation.redact(call.caller, call.path["id"], given["subject"], given["text"])
    waits = "unconfirmed" if receipt.unconfirmed else "held" if receipt.held else "published"
    return JSONResponse({"message_id": receipt.message_id, "state": waits})


def _line(waiting: Waiting) -> dict[str, object]:
    return {
        "id": waiting.token,
        "room": waiting.room,
        "number": waiting.number,
        "subject": waiting.subject,
        "kinds": list(waiting.kinds),
        "received": moment(waiting.at),
        "lapses": moment(waiting.until),
    }


def _looked(looked: Looked) -> dict[str, object]:
    found = [{"kind": each.kind, "start": each.start, "end": each.end, "why": each.why} for each in looked.findings]
    return {"where": looked.where, "name": looked.name, "text": looked.text, "findings": found}


_REASON = record(reason=line(LONGEST_REASON, "Why it may be there; kept on record."))
_WORDS = record(subject=line(SUBJECT_MAX), text=line(TEXT_MAX))
_LINE = {
    "id": TEXT,
    "room": TEXT,
    "number": NUMBER,
    "subject": TEXT,
    "kinds": many(one_of(*Kind), len(Kind)),
    "received": TIME,
    "lapses": TIME,
}
_FOUND = records(kind=one_of(*Kind), start=NUMBER, end=NUMBER, why=TEXT)
_LOOKED = records(where=one_of("subject", "text", "file", "name"), name=TEXT, text=TEXT, findings=_FOUND)
_STATE = one_of("published", "held", "unconfirmed")
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/unconfirmed", queue, "listUnconfirmed",
              "The caller's posts that await their word about personal data.", records(**_LINE)),
    Operation("GET", "/unconfirmed/{id}", show, "getUnconfirmed",
              "One of them, with what seems to be personal data: places in its texts, in characters.",
              record(**_LINE, texts=_LOOKED, closed=many(TEXT, 1000)), (404, 409)),
    Operation("POST", "/unconfirmed/{id}/confirm", confirm, "confirmPost", "Let a post go on, with a reason.",
              record(id=TEXT, state=_STATE), WRITING, _REASON),
    Operation("POST", "/unconfirmed/{id}/redact", redact, "redactPost",
              "Hand in a new version without files; the first one ends.",
              record(message_id=TEXT, state=_STATE), WRITING, _WORDS),
)  # fmt: skip
"""As connectors.web.api.routes'."""
