"""Mail to officials by name, notices from ICONet, and what officials put into their own folders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from groupware import ledger, tables
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.message.markings import Marks
from groupware.store.dialect import current_txid
from policies.vocabulary import Action, Door, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.store import Tx

DEFAULT = Marks(Marking.AMBER)
ICONET = 0
"""The author of notices: nobody's id."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A row to be: whose it is and how it is marked. `kind` is mail, notice or own."""

    rendering: int
    kind: str
    author: int
    owner: int
    marking: Marking
    handling: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A stored mail."""

    id: int
    rendering: int


_INSERT = insert(tables.mail)
_RECIPIENT = insert(tables.mail_recipient)
_COPY = insert(tables.copy).values(txid=current_txid())
_OF_SUBMISSION = select(tables.mail.c.id, tables.mail.c.rendering).where(
    tables.mail.c.submission == bindparam("submission"), tables.mail.c.kind == "mail"
)
_HAVE = select(tables.mail_recipient.c.official).where(tables.mail_recipient.c.mail == bindparam("mail"))


def of_submission(tx: Tx, submission: int) -> Known | None:
    """The mail that an earlier arrival of the same message made."""
    row = tx.connection.execute(_OF_SUBMISSION, {"submission": submission}).first()
    return None if row is None else Known(row.id, row.rendering)


def add(tx: Tx, mail: Mail, submission: int = 0) -> Known:
    """Store it; nobody has it yet."""
    row = {
        "submission": submission,
        "rendering": mail.rendering,
        "kind": mail.kind,
        "author": mail.author,
        "owner": mail.owner,
        "marking": int(mail.marking),
        "handling": mail.handling,
        "at": tx.now,
    }
    return Known(tx.insert(_INSERT, row), mail.rendering)


def deliver(tx: Tx, mail: int, officials: Sequence[int]) -> None:
    """Put it into the INBOX of each who doesn't have it yet."""
    have = {row.official for row in tx.connection.execute(_HAVE, {"mail": mail})}
    new = [official for official in dict.fromkeys(officials) if official not in have]
    if not new:
        return
    tx.connection.execute(_RECIPIENT, [{"mail": mail, "official": official} for official in new])
    tx.connection.execute(_COPY, [{"official": official, "mail": mail, "post": 0} for official in new])
    ledger.delivered(tx, new, Door.IMAP, Kind.MAIL, mail)
    tx.record(EventKind.MAIL_SENT, mail)


def require_readable(tx: Tx, monitor: Monitor, mail: int, officials: Sequence[int]) -> None:
    """Raise Refused when one of them may not read what is being sent: better told now than lost."""
    if officials and not set(officials) <= set(monitor.audience(tx, Action.READ, Kind.MAIL, mail, strong=True)):
        raise Refused("recipient-may-not-read", "a recipient may not read a message with this marking")
