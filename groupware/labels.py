"""Markings and trace fields as they appear in the copies that ICONet renders; the stored bytes are never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.message import dates
from groupware.message.markings import HANDLING_FIELD, TLP_FIELD

if TYPE_CHECKING:
    from groupware.message.markings import Marks
    from groupware.message.scan import Scanned


RECEIPTS = "acknowledge"
"""The local part to which readers say that they have taken note."""
RECEIPT_FIELD = "Disposition-Notification-To"
"""RFC 8098 2.1: by it authors ask for acknowledgements."""


def asks_for_receipts(scanned: Scanned) -> bool:
    """Whether the author asks readers to acknowledge."""
    return any(field.name == RECEIPT_FIELD.lower().encode() for field in scanned.fields)


def receipt_fields(scanned: Scanned, domain: str) -> list[tuple[str, str]]:
    """Where the author asks, receipts come to us: hundreds of them would be no answer to a person's mailbox."""
    return [(RECEIPT_FIELD, f"<{RECEIPTS}@{domain}>")] if asks_for_receipts(scanned) else []


def received_field(domain: str, now: int) -> tuple[str, str]:
    """RFC 5321 4.4, with the sender's network address left out: readers have no business with it."""
    return "Received", f"by {domain} (ICONet) with ESMTPSA; {dates.write(now)}"


def room_fields(code: str, marks: Marks, domain: str) -> list[tuple[str, str]]:
    """RFC 2919 List-Id, RFC 2369 List-Post and the marking."""
    return [
        ("List-Id", f"<{code}.{domain}>"),
        ("List-Post", f"<mailto:{code}@{domain}>"),
        *mark_fields(marks),
    ]


def mark_fields(marks: Marks) -> list[tuple[str, str]]:
    """The marking in FIRST's wording, and the handling code."""
    return [(TLP_FIELD, marks.marking.label), (HANDLING_FIELD, marks.handling.label)]


def missing_fields(scanned: Scanned, message_id: str, now: int) -> list[tuple[str, str]]:
    """RFC 6409 8.2, 8.3: what a client left out and every message needs."""
    fields = [] if scanned.message_id else [("Message-ID", message_id)]
    return fields if scanned.date is not None else [*fields, ("Date", dates.write(now))]
