"""When all owners have said yes, the package is made and put into the relay's queue, for its recipient and nobody else.

It is made outside of the transaction, which asks everything once more. The relay asks again when it sends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, insert, select

from directory import tables as directory
from groupware import content, outbound, reading, release_gate, rendering, tables
from groupware.events import EventKind
from groupware.message.scan import scan
from groupware.release_tables import consent, package, release
from groupware.releases import rows
from groupware.releases.packing import Consenting, Leaf, Package
from groupware.releases.rows import Ending, Release, of_row
from groupware.releases.words import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupware.message.text import Display
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

AT_ONCE = 5
_post = tables.post.c
_AGREED = rows.RELEASES.where(release.c.state == State.AGREED).order_by(release.c.id).limit(AT_ONCE)
_WRITTEN: Select[Any] = (
    select(_post.rendering, directory.official.c.name, directory.body.c.name.label("body"))
    .join(directory.official, directory.official.c.id == _post.author)
    .join(directory.body, directory.body.c.id == directory.official.c.body)
    .where(_post.id == bindparam("this"))
)
_OWNERS: Select[Any] = (
    select(
        consent.c.decided,
        consent.c.note,
        directory.unit.c.name,
        directory.body.c.name.label("body"),
    )
    .join(directory.unit, directory.unit.c.id == consent.c.owner)
    .join(directory.body, directory.body.c.id == directory.unit.c.body)
    .where(consent.c.release == bindparam("of"))
    .order_by(consent.c.id)
)
_SUBMISSION = insert(tables.submission)
_PACKAGE = insert(package)


@dataclass(frozen=True, slots=True)
class Ready:
    """An agreed release with all that its package is made of."""

    release: Release
    rendering: int
    author: str
    body_name: str
    head: bytes
    body: bytes
    owners: Sequence[Consenting]

    def leaf(self, display: Display) -> Leaf:
        """What is to leave."""
        return Leaf(self.head, self.body, display, self.author, self.body_name)


def agreed(snapshot: Snapshot, bytes_at: Path) -> Sequence[Ready]:
    """Those whose package is to be made, oldest first."""
    return [ready(snapshot, of_row(row), bytes_at) for row in snapshot.connection.execute(_AGREED).all()]


def ready(snapshot: Snapshot, known: Release, bytes_at: Path) -> Ready:
    """A release with the message as of now."""
    row = snapshot.connection.execute(_WRITTEN, {"this": known.post}).one()
    head, body = reading.rendered(snapshot, row.rendering, bytes_at)
    owners = [
        Consenting(f"{each.body}, {each.name}", each.decided, each.note)
        for each in snapshot.connection.execute(_OWNERS, {"of": known.id})
    ]
    return Ready(known, row.rendering, row.name, row.body, head, body, owners)


def send(
    tx: Tx,
    monitor: Monitor,
    done: Ready,
    made: Package,
    kept: content.Prepared,
    rendered: rendering.Rendered,
    sender: str,
) -> State:
    """Queue it, unless a rule says meanwhile that it may not leave; what the release is by that."""
    known = rows.get(tx, done.release.id)
    if known.state is not State.AGREED:
        return known.state
    objection = release_gate.objection(tx, monitor, known.id)
    if objection:
        rows.end(tx, known, Ending(State.STOPPED, objection))
        return State.STOPPED
    stored = content.add(tx, kept, rendering.period_of(tx, done.rendering))
    asker = release_gate.asker(tx, known.asker)
    row = {"author": known.asker, "message_id": made.message_id, "content": stored, "received": tx.now}
    item = outbound.Item(
        tx.insert(_SUBMISSION, row),
        rendering.add(tx, rendered, stored),
        replace(asker, address=sender),
        known.recipient,
        known.domain,
    )
    ledger = {
        "release": known.id,
        "made": tx.now,
        "message": stored,
        "message_sha256": kept.sha256,
        "pdf_sha256": made.pdf_sha256,
        "outbound": outbound.queue(tx, item),
        "told": 0,
    }
    tx.connection.execute(_PACKAGE, ledger)
    rows.move(tx, known, State.PACKED)
    tx.record(EventKind.RELEASE_PACKED, known.id)
    return State.PACKED


def rendered(made: Package) -> rendering.Rendered:
    """The mail as it goes, not a byte changed."""
    return rendering.verbatim(made.message, scan(made.message))


def cannot(tx: Tx, number: int) -> None:
    """No package can be made of it, now or later: those concerned are told."""
    known = rows.get(tx, number)
    if known.state is State.AGREED:
        rows.end(tx, known, Ending(State.STOPPED, "no-package-can-be-made"))
