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
    "approved": "The role is granted. Those whom it concerns get a notice.",
    "refused": "The proposal is refused. Who made it gets a notice.",
    "withdrawn": "It is withdrawn.",
    "proposed": "It is proposed. Those who can approve it get a notice; nothing is granted before one of them does.",
    "granted": "The role is granted.",
    "revoked": "The role has ended.",
    "offered": "The duties are offered. Your colleague gets a notice, and has to accept.",
    "offered-for": "The duties are offered. Your colleague gets a notice, and has to accept. Whose duties they are, or "
    "a second person who may give roles, has to agree as well: they get a notice, too.",
    "taken": "The duties are yours.",
    "accepted": "Accepted. The duties are not yours yet: see below what is still missing, or the day.",
    "confirmed": "Agreed. The duties move once your colleague has accepted, and not before the day, if there is one.",
    "handed": "Agreed. The duties are handed over.",
    "declined": "Declined. Those whom it concerns get a notice.",
    "appointed": "The appointment is written down. The official gets a notice; it counts once they accept.",
    "accepted-appointment": "Accepted. You are the contact point.",
}


async def show(visit: Visit) -> Response:
    """All of it."""
    found = await visit.portal.groupware.duties.mine(visit.caller)
    done = DONE.get(visit.query("done"), "")
    awaits = await visit.portal.groupware.people.awaited_resets(visit.caller)
    return await visit.page("duties/mine.html", mine=found, done=done, forever=fields.FOREVER, awaits=awaits)


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
    return back("accepted-appointment" if word == "accept" else "declined")


def back(done: str) -> Response:
    """To one's duties, with what was done."""
    return RedirectResponse(f"/duties?done={done}", HTTPStatus.SEE_OTHER)
