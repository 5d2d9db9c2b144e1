"""Colleagues are asked by mail, each at an address of their own to answer to; the draft is enclosed as it would go on.

RFC 7912 4.2 and 4.3: the MSA hands a draft to who may authorise it, as a message of its own (RFC 2046 5.2.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from directory import tables as directory
from groupware import content, enclosures, personal_mail, reading, rendering
from groupware.message import dates
from groupware.message.compose import compose, new_message_id
from groupware.message.markings import TLP_FIELD, labelled
from groupware.message.scan import scan
from groupware.reply_addresses import DRAFTS, NOT_FOR_CHAT, UNTOLD_IN_CHAT
from groupware.sealing.seals import UNDATED
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

ENCLOSED_MAX = 3 * content.LARGEST_ROW // 4
"""Octets. What is larger is read in the portal, as what is marked TLP:RED."""
SENDER = "noreply"
BY_MAIL = "Answer this mail from your own mailbox: begin with yes, or with no and your reason. It works once."
TLP_RED = "It isn't sent by mail: read and decide it in the portal."
TOO_LARGE = "It is too large to be enclosed: read it in the portal."
_PERSON = select(directory.official.c.address, directory.official.c.name).where(
    directory.official.c.id == bindparam("official")
)


@dataclass(frozen=True, slots=True)
class House:
    """What asking needs besides a transaction; `portal` says the portal's address, "" while nobody knows it."""

    monitor: Monitor
    domain: str
    directory: Path
    portal: Callable[[], str]


def colleagues(snapshot: Snapshot, monitor: Monitor, post: int) -> Sequence[int]:
    """Whoever may authorise a draft now, behind whatever sign-in."""
    return monitor.audience(snapshot, Action.AUTHORISE, Kind.POST, post, strong=True)


def ask(tx: Tx, house: House, row: Row[Any], subject: str) -> None:
    """One mail each, with the draft inside where it may be."""
    red = row.marking >= Marking.RED
    enclosed = b"" if red or row.size > ENCLOSED_MAX else b"".join(reading.rendered(tx, row.rendering, house.directory))
    for official in colleagues(tx, house.monitor, row.id):
        if red:
            _send(tx, house, row, official, f"{subject}: no. {row.number} in {row.code}", TLP_RED)
        else:
            chat = NOT_FOR_CHAT if row.marking >= Marking.AMBER_STRICT else UNTOLD_IN_CHAT
            address = DRAFTS.made(tx, row.id, official, house.domain, chat=chat)
            what = BY_MAIL if enclosed else f"{TOO_LARGE}\n{BY_MAIL}"
            _send(tx, house, row, official, f"{subject}: no. {row.number} in {row.code}", what, address, enclosed)


def about(row: Row[Any]) -> str:
    """Numbers, names and dates of a draft, and nothing of its text."""
    why = "drafted" if row.rule == "awaits-authorisation" else "written, which needs a second person's word,"
    return (
        f"No. {row.number} for {row.name} ({row.code}) was {why} by {row.author_name}.\n"
        f"Marking: {Marking(row.marking).label} {Handling(row.handling).label}\n"
        f"Nobody but its author and colleagues who may authorise it can see it.\n"
        f"Last date for a decision: {dates.write(row.until)}. Without one it isn't sent."
    )


def _send(
    tx: Tx,
    house: House,
    row: Row[Any],
    official: int,
    subject: str,
    text: str,
    reply_to: str = "",
    enclosed: bytes = b"",
) -> None:
    """Marked like the draft that is in it, and its owner's."""
    person = tx.connection.execute(_PERSON, {"official": official}).one()
    marking = Marking(row.marking) if enclosed else Marking.GREEN
    where = f"{house.portal()}/drafts/{row.token}" if house.portal() else "Look in the portal."
    raw = compose(
        sender=f"{SENDER}@{house.domain}",
        sender_name="ICONet",
        to=[(person.name, person.address)],
        subject=labelled(subject, marking) if marking > Marking.AMBER else subject,
        text=f"{about(row)}\n\n{text}\n{where}\n",
        message_id=new_message_id(house.domain),
        date=tx.now,
        extra=[
            ("Auto-Submitted", "auto-generated"),
            (TLP_FIELD, marking.label),
            *([("Reply-To", reply_to)] if reply_to else []),
        ],
        enclosed=enclosed or None,
    )
    period = rendering.period_of(tx, row.rendering) if enclosed else UNDATED
    stored = content.add(tx, content.in_row(raw), period)
    made = rendering.add(tx, rendering.verbatim(raw, scan(raw, ours=True)), stored)
    code = row.handling if enclosed else 0
    mail = personal_mail.Mail(made, "notice", personal_mail.ICONET, row.owner, marking, code)
    number = personal_mail.add(tx, mail).id
    personal_mail.deliver(tx, number, [official])
    if enclosed:
        enclosures.keep(tx, row.id, number)
