"""A message as readers get it, fixed once per post or mail and never per reader, so that sizes never change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, literal_column, select

from groupware import content, tables
from groupware.labels import RECEIPT_FIELD
from groupware.message import header, words
from groupware.message.fields import Head, read_tolerantly
from groupware.message.render import NEVER_SHOWN, render_head
from groupware.message.structure import VERSION, describe
from groupware.sealing.seals import HEAD, month
from groupware.sealing.seals import period_of as _period
from groupware.store.dialect import next_key
from policies.vocabulary import Handling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.message.scan import Scanned
    from groupware.store import Snapshot, Tx
    from policies.vocabulary import Marking

DROPPED = NEVER_SHOWN | {
    b"x-tlp",
    b"x-handling",
    b"mmhs-authorizing-users",
    b"list-id",
    b"list-post",
    b"list-help",
    b"list-archive",
    b"list-owner",
    b"list-subscribe",
    b"list-unsubscribe",
}
"""What a client may not say to readers: CONTRACT's list, and the fields that only ICONet sets."""

_ASKING = frozenset({RECEIPT_FIELD.lower().encode(), b"disposition-notification-options", b"return-receipt-to"})
"""RFC 8098 2: where receipts come to us, they come to nobody else."""
_INSERT = insert(tables.rendering)
_NEXT = select(next_key(literal_column("rendering")).label("id"))
_BEGINS = select(func.substr(tables.rendering.c.head, 1, HEAD).label("begins")).where(
    tables.rendering.c.id == bindparam("this")
)
SEALED = ("head", "envelope", "body", "bodystructure")
"""What is sealed where bytes are kept secret. `subject` is not: lists show it, and no backup holds it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendering ready to be stored; made outside the transaction, since it takes CPU."""

    head: bytes
    body_at: int
    size: int
    envelope: bytes
    body: bytes
    bodystructure: bytes
    message_id: str
    subject: str
    sender: str
    sent: int | None


def render(
    raw: bytes,
    scanned: Scanned,
    added: Sequence[tuple[str, str]] = (),
    label: Marking | None = None,
    handling: Handling = Handling.H0,
    *,
    exactly: bool = False,
) -> Rendered:
    """The rendering of `raw` with `added` fields on top and the labels in the Subject, see message.render."""
    name = label.label if label is not None else None
    old = raw[: scanned.body_at]
    read = scanned.fields
    drop = DROPPED | _ASKING if any(name == RECEIPT_FIELD for name, _ in added) else DROPPED
    head = render_head(old, added=added, drop=drop, label=name, handling=handling, exactly=exactly, read=read)
    return _described(head, raw, scanned)


def verbatim(raw: bytes, scanned: Scanned) -> Rendered:
    """What an official's own client put into a folder, or ICONet wrote itself: not a byte is changed."""
    return _described(raw[: scanned.body_at], raw, scanned)


def _described(head: bytes, raw: bytes, scanned: Scanned) -> Rendered:
    """The body's tree of parts is that of the raw bytes; only the outer header is another."""
    shown = read_tolerantly(head, 0, len(head))
    root = replace(scanned.root, head=Head(shown.fields, scanned.body_at))
    texts = describe(raw, root)
    return Rendered(
        head=head,
        body_at=scanned.body_at,
        size=len(head) + len(raw) - scanned.body_at,
        envelope=texts.envelope,
        body=texts.body,
        bodystructure=texts.bodystructure,
        message_id=header.message_id(shown.first(b"message-id") or b"") or "",
        subject=_subject(shown),
        sender=", ".join(str(address.spec) for address in scanned.from_addresses[:1]),
        sent=scanned.date,
    )


def subject_of(head: bytes) -> str:
    """The Subject of a rendering, decoded for display."""
    return _subject(read_tolerantly(head, 0, len(head)))


def _subject(head: Head) -> str:
    return words.decode(head.first(b"subject") or b"")


def add(tx: Tx, rendered: Rendered, of: int) -> int:
    """Store it beside the bytes that it renders, in the same period, and return its id."""
    row = {
        "content": of,
        "head": rendered.head,
        "body_at": rendered.body_at,
        "size": rendered.size,
        "envelope": rendered.envelope,
        "body": rendered.body,
        "bodystructure": rendered.bodystructure,
        "scanner": VERSION,
        "message_id": rendered.message_id,
        "subject": rendered.subject,
        "sender": rendered.sender,
        "sent": tx.now if rendered.sent is None else rendered.sent,
        "received": tx.now,
    }
    period = content.period_of(tx, of) if tx.seals.used else ""
    return tx.insert(_INSERT, sealed(tx, period, row) if period else row)


def sealed(tx: Tx, period: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row with an id, and with what it says sealed."""
    number = row.get("id") or int(tx.first(_NEXT, {}).id)
    closed = {name: tx.seals.seal(period, f"rendering.{name}", number, row[name]) for name in SEALED}
    return {**row, **closed, "id": number}


def period_of(tx: Tx, number: int) -> str:
    """The period of a rendering, for what holds the same text; that of a post of today where it isn't sealed yet."""
    row = tx.first(_BEGINS, {"this": number})
    return _period(bytes(row.begins)) or month(tx.now)


def opened(snapshot: Snapshot, number: int, head: bytes) -> bytes:
    """The header block of a rendering, as its row has it."""
    return snapshot.seals.open("rendering.head", number, head)
