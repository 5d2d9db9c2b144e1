"""What the homeserver tells of rooms has its effect, once: words become posts, our own events are known again.

The keys in the content of our own only say where to look: people can't send them (`speech.read`), and who did
nevertheless finds no row of theirs that waits for an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select

from groupware import clock, content, posting
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.matrix import holds, membership, outbox, speech, telling
from groupware.matrix.outbox import What
from groupware.matrix.saying import HELD
from groupware.matrix_tables import matrix_transaction
from groupware.message.errors import Unacceptable
from groupware.message.scan import scan
from groupware.recipients import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.matrix.holds import Hold
    from groupware.matrix.outbox import Queued
    from groupware.matrix.rooms import Room
    from groupware.matrix.saying import House
    from groupware.posting import Submission
    from groupware.store import Snapshot, Tx

REMEMBERED = 30 * 24 * 3600 * clock.MICROSECONDS
"""For how long a transaction is known again; the homeserver repeats only those that weren't answered."""
NOT_SAID = (Refused, Forbidden, NotFound, Conflict, Unacceptable)
"""For these an event is taken back: it can't be a post."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message event of a room; `sender` is a login, "" for the bridge itself, `at` in microseconds."""

    id: str
    room: Room
    sender: str
    content: Mapping[str, Any]
    at: int


_SEEN = select(matrix_transaction.c.name).where(matrix_transaction.c.name == bindparam("transaction"))
_REMEMBER = insert(matrix_transaction)
_FORGET = delete(matrix_transaction).where(matrix_transaction.c.at < bindparam("before"))


def seen(snapshot: Snapshot, name: str) -> bool:
    """Whether the transaction has had its effect."""
    return snapshot.connection.execute(_SEEN, {"transaction": name}).first() is not None


def remember(tx: Tx, name: str) -> None:
    """It has."""
    if not seen(tx, name):
        tx.connection.execute(_REMEMBER, {"name": name, "at": tx.now})
        tx.connection.execute(_FORGET, {"before": tx.now - REMEMBERED})


def prepared(snapshot: Snapshot, house: House, heard: Heard) -> Submission | None:
    """What somebody said, ready to be handed in; None for what has had its effect. Raises NOT_SAID's errors by rule."""
    if outbox.noted(snapshot, heard.id) or _sent(snapshot, heard) or _held(snapshot, heard):
        return None
    caller = membership.caller_of(snapshot, heard.sender)
    if caller is None:
        raise Forbidden("no-such-official")
    said = speech.read(heard.content)
    if said.upload is not None:
        raise Refused("file-not-taken", "files are taken before they are said")
    answer = speech.answered(snapshot, heard.room.id, said)
    name = speech.name(house.key, "heard", heard.id)
    raw = speech.written(caller, house.domain, heard.room, said, answer, name=name, at=heard.at)
    to = resolve(snapshot, house.monitor, caller, f"{heard.room.code}@{house.domain}", house.domain)
    return posting.prepare(caller, house.domain, raw, scan(raw), content.in_row(raw), [to])


def take(tx: Tx, house: House, heard: Heard, submission: Submission | None) -> None:
    """The event has its effect. Raises NOT_SAID's errors by rule; a second time changes nothing."""
    if outbox.noted(tx, heard.id):
        return
    if submission is None:
        _know_again(tx, heard)
        return
    outcome = posting.submit(tx, house.monitor, submission).outcomes[0]
    if outcome.number:  # the right to publish was lost since it was said
        take_back(tx, heard)
    else:
        post = holds.post_of(tx, submission.message_id, submission.caller.official, heard.room.id)
        outbox.note(tx, heard.id, heard.room.id, post)


def take_back(tx: Tx, heard: Heard) -> None:
    """The event shows no post, and is redacted."""
    if not outbox.noted(tx, heard.id):
        outbox.note(tx, heard.id, heard.room.id, 0)
        outbox.queue(tx, What.REDACT, heard.room.id, event=heard.id)


def _know_again(tx: Tx, heard: Heard) -> None:
    """Our own: what the bridge sent, or the notice that it put in a message's place."""
    row, hold = _sent(tx, heard), _held(tx, heard)
    if row is not None:
        outbox.sent(tx, row, heard.id)
    elif hold is not None:
        holds.stand_in(tx, hold, heard.id)
        outbox.note(tx, heard.id, heard.room.id, 0)
        if hold.state not in ("draft", "unconfirmed", "held"):
            outbox.queue(tx, What.REDACT, heard.room.id, event=heard.id)


def _sent(snapshot: Snapshot, heard: Heard) -> Queued | None:
    """The row that this event is of, if it waits for its event."""
    mark = heard.content.get(telling.MARK)
    key = mark.get("ref") if isinstance(mark, dict) else None
    found = outbox.by_key(snapshot, key) if isinstance(key, str) else None
    waits = found is not None and found[1] == "queued" and found[0].room == heard.room.id
    return found[0] if found is not None and waits else None


def _held(snapshot: Snapshot, heard: Heard) -> Hold | None:
    """The hold in whose place this notice stands, if it is its author's and has none yet."""
    key = heard.content.get(HELD)
    hold = holds.by_key(snapshot, key) if isinstance(key, str) else None
    if hold is None or hold.event or hold.room != heard.room.id:
        return None
    caller = membership.caller_of(snapshot, heard.sender)
    return hold if caller is not None and caller.official == hold.author else None
