"""Duties that change hands, by programs: offered to a colleague, given to a first contact point, ended for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api import named
from connectors.web.api.call import moment
from connectors.web.api.given import checked, moment_of
from connectors.web.api.operation import NUMBER, TEXT, TIME, WRITING, Operation, line, one_of, record, records, some
from connectors.web.api.roles import LOGIN, REASON, SINCE
from connectors.web.duties.fields import number
from groupware.duties.closings import SILENT
from groupware.duties.handing_over import AT_ONCE, Offer
from groupware.duties.words import LONGEST_REASON

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call

ANSWERS = {"accept": "accepted", "decline": "declined"}


async def offer(call: Call) -> Response:
    """One's own duties, or somebody's whom one designates."""
    given = checked(await call.body(), _OFFERED)
    giver = await named.official(call, given.get("giver", "") or call.caller.login)
    taker = await named.official(call, given["taker"])
    wanted = Offer(giver, taker, moment_of(given.get("effective", ""), AT_ONCE), given.get("note", ""))
    return JSONResponse({"id": str(await call.groupware.duties.offer(call.caller, wanted))})


async def withdraw_offer(call: Call) -> Response:
    """Before it is done."""
    await call.groupware.duties.withdraw_offer(call.caller, number(call.path["id"]))
    return JSONResponse({"id": call.path["id"]})


async def appoint(call: Call) -> Response:
    """Whom a body without contact point designated."""
    given = checked(await call.body(), _APPOINTED)
    known, body = await named.official(call, given["official"]), await named.body(call, given["body"])
    return JSONResponse({"id": str(await call.groupware.duties.appoint(call.caller, body, known, given["act"]))})


async def answer_appointment(call: Call) -> Response:
    """By who was appointed."""
    word = checked(await call.body(), _ANSWER)["decision"]
    await call.groupware.duties.answer_appointment(call.caller, number(call.path["id"]), accepted=word == "accept")
    return JSONResponse({"id": call.path["id"], "state": ANSWERS[word]})


async def off_board(call: Call) -> Response:
    """Everything ends; the answer waits until every door has said so, or for ten seconds."""
    reason, leaver = checked(await call.body(), _LEAVING)["reason"], await named.in_path(call)
    done, report = await call.groupware.duties.off_board(call.caller, leaver, reason)
    doors = [
        {"door": each.door, "sessions": each.sessions, "closed": "" if each.at == SILENT else moment(each.at)}
        for each in report
    ]
    ended = [{"what": what, "count": count} for what, count in done.ended]
    followed = [{"what": each.what, "count": each.count, "to": each.to} for each in done.followed]
    return JSONResponse(
        {"login": done.login, "at": moment(done.at), "ended": ended, "followed": followed, "doors": doors}
    )


async def take_back(call: Call) -> Response:
    """Somebody who left is designated anew; they get in by a new invitation."""
    checked(await call.body(), _NOTHING)
    await call.groupware.duties.resume(call.caller, await named.in_path(call))
    return JSONResponse({"login": call.path["login"]})


_OFFERED = some(
    record(taker=LOGIN),
    giver=line(LOGIN["maxLength"], "Whose duties; without it one's own."),
    effective=SINCE,
    note=line(LONGEST_REASON, "What the taker is told."),
)
_APPOINTED = record(
    official=LOGIN,
    body=line(LOGIN["maxLength"], "The body's code."),
    act=line(LONGEST_REASON, "The reference of the act by which the body designated them."),
)
_ANSWER = record(decision=one_of(*ANSWERS))
_NOTHING = record()
_LEAVING = record(reason=REASON)
_ID = record(id=TEXT)
_REPORT = record(
    login=TEXT,
    at=TIME,
    ended=records(what=TEXT, count=NUMBER),
    followed=records(
        what=TEXT,
        count=NUMBER,
        to={"type": "string", "description": "The login of who has it now; empty if nobody of the body can keep it."},
    ),
    doors=records(
        door=TEXT,
        sessions=NUMBER,
        closed={"type": "string", "description": "From when on nothing was open; empty if the door didn't say so."},
    ),
)
OPERATIONS: tuple[Operation, ...] = (
    Operation("POST", "/hand-overs", offer, "offerHandOver", "Offer an official's duties to a colleague.",
              _ID, WRITING, _OFFERED, strong=True),
    Operation("DELETE", "/hand-overs/{id}", withdraw_offer, "withdrawHandOver", "Take an offer back.",
              _ID, (404, 409), strong=True),
    Operation("POST", "/appointments", appoint, "appointContactPoint", "Appoint a body's first contact point.",
              _ID, WRITING, _APPOINTED, strong=True),
    Operation("POST", "/appointments/{id}", answer_appointment, "answerAppointment", "Take an appointment on, or not.",
              record(id=TEXT, state=one_of(*ANSWERS.values())), WRITING, _ANSWER, strong=True),
    Operation("POST", "/people/entry/{login}/off-board", off_board, "offBoardPerson", "End everything of an official.",
              _REPORT, WRITING, _LEAVING, strong=True),
    Operation("POST", "/people/entry/{login}/take-back", take_back, "takeBackPerson",
              "Designate somebody anew who was off-boarded; they have nothing until it is given to them.",
              record(login=TEXT), WRITING, _NOTHING, strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
