"""What is written in the portal becomes a message: the same bytes as any client's, handed in the same way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.errors import Refused
from groupware.labels import RECEIPT_FIELD
from groupware.message import header
from groupware.message.compose import compose
from groupware.message.fields import read_tolerantly
from groupware.message.markings import labelled, subject_marking
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.reading import PostCard, RoomCard

MOST_REFERENCES = 20
_REPLY = re.compile(r"(?:re|aw|sv|odp|antw|r|rif)\s?:\s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote. `name` and `date` (microseconds) are of the form, so that sending it twice is one post.

    `author` is the address of whom it is sent for; empty: who wrote it. `receipts`: readers are to acknowledge it.
    """

    subject: str
    text: str
    marking: Marking
    name: str
    date: int
    author: str = ""
    receipts: bool = False


@dataclass(frozen=True, slots=True)
class Voices:
    """Who writes, and in whose name: the same, or one for whom they may send."""

    caller: Caller
    author: Caller


@dataclass(frozen=True, slots=True)
class Parent:
    """The post that is answered, and its header block as readers get it."""

    card: PostCard
    head: bytes


def written(voices: Voices, domain: str, room: RoomCard, draft: Draft, parent: Parent | None = None) -> bytes:
    """The message: From the author (and Sender, where another writes: RFC 5322 3.6.2), the marking before its text.

    In-Reply-To and References are of what it answers.

    Raises Refused(malformed-field) for a subject or a text that no message can have.
    """
    chosen = max(draft.marking, Marking(room.marking))
    stricter = draft.marking > room.marking
    above = Marking(parent.card.marking) if parent else Marking.CLEAR
    marking = max(chosen, subject_marking(draft.subject) or Marking.CLEAR, above)
    try:
        return compose(
            sender=voices.author.address,
            sender_name=voices.author.name,
            to=[(room.name, f"{room.code}@{domain}")],
            subject=labelled(draft.subject, chosen) if stricter else draft.subject,
            text=f"{marking.label}\n\n{draft.text}",
            message_id=f"<{draft.name}@{domain}>",
            date=draft.date,
            in_reply_to=parent.card.message_id if parent else None,
            references=references(parent) if parent else (),
            extra=_extra(voices, receipts=draft.receipts),
        )
    except ValueError as error:
        raise Refused("malformed-field", str(error)) from error


def _extra(voices: Voices, *, receipts: bool) -> list[tuple[str, str]]:
    sender = [] if voices.author == voices.caller else [("Sender", voices.caller.address)]
    return [*sender, *([(RECEIPT_FIELD, f"<{voices.author.address}>")] if receipts else [])]


def references(parent: Parent) -> list[str]:
    """RFC 5322 3.6.4: the parent's References (else its In-Reply-To), then the parent; the first and last of many."""
    head = read_tolerantly(parent.head, 0, len(parent.head))
    earlier = list(header.references(head.first(b"references"), head.first(b"in-reply-to")))
    known = [name for name in earlier if name != parent.card.message_id]
    kept = known if len(known) < MOST_REFERENCES else [known[0], *known[2 - MOST_REFERENCES :]]
    return [*kept, parent.card.message_id]


def answer_subject(subject: str, marking: int) -> str:
    """`Re: ` and the subject without its label and without an older `Re: ` in whatever language."""
    bare = subject.removeprefix(f"[{Marking(marking).label}]").strip()
    while found := _REPLY.match(bare):
        bare = bare[found.end() :]
    return f"Re: {bare}"
