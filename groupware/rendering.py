"""A message as readers get it, fixed once per post or mail and never per reader, so that sizes never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import insert

from groupware import tables
from groupware.message.render import render_head
from groupware.message.scan import Scanned, scan
from groupware.message.structure import VERSION, describe
from groupware.store import Tx
from policies.vocabulary import Marking

DROPPED = frozenset(
    {
        b"bcc",
        b"approved",
        b"control",
        b"also-control",
        b"supersedes",
        b"xref",
        b"path",
        b"return-path",
        b"x-tlp",
        b"list-id",
        b"list-post",
        b"list-help",
        b"list-archive",
        b"list-unsubscribe",
        b"x-iconet-room",
        b"x-iconet-owner",
    }
)
"""What a client may not say in its own name: CONTRACT's list, and the fields that ICONet sets itself."""

_INSERT = insert(tables.rendering)


class Card(Protocol):
    """What a room shows of itself in the fields added to its posts."""

    code: str
    name: str
    address: str


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
    raw: bytes, scanned: Scanned, added: Sequence[tuple[str, str]] = (), label: Marking | None = None
) -> Rendered:
    """The rendering of `raw` with `added` fields on top and the marking's label in the Subject.

    Raises message.scan.Unacceptable when the added fields make a header block that is too large.
    """
    name = label.label if label is not None else None
    head = render_head(raw[: scanned.body_at], added=added, drop=DROPPED, label=name)
    return _describe(head, raw, scanned)


def verbatim(raw: bytes, scanned: Scanned) -> Rendered:
    """What an official's own client put into a folder: not a byte is changed."""
    return _describe(raw[: scanned.body_at], raw, scanned)


def _describe(head: bytes, raw: bytes, scanned: Scanned) -> Rendered:
    texts = describe(head, raw, scanned)
    shown = scan(head, strict=False)
    return Rendered(
        head=head,
        body_at=scanned.body_at,
        size=len(head) + len(raw) - scanned.body_at,
        envelope=texts.envelope,
        body=texts.body,
        bodystructure=texts.bodystructure,
        message_id=scanned.message_id or "",
        subject=shown.subject,
        sender=scanned.sender,
        sent=scanned.date,
    )


def add(tx: Tx, rendered: Rendered, content: int) -> int:
    """Store it beside the bytes that it renders and return its id."""
    row = {
        "content": content,
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
    return tx.insert(_INSERT, row)
