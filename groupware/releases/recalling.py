"""Consent is withdrawn after the package has left: its recipient is told by mail, through the same relay, once.

It goes in the name of the delegate who withdrew: who asked may have left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from groupware import clock, content, outbound, release_gate, rendering, tables
from groupware.message.compose import compose, new_message_id
from groupware.message.scan import scan
from groupware.release_tables import consent, package
from groupware.releases.packing import SERVICE
from groupware.reply_addresses import RELEASE_DESK

if TYPE_CHECKING:
    from groupware.releases.rows import Release
    from groupware.store import Tx

_TOLD = select(package.c.told).where(package.c.release == bindparam("of"))
_BY = (
    select(consent.c.decided_by)
    .where(consent.c.release == bindparam("of"), consent.c.state == "withdrawn")
    .order_by(consent.c.decided.desc())
    .limit(1)
)
_TELL = update(package).where(package.c.release == bindparam("of")).values(told=bindparam("row"))
_SUBMISSION = insert(tables.submission)


def recall(tx: Tx, known: Release, domain: str) -> bool:
    """Queue the mail; False when it was told before, or nothing has left."""
    if tx.connection.execute(_TOLD, {"of": known.id}).scalar() != 0:
        return False
    by = int(tx.connection.execute(_BY, {"of": known.id}).scalar_one())
    name = new_message_id(domain)
    raw = compose(
        sender=f"{RELEASE_DESK}@{domain}",
        sender_name=SERVICE,
        to=[("", known.recipient)],
        subject=f"Release no. {known.id} is withdrawn",
        text=f"Consent to ICONet release no. {known.id} was withdrawn.\n\n"
        "Please use what you were sent no more, delete it, and pass this on to whoever has a copy.\n",
        message_id=name,
        date=clock.now(),
        extra=[("X-ICONet-Release", str(known.id))],
    )
    stored = content.add(tx, content.in_row(raw))
    row = {"author": by, "message_id": name, "content": stored, "received": tx.now}
    item = outbound.Item(
        tx.insert(_SUBMISSION, row),
        rendering.add(tx, rendering.verbatim(raw, scan(raw)), stored),
        replace(release_gate.asker(tx, by), address=f"{RELEASE_DESK}@{domain}"),
        known.recipient,
        known.domain,
    )
    tx.connection.execute(_TELL, {"of": known.id, "row": outbound.queue(tx, item)})
    return True
