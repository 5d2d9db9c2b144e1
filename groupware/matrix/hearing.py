"""What the homeserver tells of rooms has its effect, once: words become posts, our own events are known again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select

from groupware import clock, content, posting
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.matrix import holds, membership, outbox, speech, telling
from groupware.matrix.outbox import What
from groupware.matrix.saying import HELD
from groupware.matrix.tables import matrix_transaction
from groupware.message.errors import Unacceptable
from groupware.message.scan import scan
from groupware.recipients import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.caller import Caller
    from groupware.matrix.rooms import Room
    from groupware.matrix.saying import House
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


def is_ours(tx: Tx, heard: Heard) -> bool:
    """Whether the bridge sent the event, or put it in the place of a held message; it is then known from now on.

    The keys in the content only say where to look: people can't send them (`speech.read`), and who did nevertheless
    finds no row of theirs that waits for an event.
    """
    return _is_sent(tx, heard) or _is_placeholder(tx, heard)


def take(tx: Tx, house: House, heard: Heard) -> None:
    """What somebody said becomes a post. Raises NOT_SAID's errors by rule; a second time changes nothing."""
    if outbox.noted(tx, heard.id) or is_ours(tx, heard):
        return
    caller = membership.caller_of(tx, heard.sender)
    if caller is None:
        raise Forbidden("no-such-official")
    _submit(tx, house, caller, heard)


def take_back(tx: Tx, heard: Heard) -> None:
    """The event shows no post, and is redacted."""
    if not outbox.noted(tx, heard.id):
        outbox.note(tx, heard.id, heard.room.id, 0)
        outbox.queue(tx, What.REDACT, heard.room.id, event=heard.id)


def _submit(tx: Tx, house: House, caller: Caller, heard: Heard) -> None:
    said = speech.read(heard.content)
    answer = speech.answered(tx, heard.room.id, said)
    name = speech.name(house.key, "heard", heard.id)
    raw = speech.written(caller, house.domain, heard.room, said, answer, name=name, at=heard.at)
    to = resolve(tx, house.monitor, caller, f"{heard.room.code}@{house.domain}", house.domain)
    prepared = posting.prepare(caller, house.domain, raw, scan(raw), content.in_row(raw), [to])
    outcome = posting.submit(tx, house.monitor, prepared).outcomes[0]
    if outcome.number:  # the right to publish was lost since it was said
        take_back(tx, heard)
    else:
        post = holds.post_of(tx, prepared.message_id, caller.official, heard.room.id)
        outbox.note(tx, heard.id, heard.room.id, post)


def _is_sent(tx: Tx, heard: Heard) -> bool:
    mark = heard.content.get(telling.MARK)
    key = mark.get("ref") if isinstance(mark, dict) else None
    found = outbox.by_key(tx, key) if isinstance(key, str) else None
    if found is None or found[1] != "queued" or found[0].room != heard.room.id:
        return False
    outbox.sent(tx, found[0], heard.id)
    return True


def _is_placeholder(tx: Tx, heard: Heard) -> bool:
    key = heard.content.get(HELD)
    hold = holds.by_key(tx, key) if isinstance(key, str) else None
    if hold is None or hold.event or hold.room != heard.room.id or not _wrote(tx, hold.author, heard.sender):
        return False
    holds.stand_in(tx, hold, heard.id)
    outbox.note(tx, heard.id, heard.room.id, 0)
    if hold.state != "held":
        outbox.queue(tx, What.REDACT, heard.room.id, event=heard.id)
    return True


def _wrote(snapshot: Snapshot, official: int, login: str) -> bool:
    caller = membership.caller_of(snapshot, login)
    return caller is not None and caller.official == official
