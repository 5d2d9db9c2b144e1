"""Tells an author that a partner didn't take their mail, in the transaction that gives it up (RFC 5321 6.1).

A notice into their INBOX, never a mail to anywhere: with a null return path, and marked as automatic (RFC 3834 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from groupware import notices, tables

if TYPE_CHECKING:
    from groupware.store import Tx

_ABOUT = (
    select(tables.outbound.c.official, tables.outbound.c.recipient, tables.rendering.c.subject)
    .join(tables.rendering, tables.rendering.c.id == tables.outbound.c.rendering)
    .where(tables.outbound.c.id == bindparam("this"))
)


def tell(tx: Tx, domain: str, outbound: int, reply: str) -> None:
    """Say what wasn't delivered, to whom, and what the other side said; nothing of the message but its subject."""
    about = tx.connection.execute(_ABOUT, {"this": outbound}).one()
    text = (
        f"Your message could not be delivered and is not tried again.\n\n"
        f"Recipient: {about.recipient}\nSubject: {about.subject}\nReason: {_readable(reply)}"
    )
    notices.send(tx, domain, [about.official], "Not delivered to " + about.recipient, text, notices.NO_RETURN)


def _readable(reply: str) -> str:
    """What a foreign server said, without what no text may hold."""
    return "".join(char if char.isprintable() else " " for char in reply)
