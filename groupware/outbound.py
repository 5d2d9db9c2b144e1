"""Mail to partners waits here until the other side has taken it: rows with leases, tried again after a while.

A row is written in the transaction that accepts the message. Whoever holds the lease asks the monitor once more and
sends; a sender that dies leaves the lease to run out. The other side drops what it gets twice by its Message-ID.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, insert, select, update

from directory import tables as directory
from groupware import clock, content, ledger, release_gate, tables, undelivered
from groupware.caller import Caller
from groupware.content import within
from groupware.events import EventKind
from groupware.message.covering import covered
from groupware.message.fields import read_tolerantly
from groupware.message.markings import asked
from groupware.rendering import opened
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

logger = logging.getLogger(__name__)

LEASE = 120 * clock.MICROSECONDS
MOST_ATTEMPTS = 12
FIRST_PAUSE = 60 * clock.MICROSECONDS
LONGEST_PAUSE = 4 * 3600 * clock.MICROSECONDS
LONGEST_REPLY = 500
MOST_OCTETS = 8 << 20
"""Of messages that are claimed, and so in memory, at once; a larger one comes alone."""
LOST = "the message's text is lost here; please send it again"
LEFT = "its author has left"
NOT_ALLOWED = "you may not send mail to this partner any more"


@dataclass(frozen=True, slots=True)
class Item:
    """What goes to one mailbox outside: the rendering that readers by name get, from the caller."""

    submission: int
    rendering: int
    caller: Caller
    recipient: str
    domain: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that this sender may send now; `attempts` counts the earlier ones."""

    id: int
    rendering: int
    sender: str
    recipient: str
    domain: str
    attempts: int


_out = tables.outbound.c
_QUEUED = select(_out.id).where(_out.submission == bindparam("submission"), _out.recipient == bindparam("recipient"))
_QUEUE = insert(tables.outbound)
_DUE = (
    select(
        _out.id,
        _out.rendering,
        _out.sender,
        _out.recipient,
        _out.domain,
        _out.attempts,
        _out.official,
        tables.rendering.c.size,
    )
    .join(tables.rendering, tables.rendering.c.id == _out.rendering)
    .where(_out.state == "queued", _out.due <= bindparam("now"), _out.lease_until < bindparam("now"))
    .order_by(_out.due)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(_out.due).where(_out.state == "queued").order_by(_out.due).limit(1)
_CLAIM = (
    update(tables.outbound)
    .where(_out.id == bindparam("this"))
    .values(owner=bindparam("me"), lease_until=bindparam("until"))
)
_END = (
    update(tables.outbound)
    .where(_out.id == bindparam("this"), _out.state == "queued")
    .values(
        state=bindparam("to"),
        attempts=bindparam("tries"),
        due=bindparam("next"),
        owner="",
        lease_until=0,
        reply=bindparam("answer"),
    )
)
_END_OF = (
    update(tables.outbound)
    .where(_out.official == bindparam("of"), _out.state == "queued", _out.lease_until < bindparam("now"))
    .values(state="failed", owner="", lease_until=0, reply=LEFT)
)
_STOP = (
    update(tables.outbound)
    .where(_out.id == bindparam("this"), _out.state == "queued", _out.lease_until < bindparam("now"))
    .values(state="failed", owner="", lease_until=0, reply=bindparam("why"))
)
_SENDER = select(directory.official.c.login, directory.official.c.address, directory.official.c.name).where(
    directory.official.c.id == bindparam("official")
)
_BYTES = select(tables.rendering.c.head, tables.rendering.c.content, tables.rendering.c.body_at).where(
    tables.rendering.c.id == bindparam("rendering")
)
_WRITTEN_BY_SOMEBODY = select(exists().where(tables.mail.c.submission == _out.submission, _out.id == bindparam("this")))


def queue(tx: Tx, item: Item) -> int:
    """Have it sent; a repeat of the same message to the same mailbox is not sent twice. Returns its row."""
    key = {"submission": item.submission, "recipient": item.recipient}
    known = tx.connection.execute(_QUEUED, key).scalar()
    if known is not None:
        return int(known)
    row = {
        **key,
        "rendering": item.rendering,
        "official": item.caller.official,
        "sender": item.caller.address,
        "domain": item.domain,
        "state": "queued",
        "due": tx.now,
    }
    number = tx.insert(_QUEUE, row)
    tx.record(EventKind.OUTBOUND_QUEUED, number)
    return number


def claim(tx: Tx, monitor: Monitor, domain: str, me: str, most: int) -> Sequence[Claimed]:
    """Take the lease of what is due. What its author may not send any more fails here, by the rule's name."""
    rows = tx.connection.execute(_DUE, {"now": tx.now, "most": most}).all()
    mine = []
    for row in within(MOST_OCTETS, rows):
        person = tx.connection.execute(_SENDER, {"official": row.official}).one()
        author = Caller(row.official, person.login, person.address, person.name, Door.SUBMISSION)
        release = release_gate.of_outbound(tx, row.id)
        objection = _objection(tx, monitor, author, row, release)
        if not objection:
            tx.connection.execute(_CLAIM, {"this": row.id, "me": me, "until": tx.now + LEASE})
            mine.append(Claimed(row.id, row.rendering, row.sender, row.recipient, row.domain, row.attempts))
        else:
            tx.leave_refused((objection,))
            _end(tx, row.id, "failed", row.attempts, 0, objection)
            _tell(tx, domain, row, release, objection)
    return mine


def _tell(tx: Tx, domain: str, row: Row[*tuple[Any, ...]], release: int, objection: str) -> None:
    if release:
        release_gate.stop(tx, release, objection)
    else:
        undelivered.tell(tx, domain, row.id, NOT_ALLOWED)


def _objection(tx: Tx, monitor: Monitor, author: Caller, row: Row[*tuple[Any, ...]], release: int) -> str:
    """The rule by which it may not leave any more: of all mail the partner's, of a release those of the release."""
    if release:
        return release_gate.objection(tx, monitor, release)
    decision = monitor.decide(tx, author, Action.RELAY, Kind.PARTNER, row.domain)
    return "" if decision.allowed else " ".join(decision.rules)


def stop(tx: Tx, number: int, why: str) -> bool:
    """Don't send a row that waits; False for one that has been sent, or is being sent this moment."""
    return tx.change(_STOP, {"this": number, "now": tx.now, "why": why}) == 1


def sent(tx: Tx, claimed: Claimed, reply: str) -> None:
    """The other side took it."""
    ledger.sent_out(tx, claimed.domain, claimed.id)
    _end(tx, claimed.id, "sent", claimed.attempts + 1, 0, reply)
    tx.record(EventKind.OUTBOUND_SENT, claimed.id)


def failed(tx: Tx, domain: str, claimed: Claimed, reply: str, *, temporary: bool) -> None:
    """The other side didn't: try again later, longer each time, or never and tell its author (RFC 5321 4.5.4.1)."""
    tries = claimed.attempts + 1
    again = temporary and tries < MOST_ATTEMPTS
    pause = min(LONGEST_PAUSE, FIRST_PAUSE << min(tries, 20))
    _end(tx, claimed.id, "queued" if again else "failed", tries, tx.now + pause if again else 0, reply)
    if not again:
        undelivered.tell(tx, domain, claimed.id, reply[:LONGEST_REPLY])


def end_of(tx: Tx, official: int) -> int:
    """Send nothing more for somebody who leaves; what is being sent this moment isn't tried again."""
    return tx.connection.execute(_END_OF, {"of": official, "now": tx.now}).rowcount


def next_due(snapshot: Snapshot) -> int | None:
    """When there is something to send next (microseconds), if ever."""
    due: int | None = snapshot.connection.execute(_NEXT_DUE).scalar()
    return due


def messages(
    snapshot: Snapshot, claimed: Sequence[Claimed], bytes_at: Path
) -> tuple[Sequence[tuple[Claimed, bytes]], Sequence[tuple[Claimed, OSError]]]:
    """The bytes to send, and for which rows the disk doesn't give them."""
    found, failed_ones = [], []
    for each in claimed:
        try:
            found.append((each, _message(snapshot, each, bytes_at)))
        except OSError as error:
            failed_ones.append((each, error))
    return found, failed_ones


def unreadable(tx: Tx, domain: str, claimed: Claimed, error: OSError) -> None:
    """A file that is lost doesn't come back: its author is told. A disk that fails otherwise is tried again."""
    logger.error("outbound %d can't be sent: %s", claimed.id, error)
    failed(tx, domain, claimed, LOST, temporary=not isinstance(error, FileNotFoundError))


def _message(snapshot: Snapshot, claimed: Claimed, bytes_at: Path) -> bytes:
    """The readers' rendering with the marking before its text; what ICONet wrote goes as it was recorded."""
    row = snapshot.connection.execute(_BYTES, {"rendering": claimed.rendering}).one()
    head = opened(snapshot, claimed.rendering, bytes(row.head))
    raw = head + content.load(snapshot, bytes_at, row.content, row.body_at)
    if not snapshot.connection.execute(_WRITTEN_BY_SOMEBODY, {"this": claimed.id}).scalar():
        return raw
    return covered(raw, asked("", read_tolerantly(head, 0, len(head)).fields))


def _end(tx: Tx, number: int, state: str, tries: int, due: int, reply: str) -> None:
    values = {"this": number, "to": state, "tries": tries, "next": due, "answer": reply[:LONGEST_REPLY]}
    tx.connection.execute(_END, values)
