"""Follower: tells the delegates what is asked of them, and all concerned what became of it. No notice quotes a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware import notices, release_gate
from groupware.events import Event, EventKind
from groupware.message import dates
from groupware.releases import people, recalling, rows
from groupware.releases.words import State
from groupware.reply_addresses import CONSENTS
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.releases.rows import Consent, Release
    from groupware.store import Snapshot, Tx

NAME = "release-notices"
KINDS = (
    EventKind.RELEASE_ASKED,
    EventKind.RELEASE_AGREED,
    EventKind.RELEASE_ENDED,
    EventKind.RELEASE_RECALLED,
    EventKind.OUTBOUND_SENT,
)
PORTAL = "Sign in to the portal and open Releases: there is the text that would leave."
BY_MAIL = "Or answer this mail from your own mailbox: begin with yes, or with no and your reason. It works once."
RULES = {
    "no-answer-means-no": "nobody answered in time",
    "withdrawn-is-gone": "the message, or one that it quotes, was withdrawn",
    "marking-was-raised": "the message has a stricter marking since",
    "asker-has-left": "who asked has left",
    "release-has-expired": "its last day has passed",
    "owner-has-not-consented": "an owner's consent is missing",
}
_BECAME = {
    State.AGREED: "All owners have consented. The package is on its way.",
    State.REFUSED: "An owner has refused",
    State.LAPSED: "It has lapsed",
    State.WITHDRAWN: "It was withdrawn",
    State.STOPPED: "It was stopped",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """Acts on KINDS. What has changed since is told as it is now."""

    domain: str
    monitor: Monitor

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Write the notices that a slice of the log asks for."""
        for event in events:
            if event.kind == EventKind.RELEASE_ASKED:
                self._asked(tx, rows.get(tx, event.subject))
            elif event.kind == EventKind.OUTBOUND_SENT:
                self._sent(tx, event.subject)
            elif event.kind == EventKind.RELEASE_RECALLED:
                self._recalled(tx, rows.get(tx, event.subject))
            else:
                self._became(tx, rows.get(tx, event.subject))

    def _asked(self, tx: Tx, known: Release) -> None:
        for each in rows.consents(tx, known.id):
            ask_delegates(tx, self.monitor, self.domain, known, each, "Your consent is asked")

    def _became(self, tx: Tx, known: Release) -> None:
        said = _BECAME.get(known.state, "")
        if said:
            why = f": {RULES.get(known.why, known.why)}" if known.why else ""
            self._tell(tx, known, f"is {known.state}", f"{said.rstrip('.')}{why}.")

    def _sent(self, tx: Tx, outbound: int) -> None:
        number = release_gate.of_outbound(tx, outbound)
        if number:
            self._tell(tx, rows.get(tx, number), "has left", "Its package was taken by the recipient's mail server.")

    def _recalled(self, tx: Tx, known: Release) -> None:
        told = recalling.recall(tx, known, self.domain)
        text = "Consent was withdrawn after the package had left. Its recipient is told to use it no more."
        self._tell(tx, known, "was withdrawn", text if told else "Consent was withdrawn after the package had left.")

    def _tell(self, tx: Tx, known: Release, what: str, text: str) -> None:
        """Who asked, and the delegates of all owners."""
        everybody = [each for one in rows.consents(tx, known.id) for each in people.sees(tx, self.monitor, one.id)]
        lines = f"{about(tx, known)}\n\n{text}"
        for official in dict.fromkeys([known.asker, *everybody]):
            notices.send(tx, self.domain, [official], f"Release no. {known.id} {what}", lines)


def remind(tx: Tx, monitor: Monitor, domain: str, known: Release) -> None:
    """Those who haven't said anything, of an ask that lapses soon."""
    for each in rows.consents(tx, known.id):
        if each.state == "open":
            ask_delegates(tx, monitor, domain, known, each, "Your consent is still asked")


def ask_delegates(tx: Tx, monitor: Monitor, domain: str, known: Release, consent: Consent, subject: str) -> None:
    """One mail each, since each answers to an address of their own; what is strict is answered in the portal only."""
    if known.state is not State.ASKED or consent.state != "open":
        return
    by_mail = known.marking < Marking.AMBER_STRICT
    text = f"{about(tx, known)}\nOwner: {people.owner(tx, consent.owner)}\n\n{PORTAL}"
    for official in people.deciders(tx, monitor, consent.id):
        extra = [("Reply-To", CONSENTS.made(tx, consent.id, official, domain))] if by_mail else []
        said = f"{text}\n{BY_MAIL}" if by_mail else text
        notices.send(tx, domain, [official], f"{subject}: release no. {known.id}", said, extra)


def about(tx: Snapshot, known: Release) -> str:
    """What a notice says of an ask: numbers, names and dates, and neither its text nor its subject."""
    return (
        f"Release no. {known.id}, asked by {people.person(tx, known.asker)}.\n"
        f"To: {known.recipient} ({known.organisation})\nMarking: {Marking(known.marking).label}\n"
        f"The recipient may have it until {dates.write(known.until)}.\n"
        f"Last date for an answer: {dates.write(known.answer_by)}. No answer means no."
    )
