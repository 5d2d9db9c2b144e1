"""The mail by which a resource answers its organiser: words for people and, to a REQUEST, the REPLY for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware import content, personal_mail, rendering
from groupware.meetings.itip import Verdict
from groupware.message.compose import compose, new_message_id
from groupware.message.scan import scan
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.meetings.resources import Resource
    from groupware.store import Tx


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to `to`, an organiser of the unit `owner`, about their message `about`; `calendar` may be empty."""

    resource: Resource
    to: Caller
    owner: int
    domain: str
    about: str
    subject: str
    text: str
    calendar: str = ""


def send(tx: Tx, letter: Letter) -> int:
    """Put it into the organiser's INBOX and return the mail's id. RFC 3834 3.1.7: it says that nobody wrote it."""
    raw = compose(
        sender=letter.resource.address,
        sender_name=letter.resource.name,
        to=[(letter.to.name, letter.to.address)],
        subject=letter.subject,
        text=letter.text,
        message_id=new_message_id(letter.domain),
        date=tx.now,
        in_reply_to=letter.about,
        references=[letter.about],
        extra=[("Auto-Submitted", "auto-replied")],
        alternatives=[("text/calendar; method=REPLY", letter.calendar)] if letter.calendar else (),
    )
    stored = content.add(tx, content.in_row(raw))
    made = rendering.add(tx, rendering.verbatim(raw, scan(raw, ours=True)), stored)
    row = personal_mail.Mail(made, "notice", personal_mail.ICONET, letter.owner, Marking.AMBER)
    mail = personal_mail.add(tx, row).id
    personal_mail.deliver(tx, mail, [letter.to.official])
    return mail


def said(verdict: Verdict, resource: Resource, comment: str, dates: str) -> str:
    """The answer in words. `dates` are those that it is about, as far as there are any."""
    first = _FIRST[verdict].format(resource.name)
    when = f"{dates} (local time of {resource.zone})" if dates else ""
    return "\n\n".join(part for part in (first, comment, when) if part) + "\n"


_FIRST = {
    Verdict.ACCEPTED: "{} is booked for your meeting.",
    Verdict.DECLINED: "{} is not booked for your meeting.",
    Verdict.CANCELLED: "Your booking of {} is cancelled.",
    Verdict.STALE: "Your message to {} is older than what was answered before. Nothing has changed.",
    Verdict.UNKNOWN: "There is no such booking of {}. Nothing has changed.",
    Verdict.NOT_ASKED: "{} reads invitations only, and your message holds none. Nothing has changed.",
}
