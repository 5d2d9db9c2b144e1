"""Book: an invitation mailed to a resource is decided, written and answered in the transaction that accepts it.

So it happens once, or not at all, however often the message or the process comes again. Reading the calendar and
working out its dates comes before, in `prepare`. That no two bookings overlap is kept by the database itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from directory import tables as directory
from groupware import clock, tables
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.meetings import answering, asked, invitation, itip, reply
from groupware.meetings.errors import UnreadableError
from groupware.meetings.expand import INSTANCES_MAX, LONGEST, Occurrence
from groupware.meetings.itip import Known, Plan, State, Verdict
from groupware.message.markings import Marks, strictest
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.meetings.asked import Asked
    from groupware.meetings.invitation import Invitation
    from groupware.meetings.resources import Resource
    from groupware.message.scan import Scanned
    from groupware.monitor import Monitor, Permit
    from groupware.store import Tx

METHODS = (asked.REQUEST, asked.CANCEL)
_b, _o, _x = tables.booking.c, tables.occurrence.c, tables.booking_exception.c
_KNOWN = select(_b.id, _b.author, _b.state, _b.sequence, _b.stamp).where(
    _b.resource == bindparam("resource"), _b.uid == bindparam("uid")
)
_TAKEN_FOR = select(_o.t0, _o.t1, _o.recurrence).where(_o.booking == bindparam("booking"))
_SAID = select(_x.recurrence, _x.sequence, _x.stamp, _x.t0, _x.t1).where(_x.booking == bindparam("booking"))
_BETWEEN = (
    select(_o.t0, _o.t1, _o.booking, _o.recurrence)
    .where(
        _o.resource == bindparam("resource"),
        _o.t0 > bindparam("first") - LONGEST,
        _o.t0 < bindparam("last"),
        _o.t1 > bindparam("first"),
    )
    .order_by(_o.t0)
)
_ANSWERED = select(tables.booking_answer.c.verdict).where(
    tables.booking_answer.c.submission == bindparam("submission"),
    tables.booking_answer.c.resource == bindparam("resource"),
)
_INSERT = insert(tables.booking)
_UPDATE = update(tables.booking).where(_b.id == bindparam("this"))
_FREE = delete(tables.occurrence).where(
    _o.booking == bindparam("this"), _o.recurrence.in_(bindparam("recurrences", expanding=True))
)
_TAKE = insert(tables.occurrence)
_FORGET = delete(tables.booking_exception).where(_x.booking == bindparam("this"))
_REMEMBER = insert(tables.booking_exception)
_ANSWER = insert(tables.booking_answer)
_WHOSE = (
    select(directory.official.c.name)
    .join(tables.booking, _b.author == directory.official.c.id)
    .where(_b.id == bindparam("booking"))
)


@dataclass(frozen=True, slots=True)
class Call:
    """A message to one resource, ready for the transaction; without `invitation` it asks for nothing."""

    resource: Resource
    invitation: Invitation | None
    asked: Asked | None


@dataclass(frozen=True, slots=True)
class Message:
    """What the message itself says: whose it is, how it is named and marked. `automatic` ones get no notice."""

    caller: Caller
    domain: str
    message_id: str
    submission: int
    marks: Marks
    automatic: bool


def read(raw: bytes, scanned: Scanned, author: str) -> Invitation | None:
    """The invitation in a message, None in one that asks for nothing. Takes CPU; needs no transaction.

    Raises Refused(calendar-unreadable), or Refused(organiser-is-not-sender) where it isn't in the name of `author`, the
    address that the message is from: while the sender still waits, and before anything is kept.
    """
    part = invitation.find(scanned.root)
    if part is None:
        return None
    try:
        found = invitation.read(raw, part)
    except UnreadableError as error:
        raise Refused("calendar-unreadable", str(error)) from error
    if found.method not in METHODS:
        return None
    if found.organiser != author.lower():
        raise Refused("organiser-is-not-sender", "the ORGANIZER of an invitation must be its author's address")
    return found


def prepare(found: Invitation | None, resource: Resource) -> Call:
    """The same for one resource, with all dates worked out. Raises Refused(calendar-unreadable)."""
    if found is None:
        return Call(resource, None, None)
    try:
        return Call(resource, found, asked.ask(found, resource.zone, clock.now(), resource.days_ahead))
    except UnreadableError as error:
        raise Refused("calendar-unreadable", str(error)) from error


def book(tx: Tx, monitor: Monitor, permit: Permit, call: Call, message: Message) -> None:
    """Decide, write and answer; nothing where this message was answered before.

    Raises Refused(uid-of-another) when the meeting is another organiser's, Refused(too-many-changes) for more single
    instances than a series may have.
    """
    permit.use(tx, Action.BOOK, call.resource.id)
    key = {"submission": message.submission, "resource": call.resource.id}
    if tx.connection.execute(_ANSWERED, key).first() is not None:
        return
    _Booking(tx, monitor, permit.unit, call, message).run()


@dataclass(frozen=True, slots=True)
class _Outcome:
    plan: Plan
    verdict: Verdict
    rule: str = ""
    comment: str = ""


@dataclass(slots=True)
class _Booking:
    """One run of `book`."""

    tx: Tx
    monitor: Monitor
    unit: int
    call: Call
    message: Message
    booking: int = 0

    @property
    def marks(self) -> Marks:
        """The mail's, made stricter by what the calendar in it says of itself."""
        found = self.call.invitation
        return self.message.marks if found is None else strictest(self.message.marks, found.marks)

    def run(self) -> None:
        if self.call.invitation is None or self.call.asked is None:
            self._answer_nothing()
            return
        known = self._known(self.call.asked.uid)
        outcome = self._decide(known, self.call.asked)
        changed = not outcome.plan.same and self._write(outcome.plan, self.call.invitation)
        mail = self._send(outcome, self.call.invitation, known)
        number = self._note(outcome.verdict, outcome.rule, mail)
        if changed:
            self.tx.record(EventKind.BOOKING_DECIDED, number)

    def _known(self, uid: str) -> Known | None:
        row = self.tx.connection.execute(_KNOWN, {"resource": self.call.resource.id, "uid": uid}).first()
        if row is None:
            return None
        if row.author != self.message.caller.official:
            raise Refused("uid-of-another", "the UID is that of another organiser's meeting")
        self.booking = row.id
        key = {"booking": row.id}
        taken = tuple(Occurrence(*each) for each in self.tx.connection.execute(_TAKEN_FOR, key))
        said = {each.recurrence: _change(*each) for each in self.tx.connection.execute(_SAID, key)}
        return Known(State(row.state), asked.Version(row.sequence, row.stamp), said, taken)

    def _decide(self, known: Known | None, wanted: Asked) -> _Outcome:
        plan = itip.plan(known, wanted, self.tx.now)
        if len(plan.exceptions) > INSTANCES_MAX:  # message by message a booking would grow past every bound
            raise Refused("too-many-changes", f"at most {INSTANCES_MAX} instances of a meeting can be changed")
        if plan.verdict is Verdict.DECLINED and wanted.refusal is not None:
            return _Outcome(plan, plan.verdict, wanted.refusal.rule, f"The reason: {wanted.refusal}.")
        if plan.verdict is not None:
            return _Outcome(plan, plan.verdict)
        within = itip.overlaps(plan.book)
        if within:
            comment = f"Its own meetings overlap: {self._dates(within)}"
            return _Outcome(itip.declined(plan, known, self.tx.now), Verdict.DECLINED, "overlaps-itself", comment)
        conflicts = self._conflicts(plan)
        if conflicts:
            return _Outcome(itip.declined(plan, known, self.tx.now), Verdict.DECLINED, "not-free", conflicts)
        return _Outcome(plan, Verdict.ACCEPTED)

    def _conflicts(self, plan: Plan) -> str:
        """The dates on which the resource is taken, empty for none; whose they are, only to who may know."""
        if not plan.book:
            return ""
        span = {"first": plan.book[0].start, "last": max(each.end for each in plan.book)}
        rows = self.tx.connection.execute(_BETWEEN, {"resource": self.call.resource.id, **span})
        others = [row for row in rows if row.booking != self.booking or row.recurrence not in plan.free]
        found = itip.clashes(plan.book, [(row.t0, row.t1) for row in others])
        if not found:
            return ""
        names = [self._whose(others[at].booking) for _, at in found[: reply.DATES_MAX]]
        return f"It is not free: {self._dates([each for each, _ in found], names)}"

    def _dates(self, found: Sequence[Occurrence], notes: Sequence[str] = ()) -> str:
        return reply.dates(found, self.call.resource.zone, notes)

    def _whose(self, booking: int) -> str:
        caller = self.message.caller
        if not self.monitor.decide(self.tx, caller, Action.READ, Kind.BOOKING, booking).allowed:
            return ""
        return f"booked by {self.tx.connection.execute(_WHOSE, {'booking': booking}).scalar_one()}"

    def _write(self, plan: Plan, found: Invitation) -> bool:
        """Whether anything is taken or free now that was not before."""
        row = {
            "state": plan.state,
            "sequence": plan.version.sequence,
            "stamp": plan.version.stamp,
            "submission": self.message.submission,
            "at": self.tx.now,
            "marking": int(self.marks.marking),
            "handling": int(self.marks.handling),
            "summary": (found.whole or found.events[0]).summary,
            "owner": self.unit,
        }
        if not self.booking:
            own = {"resource": self.call.resource.id, "uid": found.uid, "author": self.message.caller.official}
            self.booking = self.tx.insert(_INSERT, row | own)
        else:
            self.tx.connection.execute(_UPDATE, {"this": self.booking, **row})
        self._remember(plan)
        return self._take(plan)

    def _take(self, plan: Plan) -> bool:
        freed = 0
        if plan.free:
            key = {"this": self.booking, "recurrences": sorted(plan.free)}
            freed = self.tx.connection.execute(_FREE, key).rowcount
        own = {"resource": self.call.resource.id, "booking": self.booking}
        rows = [{**own, "recurrence": o.recurrence, "t0": o.start, "t1": o.end} for o in plan.book]
        if rows:
            self.tx.connection.execute(_TAKE, rows)
        return bool(rows or freed)

    def _remember(self, plan: Plan) -> None:
        self.tx.connection.execute(_FORGET, {"this": self.booking})
        rows = [
            {
                "booking": self.booking,
                "recurrence": each.recurrence,
                "sequence": each.version.sequence,
                "stamp": each.version.stamp,
                "t0": each.to.start if each.to else 0,
                "t1": each.to.end if each.to else 0,
            }
            for each in plan.exceptions.values()
        ]
        if rows:
            self.tx.connection.execute(_REMEMBER, rows)

    def _send(self, outcome: _Outcome, found: Invitation, known: Known | None) -> int:
        """RFC 5546 3.2.3: a REQUEST is replied to; to anything else there are only words."""
        resource, quoted = self.call.resource, self.marks.marking <= Marking.AMBER
        answers = outcome.verdict in (Verdict.ACCEPTED, Verdict.DECLINED)
        said = outcome.comment
        answer = reply.Answer(
            outcome.verdict is Verdict.ACCEPTED, said, busy=outcome.rule == "not-free", quoted=quoted, marks=self.marks
        )
        about = _plain(found.events[0].summary) if quoted else ""
        dates = self._dates(sorted(_told(outcome, known))) if outcome.verdict in _WITH_DATES else ""
        letter = answering.Letter(
            resource=resource,
            to=self.message.caller,
            owner=self.unit,
            domain=self.message.domain,
            about=self.message.message_id,
            subject=f"{reply.SUBJECTS[outcome.verdict]}: {about or resource.name}",
            text=answering.said(outcome.verdict, resource, said, dates) + self._given_up(outcome, known),
            calendar=reply.calendar(found, resource, answer, self.tx.now) if answers else "",
        )
        return answering.send(self.tx, letter)

    def _given_up(self, outcome: _Outcome, known: Known | None) -> str:
        """To a declined update: which dates it gives up; the others of a series stay."""
        freed = [each for each in known.taken if each.recurrence in outcome.plan.free] if known else []
        if outcome.verdict is not Verdict.DECLINED or not freed:
            return ""
        return f"\nWhat was booked for it before is free again: {self._dates(sorted(freed))}\n"

    def _answer_nothing(self) -> None:
        """RFC 3834 2: a machine that wrote on its own isn't answered."""
        resource, mail = self.call.resource, None
        if not self.message.automatic:
            subject = f"{reply.SUBJECTS[Verdict.NOT_ASKED]}: {resource.name}"
            text = answering.said(Verdict.NOT_ASKED, resource, "", "")
            message = self.message
            letter = (resource, message.caller, self.unit, message.domain, message.message_id, subject, text)
            mail = answering.send(self.tx, answering.Letter(*letter))
        self._note(Verdict.NOT_ASKED, "no-invitation", mail)

    def _note(self, verdict: Verdict, rule: str, mail: int | None) -> int:
        row = {"submission": self.message.submission, "resource": self.call.resource.id, "booking": self.booking}
        return self.tx.insert(_ANSWER, row | {"verdict": verdict, "rule": rule, "mail": mail, "at": self.tx.now})


def _change(recurrence: int, sequence: int, stamp: int, start: int, end: int) -> asked.Change:
    to = Occurrence(start, end, recurrence) if end else None
    return asked.Change(recurrence, asked.Version(sequence, stamp), to)


_WITH_DATES = (Verdict.ACCEPTED, Verdict.CANCELLED)


def _told(outcome: _Outcome, known: Known | None) -> Sequence[Occurrence]:
    """The dates that an answer names: those that are booked, or those that are given up."""
    taken = known.taken if known else ()
    if outcome.verdict is Verdict.CANCELLED:
        return [each for each in taken if each.recurrence in outcome.plan.free]
    return outcome.plan.book or (taken if outcome.plan.same else ())


def _plain(summary: str) -> str:
    """For a Subject: what looks like an encoded word (RFC 2047 2) would be decoded by the readers' programs."""
    return summary.replace("=?", "= ?")
