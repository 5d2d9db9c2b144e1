"""Submit: one message from one author becomes a post in each room it names, mail to each official, and outbound mail.

What takes CPU or disk (scanning, rendering, hashing, a large file) is done before the transaction by `prepare`;
what was found there about a room is looked at again inside, and prepared anew when it has changed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from groupware import (
    clock,
    content,
    draft_endings,
    drafts,
    labels,
    outbound,
    personal_mail,
    rendering,
    tables,
    unconfirmed,
)
from groupware.acknowledgement_tables import acknowledgement_wanted
from groupware.chain import BARRED, DRAFT_RULES, Facts, Fate, Verdict, judge
from groupware.duties.sending_for import author_of
from groupware.errors import Conflict, Refused
from groupware.events import EventKind
from groupware.meetings import booking, outsiders
from groupware.message.compose import new_message_id
from groupware.message.markings import UNMARKED, asked, strictest
from groupware.message.prints import NONE, Prints
from groupware.quoting import Quoted, quotes_known_post
from groupware.recipients import Bookable, Outsider, Person, Recipient, Room, resolve
from groupware.release_tables import print_due
from groupware.retention import classes
from groupware.sealing.seals import UNDATED, month
from groupware.threads import NO_PLACE, Place, above, find_place, names_known_post, readable
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupware.caller import Caller
    from groupware.message.markings import Marks
    from groupware.message.scan import Scanned
    from groupware.monitor import Monitor
    from groupware.store import Tx


@dataclass(frozen=True, slots=True)
class Submission:
    """A message scanned and hashed, and rendered for each of its rooms, ready for the transaction.

    `raw` is the DATA as received, dot-unstuffed; `message_id` is ours where the client gave none. `caller` hands it in;
    `author` is who From says, if the caller may send for them: until the transaction has asked, the caller.
    What `leaves` needs its `prints`.
    """

    caller: Caller
    author: Caller
    domain: str
    raw: bytes
    scanned: Scanned
    bytes: content.Prepared
    message_id: str
    received: int
    recipients: tuple[Recipient, ...]
    renderings: dict[int, tuple[Marks, rendering.Rendered]]
    for_people: tuple[Marks, rendering.Rendered] | None = None
    calls: Mapping[int, booking.Call] = field(default_factory=dict)
    personal_data: tuple[str, ...] | None = None
    """Kinds of what seems to be in it; None: nobody has looked, since no room asked for it."""
    invites_outside: bool = False
    prints: Prints = NONE

    @property
    def leaves(self) -> bool:
        """Whether somebody outside gets it, or would hear of what it says."""
        return self.invites_outside or any(isinstance(each, Outsider) for each in self.recipients)

    @property
    def voices(self) -> tuple[Caller, ...]:
        """Who hands it in and, last, who its author is; one where they are the same."""
        return (self.caller,) if self.author == self.caller else (self.caller, self.author)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the sender is told about one room: the rule that decided, and the hold's number when the post waits.

    The rule is personal-data-barred where it waits for the author's own word, one of DRAFT_RULES for a colleague's.
    """

    room: str
    rule: str
    number: int = 0

    @property
    def unconfirmed(self) -> bool:
        """Whether it awaited its author's word when it was taken."""
        return self.rule == BARRED

    @property
    def drafted(self) -> bool:
        """Whether it awaited a colleague's word when it was taken."""
        return self.rule in DRAFT_RULES


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was accepted: the same again for a repeat of the same message."""

    message_id: str
    outcomes: tuple[Outcome, ...]

    @property
    def held(self) -> tuple[Outcome, ...]:
        """The parts that await moderation."""
        waits = (outcome for outcome in self.outcomes if outcome.number)
        return tuple(outcome for outcome in waits if not outcome.unconfirmed and not outcome.drafted)

    @property
    def drafted(self) -> tuple[Outcome, ...]:
        """The parts that await a colleague's word."""
        return tuple(outcome for outcome in self.outcomes if outcome.number and outcome.drafted)

    @property
    def unconfirmed(self) -> tuple[Outcome, ...]:
        """The parts that await their author's word about personal data."""
        return tuple(outcome for outcome in self.outcomes if outcome.number and outcome.unconfirmed)


_SAME_NAME = (
    select(tables.submission.c.id, tables.submission.c.content, tables.submission.c.author, tables.content.c.sha256)
    .join(tables.content, tables.content.c.id == tables.submission.c.content)
    .where(tables.submission.c.message_id == bindparam("message_id"))
)
_POST_OF = select(tables.post.c.rule, tables.post.c.number).where(
    tables.post.c.submission == bindparam("submission"), tables.post.c.room == bindparam("room")
)
STATES = {
    Verdict.ACCEPT: ("published", EventKind.POST_PUBLISHED),
    Verdict.HOLD: ("held", EventKind.POST_HELD),
    Verdict.DRAFT: ("draft", EventKind.POST_DRAFTED),
    Verdict.CONFIRM: ("unconfirmed", EventKind.POST_UNCONFIRMED),
}
"""By what becomes of a message: its state, and the event that tells of it."""
UNREAD = "unread"
"""personal_data.finding's word for what nobody has looked through."""
_SUBMISSION = insert(tables.submission)
_POST = insert(tables.post)
_PRINT_DUE = insert(print_due)
_RECEIPT_WANTED = insert(acknowledgement_wanted)
_THREAD = update(tables.post).where(tables.post.c.id == bindparam("this")).values(thread=bindparam("this"))
_NUMBER = (
    update(tables.room)
    .where(tables.room.c.id == bindparam("this"))
    .values(holds=tables.room.c.holds + 1)
    .returning(tables.room.c.holds)
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The ids of a submission and of its bytes; not `new` when the same message came before."""

    id: int
    content: int
    new: bool


def prepare(
    caller: Caller,
    domain: str,
    raw: bytes,
    scanned: Scanned,
    prepared: content.Prepared,
    to: Sequence[Recipient],
    personal_data: tuple[str, ...] | None = None,
) -> Submission:
    """All the work that needs no transaction: rendering takes more CPU than storing. Runs in a thread.

    `personal_data` is what `personal_data.searcher` has found in it, None if it wasn't asked.

    Raises message.scan.Unacceptable when the fields added on top make the header block too large, and Refused for an
    invitation to a resource that can't be read, or in another's name.
    """
    now = clock.now()
    message_id = scanned.message_id or new_message_id(domain)
    made = Submission(caller, caller, domain, raw, scanned, prepared, message_id, now, tuple(to), {})
    for recipient in to:
        if isinstance(recipient, Room):
            marks = _marks(scanned, recipient.marks, UNMARKED)
            made.renderings[recipient.id] = marks, _render_for_room(made, recipient, marks)
    bookable = [each for each in to if isinstance(each, Bookable)]
    outside = bool(bookable) and outsiders.invited(raw, scanned.root, domain)
    made = replace(made, personal_data=personal_data, calls=_calls(made, bookable), invites_outside=outside)
    by_name = any(isinstance(recipient, Person | Outsider) for recipient in to)
    marks = _marks(scanned, personal_mail.DEFAULT, UNMARKED)
    return replace(made, for_people=(marks, _render_for_people(made, marks))) if by_name else made


def _calls(what: Submission, bookable: Sequence[Bookable]) -> dict[int, booking.Call]:
    """What the message asks of each resource; it is read once for all."""
    if not bookable:
        return {}
    found = booking.read(what.raw, what.scanned, _from(what))
    return {each.resource.id: booking.prepare(found, each.resource) for each in bookable}


def submit(tx: Tx, monitor: Monitor, what: Submission) -> Receipt:
    """Decide and store, whole or not at all.

    Raises Refused with the rule's name, NotFound or Forbidden when a recipient isn't there for the author any more,
    Conflict(message-id-reused) when the author sent other bytes under this Message-ID before.
    """
    what = replace(what, author=author_of(tx, monitor, what.caller, _from(what)))
    to = _recipients(tx, monitor, what)
    _judge_all(tx, monitor, what, to)
    kept = _submission(tx, monitor, what)
    outcomes = [_post(tx, monitor, what, room, kept) for room in to if isinstance(room, Room)]
    people = [person for person in to if isinstance(person, Person)]
    outsiders = [outsider for outsider in to if isinstance(outsider, Outsider)]
    for each in to:
        if isinstance(each, Bookable):
            _book(tx, monitor, what, each, kept)
    if people or outsiders:
        _mail(tx, monitor, what, people, outsiders, kept)
    return Receipt(what.message_id, tuple(outcomes))


def _from(what: Submission) -> str:
    """What the message says of its author; without anything, the caller's address."""
    said = what.scanned.from_addresses
    return said[0].spec if said else what.caller.address


def _recipients(tx: Tx, monitor: Monitor, what: Submission) -> tuple[Recipient, ...]:
    """Each once, however often and in whatever case it was named, with the author's permits.

    Who hands it in for another needs leave of their own, too: to send for somebody opens no room.
    """
    found: tuple[Recipient, ...] = ()
    for voice in what.voices:
        each_of = (resolve(tx, monitor, voice, recipient.address, what.domain) for recipient in what.recipients)
        found = tuple(dict.fromkeys(each_of))
    return found


def _judge_all(tx: Tx, monitor: Monitor, what: Submission, to: tuple[Recipient, ...]) -> None:
    """Raise Refused when a rule refuses the message for any of its recipients."""
    known, marks = False, asked(what.scanned.subject, what.scanned.fields)
    if what.leaves:
        quoted = Quoted((what.message_id, *what.scanned.references), what.prints)
        known = any(quotes_known_post(tx, monitor, voice, quoted) for voice in what.voices)
        marks = strictest(marks, _above(tx, monitor, what))
    rooms: list[Room | None] = [each for each in to if isinstance(each, Room)]
    for room in rooms or [None]:
        facts = _facts(what, to, room, may_publish=True, quotes_known_post=known, marks=marks)
        fate = judge(facts)
        if fate.verdict is Verdict.REFUSE:
            raise Refused(fate.rule, fate.text)


def _refuse_a_known_name(tx: Tx, monitor: Monitor, what: Submission) -> None:
    """Raise Conflict when the Message-ID is that of another's post; one that the author can't see isn't told of."""
    view = monitor.view(tx, what.author, Action.READ, Kind.POST)
    if names_known_post(view, (what.message_id,)):
        raise Conflict("message-id-reused", "another message has this Message-ID")


def _submission(tx: Tx, monitor: Monitor, what: Submission) -> Kept:
    """A new submission, or that of an earlier arrival of the same message."""
    same = tx.rows(_SAME_NAME, {"message_id": what.message_id})
    for seen in same:
        if seen.author == what.author.official:
            if bytes(seen.sha256) != what.bytes.sha256:
                raise Conflict("message-id-reused", "other bytes were accepted under this Message-ID")
            return Kept(seen.id, seen.content, new=False)
    if same:
        _refuse_a_known_name(tx, monitor, what)
    stored = content.add(tx, what.bytes, _period(tx, what))
    row = {"author": what.author.official, "message_id": what.message_id, "content": stored, "received": what.received}
    return Kept(tx.insert(_SUBMISSION, row), stored, new=True)


def _period(tx: Tx, what: Submission) -> str:
    """Under whose key it goes, where bytes are kept secret: of the month in which its rooms' last class ends."""
    rooms = [each for each in what.recipients if isinstance(each, Room)]
    if not (rooms and tx.seals.sealing):
        return UNDATED
    known = classes.lengths(tx)
    return month(tx.now + max(classes.length_of(known, each.retention) for each in rooms))


def _post(tx: Tx, monitor: Monitor, what: Submission, room: Room, kept: Kept) -> Outcome:
    if not kept.new:
        earlier = tx.first(_POST_OF, {"submission": kept.id, "room": room.id})
        if earlier is not None:
            return Outcome(room.code, earlier.rule, earlier.number)
    may_publish, posts_alone = (
        all(monitor.decide(tx, voice, action, Kind.ROOM, room.id).allowed for voice in what.voices)
        for action in (Action.PUBLISH, Action.POST_ALONE)
    )
    marks = _marks(what.scanned, room.marks, _above(tx, monitor, what))
    facts = _facts(what, (room,), room, may_publish=may_publish, marks=marks)
    fate = judge(replace(facts, posts_alone=posts_alone))
    number = 0
    if fate.verdict is not Verdict.ACCEPT:
        number = int(tx.first(_NUMBER, {"this": room.id}).holds)
    _store(tx, monitor, what, room, kept, fate, number, marks)
    return Outcome(room.code, fate.rule, number)


def _store(
    tx: Tx, monitor: Monitor, what: Submission, room: Room, kept: Kept, fate: Fate, number: int, marks: Marks
) -> None:
    room.permit.use(tx, Action.POST, room.id)
    state, event = STATES[fate.verdict]
    place = _place(tx, monitor, what, room)
    row = {
        "token": secrets.token_urlsafe(12),
        "submission": kept.id,
        "rendering": rendering.add(tx, _rendered(what, room, marks), kept.content),
        "room": room.id,
        "author": what.author.official,
        "sender": what.caller.official,
        "owner": room.permit.unit,
        "marking": int(marks.marking),
        "handling": int(marks.handling),
        "competence": room.competence,
        "retention": room.retention,
        "state": state,
        "rule": fate.rule,
        "number": number,
        "parent": place.parent,
        "thread": place.thread,
        "received": what.received,
        "published": tx.now if fate.verdict is Verdict.ACCEPT else 0,
    }
    post = tx.insert(_POST, row)
    tx.insert(_PRINT_DUE, {"post": post})
    if labels.asks_for_receipts(what.scanned):
        tx.insert(_RECEIPT_WANTED, {"post": post})
    if not place.thread:
        tx.change(_THREAD, {"this": post})
    if fate.verdict is Verdict.HOLD and is_strict(marks.marking, marks.handling, room.marks.handling):
        require_a_moderator(tx, monitor, post)
    if fate.verdict is Verdict.CONFIRM:
        unconfirmed.hold(tx, post, _seeming(what))
    if fate.verdict is Verdict.DRAFT:
        drafts.hold(tx, monitor, post, _seeming(what))
        draft_endings.supersede(tx, what.scanned, what.author.official, room.id, what.caller.official)
    tx.record(event, post, room.id)


def _place(tx: Tx, monitor: Monitor, what: Submission, room: Room) -> Place:
    names = what.scanned.references
    return find_place(readable(tx, monitor, what.author, Kind.POST), room.id, names) if names else NO_PLACE


def _above(tx: Tx, monitor: Monitor, what: Submission) -> Marks:
    """What is inherited from what either has read, for either may have quoted it."""
    return strictest(*(above(tx, monitor, voice, what.scanned.references) for voice in what.voices))


def _facts(
    what: Submission,
    to: tuple[Recipient, ...],
    room: Room | None,
    *,
    may_publish: bool,
    quotes_known_post: bool = False,
    marks: Marks = UNMARKED,
) -> Facts:
    return Facts(
        what.caller,
        what.author,
        what.scanned,
        to,
        room,
        may_publish,
        quotes_known_post,
        what.invites_outside,
        marks,
        _seeming(what),
    )


def _seeming(what: Submission) -> tuple[str, ...]:
    """The kinds of personal data that it seems to hold; a room may have begun to bar them while it was prepared."""
    return (UNREAD,) if what.personal_data is None else what.personal_data


def is_strict(marking: int, handling: int, usual: int) -> bool:
    """Whether a post's marking or handling code may keep it from moderators of its room, whose `usual` one is."""
    return marking >= Marking.AMBER_STRICT or handling > usual


def require_a_moderator(tx: Tx, monitor: Monitor, post: int) -> None:
    """Raise Refused when the marking keeps the post from everybody who could decide on it: it would wait for ever."""
    if not monitor.audience(tx, Action.MODERATE, Kind.POST, post, strong=True):
        raise Refused("nobody-may-moderate", "no moderator of the room may read a post with this marking")


def _marks(scanned: Scanned, least: Marks, inherited: Marks) -> Marks:
    """The default, made stricter by the author's labels or by what is answered; never wider."""
    return strictest(least, asked(scanned.subject, scanned.fields), inherited)


def _rendered(what: Submission, room: Room, marks: Marks) -> rendering.Rendered:
    """What was rendered beforehand, unless the room or the thread asks for other marks since."""
    ready = what.renderings.get(room.id)
    return ready[1] if ready is not None and ready[0] == marks else _render_for_room(what, room, marks)


def _render_for_room(what: Submission, room: Room, marks: Marks) -> rendering.Rendered:
    """The room's own handling code goes without saying; a stricter one stands in the Subject."""
    asking = labels.receipt_fields(what.scanned, what.domain)
    fields = [*_trace(what), *labels.room_fields(room.code, marks, what.domain), *asking]
    code = marks.handling if marks.handling > room.marks.handling else Handling.H0
    return rendering.render(what.raw, what.scanned, fields, marks.marking, code)


def _render_for_people(what: Submission, marks: Marks) -> rendering.Rendered:
    """The usual marking stands in a field only."""
    fields = [*_trace(what), *labels.mark_fields(marks)]
    label = marks.marking if marks.marking > personal_mail.DEFAULT.marking or marks.handling else None
    return rendering.render(what.raw, what.scanned, fields, label, marks.handling)


def _trace(what: Submission) -> list[tuple[str, str]]:
    missing = labels.missing_fields(what.scanned, what.message_id, what.received)
    return [labels.received_field(what.domain, what.received), *missing]


def _book(tx: Tx, monitor: Monitor, what: Submission, asked: Bookable, kept: Kept) -> None:
    """The resource decides for itself, here and now; its answer is in the organiser's INBOX with the same commit."""
    marks = _marks(what.scanned, personal_mail.DEFAULT, _above(tx, monitor, what))
    message = booking.Message(
        caller=what.author,
        domain=what.domain,
        message_id=what.message_id,
        submission=kept.id,
        marks=marks,
        automatic=what.scanned.auto_submitted not in ("", "no"),
    )
    call = what.calls.get(asked.resource.id)
    if call is None or call.resource != asked.resource:
        call = _calls(what, [asked])[asked.resource.id]
    booking.book(tx, monitor, asked.permit, call, message)


def _mail(
    tx: Tx,
    monitor: Monitor,
    what: Submission,
    people: list[Person],
    outsiders: list[Outsider],
    kept: Kept,
) -> None:
    """Personal mail: one rendering for all who get it by name, here and at partners."""
    unit = (people or outsiders)[0].permit.unit
    known = personal_mail.of_submission(tx, kept.id)
    if known is None:
        marks = _marks(what.scanned, personal_mail.DEFAULT, _above(tx, monitor, what))
        ready = what.for_people
        rendered = ready[1] if ready is not None and ready[0] == marks else _render_for_people(what, marks)
        made = rendering.add(tx, rendered, kept.content)
        mail = personal_mail.Mail(made, "mail", what.author.official, unit, marks.marking, marks.handling)
        known = personal_mail.add(tx, mail, kept.id)
    for person in people:
        person.permit.use(tx, Action.MAIL, person.id)
    personal_mail.deliver(tx, known.id, [person.id for person in people])
    personal_mail.require_readable(tx, monitor, known.id, [person.id for person in people])
    for outsider in outsiders:
        outsider.permit.use(tx, Action.RELAY, outsider.domain)
        outbound.queue(tx, outbound.Item(kept.id, known.rendering, what.author, outsider.address, outsider.domain))
