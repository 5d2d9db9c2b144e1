"""One's own duties, and whatever awaits one's word: offers, appointments, proposals."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.duties import fields
from groupware.errors import Refused

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

DONE = {
    "approved": "The role is granted.",
    "refused": "The proposal is refused.",
    "withdrawn": "It is withdrawn.",
    "proposed": "It is proposed. Who approves it has been told.",
    "granted": "It is granted.",
    "revoked": "The role has ended.",
    "offered": "The duties are offered. Your colleague has been told.",
    "taken": "The duties are yours.",
    "accepted": "Accepted: the duties will be yours on the day, once they are confirmed.",
    "confirmed": "Confirmed. The duties move once your colleague accepts them.",
    "handed": "Confirmed. The duties are handed over.",
    "declined": "Declined.",
    "appointed": "The appointment is written down. It counts once it is accepted.",
}


async def show(visit: Visit) -> Response:
    """All of it."""
    found = await visit.portal.groupware.duties.mine(visit.caller)
    done = DONE.get(visit.query("done"), "")
    return await visit.page("duties/mine.html", mine=found, done=done, forever=fields.FOREVER)


async def decide(visit: Visit) -> Response:
    """Approve, refuse or withdraw a proposal."""
    duties, wanted = visit.portal.groupware.duties, fields.number(visit.path["number"])
    word = visit.form.get("decision", "")
    if word == "approve":
        await duties.approve(visit.caller, wanted)
        return back("approved")
    if word == "refuse":
        await duties.refuse(visit.caller, wanted)
        return back("refused")
    if word == "withdraw":
        await duties.withdraw(visit.caller, wanted)
        return back("withdrawn")
    raise Refused("bad-decision", "Choose what to do.")


async def revoke(visit: Visit) -> Response:
    """End a role."""
    wanted = fields.number(visit.path["number"])
    await visit.portal.groupware.duties.revoke(visit.caller, wanted, visit.form.get("reason", ""))
    return back("revoked")


async def answer_offer(visit: Visit) -> Response:
    """Accept, confirm, decline or withdraw a hand-over."""
    duties, wanted = visit.portal.groupware.duties, fields.number(visit.path["number"])
    word = visit.form.get("decision", "")
    if word == "accept":
        return back("taken" if await duties.take_over(visit.caller, wanted) else "accepted")
    if word == "confirm":
        return back("handed" if await duties.confirm_offer(visit.caller, wanted) else "confirmed")
    if word == "decline":
        await duties.decline_offer(visit.caller, wanted)
        return back("declined")
    if word == "withdraw":
        await duties.withdraw_offer(visit.caller, wanted)
        return back("withdrawn")
    raise Refused("bad-decision", "Choose what to do.")


async def answer_appointment(visit: Visit) -> Response:
    """Accept or decline to be a contact point."""
    wanted, word = fields.number(visit.path["number"]), visit.form.get("decision", "")
    if word not in ("accept", "decline"):
        raise Refused("bad-decision", "Choose what to do.")
    await visit.portal.groupware.duties.answer_appointment(visit.caller, wanted, accepted=word == "accept")
    return back("taken" if word == "accept" else "declined")


def back(done: str) -> Response:
    """To one's duties, with what was done."""
    return RedirectResponse(f"/duties?done={done}", HTTPStatus.SEE_OTHER)
