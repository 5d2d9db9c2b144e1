"""Follower: tells those whom a change of duties concerns, in their INBOX: who is asked, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import appointments, duty_moves, hand_overs, officials, proposals, roles
from directory.hand_overs import HandOverState
from directory.proposals import ProposalState
from groupware import notices
from groupware.duties import booked, handed, moved, naming, second_word
from groupware.duties.words import PORTAL
from groupware.events import Event, EventKind
from policies.vocabulary import Access, Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from directory.hand_overs import HandOver
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

NAME = "duty-notices"
KINDS = (
    EventKind.GRANT_PROPOSED,
    EventKind.GRANT_DECIDED,
    EventKind.GRANT_REVOKED,
    EventKind.CONTACT_POINT_APPOINTED,
    EventKind.BODY_UNATTENDED,
    EventKind.HAND_OVER_CHANGED,
    EventKind.DUTIES_MOVED,
)
OF_A_BODY = (Role.CONTACT_POINT, Role.DEPUTY, Role.DIRECTORY_ADMIN, Role.SECURITY_OFFICER)


class Telling:
    """Acts on KINDS. What has changed since is told as it is now.

    `portal` says the portal's address, "" while nobody knows it.
    """

    def __init__(self, domain: str, monitor: Monitor, portal: Callable[[], str]) -> None:
        self._domain = domain
        self._portal = portal
        self._monitor = monitor
        self._by_kind: dict[str, Callable[[Tx, int], None]] = {
            EventKind.GRANT_PROPOSED: self._proposed,
            EventKind.GRANT_DECIDED: self._decided,
            EventKind.GRANT_REVOKED: self._revoked,
            EventKind.CONTACT_POINT_APPOINTED: self._appointed,
            EventKind.BODY_UNATTENDED: self._unattended,
            EventKind.HAND_OVER_CHANGED: self._handed,
            EventKind.DUTIES_MOVED: self._moved,
        }

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Write the notices that a slice of the log asks for: one of a matter, for it is told as it is now."""
        for kind, subject in dict.fromkeys((event.kind, event.subject) for event in events):
            self._by_kind[kind](tx, subject)

    def _send(self, tx: Tx, to: Iterable[int], subject: str, text: str) -> None:
        found = [each for each in dict.fromkeys(to) if officials.in_office(tx.connection, each, tx.now)]
        if text.endswith(PORTAL) and (portal := self._portal()):
            text = f"{text}\n{portal}/duties"
        notices.send(tx, self._domain, found, subject, text)

    def _proposed(self, tx: Tx, number: int) -> None:
        proposal = proposals.get(tx.connection, number)
        if proposal.state is not ProposalState.PROPOSED:
            return
        may = second_word.whose(tx, self._monitor, proposal)
        what = naming.role(tx, proposal.official, proposal.role, proposal.scope)
        by = naming.person(tx, proposal.proposed_by)
        text = f"{what}.\nProposed by {by}.\n\n{notices.quoted(by, proposal.reason)}\n\n{PORTAL}"
        self._send(tx, may, "A role awaits your approval", text)

    def _decided(self, tx: Tx, number: int) -> None:
        proposal = proposals.get(tx.connection, number)
        what = naming.role(tx, proposal.official, proposal.role, proposal.scope)
        to = [proposal.proposed_by]
        if proposal.state is ProposalState.APPROVED:
            to += [proposal.official, *([proposal.scope] if proposal.role is Access.SENDER else [])]
        word, by = proposal.state.capitalize(), naming.person(tx, proposal.decided_by)
        why = f"\n\n{notices.quoted(by, proposal.decided_why)}" if proposal.decided_why else ""
        self._send(tx, to, f"A role was {proposal.state}", f"{what}.\n{word} by {by}.{why}")

    def _revoked(self, tx: Tx, number: int) -> None:
        grant = roles.get(tx.connection, number)
        what = naming.role(tx, grant.official, grant.role, grant.scope)
        by = naming.person(tx, grant.ended_by)
        text = f"{what}.\nEnded by {by}.\n\n{notices.quoted(by, grant.ended_why)}"
        self._send(tx, [grant.official], "A role of yours has ended", text)

    def _appointed(self, tx: Tx, number: int) -> None:
        known = appointments.get(tx.connection, number)
        name, body = naming.person(tx, known.official), naming.body(tx, known.body)
        by = naming.person(tx, known.appointed_by)
        about = f"{name} as contact point of {body}, by the act that they name.\n\n{notices.quoted(by, known.act)}"
        if known.open:
            self._send(tx, [known.official], f"You are to be the contact point of {body}", f"{about}\n\n{PORTAL}")
            return
        word = "accepted" if known.accepted else "declined"
        to = [known.appointed_by, *self._authority(tx, known.body), *self._of_body(tx, known.body)]
        self._send(tx, to, f"The appointment for {body} was {word}", about)

    def _unattended(self, tx: Tx, body: int) -> None:
        if roles.in_force(tx.connection, Role.CONTACT_POINT, body, tx.now):
            return
        name = naming.body(tx, body)
        text = f"{name} has no contact point in office, and no deputy who could follow.\n\n{PORTAL}"
        self._send(tx, self._authority(tx, body), f"{name} is without a contact point", text)

    def _handed(self, tx: Tx, number: int) -> None:
        known = hand_overs.get(tx.connection, number)
        to = {known.giver, known.taker, known.proposed_by}
        if known.state is HandOverState.PROPOSED:
            to = {known.taker}
        elif known.state is HandOverState.DONE:
            to |= set(self._of_body(tx, officials.get(tx.connection, known.giver).body))
        text = handed.told(tx, self._monitor, known)
        self._send(tx, sorted(to), handed.SUBJECTS[known.state], text)
        if known.state is HandOverState.PROPOSED and not known.confirmed_by:
            by = naming.person(tx, known.proposed_by)
            asked = f"{by} offers it for them. It needs your word, or that of one of the others who are told of it."
            self._send(tx, self._confirmers(tx, known), "A hand-over of duties awaits your word", f"{asked}\n{text}")

    def _moved(self, tx: Tx, number: int) -> None:
        move = duty_moves.find(tx.connection, number)
        if move is None:
            return
        giver, taker = officials.get(tx.connection, move.giver), move.taker
        if move.what == moved.CONTACT_POINT:
            body = naming.body(tx, giver.body)
            text = f"{naming.person(tx, giver.id)} no longer is. You were the next in line.\n\n{PORTAL}"
            self._send(tx, [taker], f"You are now the contact point of {body}", text)
        elif taker:
            self._send(tx, [taker], f"Bookings of {giver.name} are yours now", booked.told(tx, giver, taker))
        else:
            subject = f"Nobody can keep what {giver.name} has booked"
            self._send(tx, self._of_body(tx, giver.body), subject, booked.left(giver, move.count))

    def _confirmers(self, tx: Tx, known: HandOver) -> list[int]:
        """The giver, and who else may give the word for them."""
        may = self._monitor.audience(tx, Action.DESIGNATE, Kind.OFFICIAL, known.giver, strong=True)
        return [known.giver, *(each for each in may if each not in (known.taker, known.proposed_by))]

    @staticmethod
    def _of_body(tx: Snapshot, body: int) -> list[int]:
        """Its people with duties."""
        return [each.official for role in OF_A_BODY for each in roles.in_force(tx.connection, role, body, tx.now)]

    @staticmethod
    def _authority(tx: Snapshot, body: int) -> list[int]:
        """The directory admins of the body that governs it."""
        above = naming.authority(tx, body)
        return [each.official for each in roles.in_force(tx.connection, Role.DIRECTORY_ADMIN, above, tx.now)]
