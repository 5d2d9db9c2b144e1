"""The posting chain: what is asked of every message, in this order, whatever the door. The first fate counts.

A rule is a small function with a name; it says nothing (the next rule is asked), or the fate. Refusals are told
while the sender still waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from groupware.message.markings import UNMARKED, Marks
from groupware.recipients import Outsider, Room
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.message.scan import Scanned

MOST_HOPS = 50
MOST_RECIPIENTS = 100


class Verdict(StrEnum):
    """What becomes of a message."""

    ACCEPT = "accept"
    DRAFT = "draft"
    CONFIRM = "confirm"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Fate:
    """The verdict, the name of the rule that said so, and a sentence for the sender."""

    verdict: Verdict
    rule: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules may look at: who sends what to whom. `room` is None for the part that goes to no room.

    `caller` hands in what is the `author`'s: the same, or one who may send for them.
    `invites_outside`: it is an invitation in which somebody outside is named.
    `posts_alone`: neither of the two needs a colleague's word to post there.
    `marks` are what the sender's labels and what is answered ask for, `personal_data` the kinds of it that the message
    seems to hold.
    """

    caller: Caller
    author: Caller
    scanned: Scanned
    recipients: tuple[object, ...]
    room: Room | None = None
    may_publish: bool = False
    quotes_known_post: bool = False
    invites_outside: bool = False
    marks: Marks = UNMARKED
    personal_data: tuple[str, ...] = ()
    posts_alone: bool = True


BARRED = "personal-data-barred"
DRAFTED, SECOND_PERSON = "awaits-authorisation", "second-person-needed"
DRAFT_RULES = frozenset({DRAFTED, SECOND_PERSON})
MODERATED = Fate(Verdict.HOLD, "moderated-room", "the message awaits moderation")
Check = Callable[[Facts], Fate | None]


def sender_is_author(facts: Facts) -> Fate | None:
    """RFC 6409 8.1: From is the author, and nobody besides; nor does the name show another's address.

    RFC 5322 3.6.2: where another hands it in for them, Sender says so.
    """
    author, mine = facts.author.address.lower(), facts.caller.address.lower()
    said = [address.spec.lower() for address in facts.scanned.from_addresses]
    shown = {address.name.strip().lower() for address in facts.scanned.from_addresses if "@" in address.name}
    senders = {mine} if author != mine else {"", mine}
    if said == [author] and facts.scanned.sender.lower() in senders and shown <= {author}:
        return None
    return Fate(Verdict.REFUSE, "from-is-not-sender", "From (and Sender) must be your own address")


def resender_is_caller(facts: Facts) -> Fate | None:
    """RFC 5322 3.6.6: who puts a message into the mail again says so, and nobody else."""
    mine = {facts.author.address.lower(), facts.caller.address.lower()}
    if {address.lower() for address in facts.scanned.resent_by} <= mine:
        return None
    return Fate(Verdict.REFUSE, "resender-is-not-sender", "Resent-From and Resent-Sender must be your own address")


def not_too_many(facts: Facts) -> Fate | None:
    """RFC 5321 4.5.3.1.8: a list is for many; a message is for some."""
    if len(facts.recipients) <= MOST_RECIPIENTS:
        return None
    return Fate(Verdict.REFUSE, "too-many-recipients", f"at most {MOST_RECIPIENTS} recipients")


def no_loop(facts: Facts) -> Fate | None:
    """RFC 5321 6.3: a message that has been through too many hands goes round."""
    if facts.scanned.received_count <= MOST_HOPS:
        return None
    return Fate(Verdict.REFUSE, "mail-loop", "too many Received fields")


def no_robots_in_rooms(facts: Facts) -> Fate | None:
    """RFC 3834 2: automatic answers don't go to lists."""
    if facts.room is None or facts.scanned.auto_submitted in ("", "no"):
        return None
    return Fate(Verdict.REFUSE, "auto-submitted", "automatic messages aren't taken by rooms")


def no_room_and_outsider(facts: Facts) -> Fate | None:
    """Decision 2005/267/EC 5(2): what goes to a room doesn't go to third parties in the same breath."""
    rooms = any(isinstance(recipient, Room) for recipient in facts.recipients)
    if not rooms or not any(isinstance(recipient, Outsider) for recipient in facts.recipients):
        return None
    return Fate(Verdict.REFUSE, "third-party-beside-room", "a message can't go to a room and to a partner at once")


def no_post_to_outsiders(facts: Facts) -> Fate | None:
    """Same article: what answers, encloses or quotes a post leaves by its owner's word only, as a package."""
    outside = facts.invites_outside or any(isinstance(recipient, Outsider) for recipient in facts.recipients)
    if not outside or not facts.quotes_known_post:
        return None
    return Fate(Verdict.REFUSE, "owner-has-not-consented", "it answers or quotes a post: ask for its release")


def no_strict_to_outsiders(facts: Facts) -> Fate | None:
    """FIRST TLP 2.0: AMBER+STRICT stays with the recipient's organisation, RED with the recipient."""
    outside = any(isinstance(recipient, Outsider) for recipient in facts.recipients)
    if not outside or facts.marks.marking < Marking.AMBER_STRICT:
        return None
    return Fate(Verdict.REFUSE, "marking-stays-inside", f"{facts.marks.marking.label} isn't sent to partners")


def no_handled_to_outsiders(facts: Facts) -> Fate | None:
    """H2 isn't passed on without its owner's permission, and what H3 asks for no program can know."""
    outside = any(isinstance(recipient, Outsider) for recipient in facts.recipients)
    if not outside or facts.marks.handling < Handling.H2:
        return None
    return Fate(Verdict.REFUSE, "handling-stays-inside", f"{facts.marks.handling.label} isn't sent to partners")


def no_draft_alone(facts: Facts) -> Fate | None:
    """RFC 7912 4.2: what a drafter hands in awaits the word of a colleague who may post."""
    if facts.room is None or facts.posts_alone:
        return None
    return Fate(Verdict.DRAFT, DRAFTED, "the message awaits a colleague's authorisation")


def no_second_person(facts: Facts) -> Fate | None:
    """Two persons for the markings that the room, or the network, has chosen."""
    if facts.room is None or not facts.room.second_person.asks(facts.marks):
        return None
    return Fate(Verdict.DRAFT, SECOND_PERSON, f"{facts.marks.marking.label} awaits a second person's authorisation")


def no_personal_data(facts: Facts) -> Fate | None:
    """Regulation (EU) 2019/1240 3(4): where personal data is barred, its author confirms that there is none."""
    if facts.room is None or not facts.room.bars_personal_data or not facts.personal_data:
        return None
    return Fate(Verdict.CONFIRM, BARRED, "the message awaits its author's word about personal data")


def moderated(facts: Facts) -> Fate | None:
    """A post to a moderated room waits, unless its author moderates that room."""
    if facts.room is None or facts.may_publish:
        return None
    return MODERATED


CHAIN: tuple[Check, ...] = (
    sender_is_author,
    resender_is_caller,
    not_too_many,
    no_loop,
    no_robots_in_rooms,
    no_room_and_outsider,
    no_post_to_outsiders,
    no_strict_to_outsiders,
    no_handled_to_outsiders,
    no_draft_alone,
    no_second_person,
    no_personal_data,
    moderated,
)
ACCEPTED = Fate(Verdict.ACCEPT, "accepted")


def judge(facts: Facts) -> Fate:
    """The fate that the first rule with an opinion gives; without any, the message is accepted."""
    return next((fate for check in CHAIN if (fate := check(facts)) is not None), ACCEPTED)
