"""What the homeserver has to forget: events that showed posts that were erased, and files that came with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from groupware.retention.removing import EVENT, MEDIA
from groupware.retention_tables import erasure_errand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx

MOST = 100
_errand = erasure_errand.c
_DUE = (
    select(_errand.kind, _errand.name)
    .where(_errand.done == 0, _errand.kind.in_([EVENT, MEDIA]))
    .order_by(_errand.id)
    .limit(MOST)
)
_DONE = (
    update(erasure_errand)
    .where(_errand.done == 0, _errand.kind == bindparam("of"), _errand.name.in_(bindparam("names", expanding=True)))
    .values(done=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Forgettable:
    """Ids of events, and of media."""

    events: Sequence[str]
    media: Sequence[str]


def due(snapshot: Snapshot) -> Forgettable:
    """What it has to forget next."""
    rows = snapshot.connection.execute(_DUE).all()
    names = {kind: [row.name for row in rows if row.kind == kind] for kind in (EVENT, MEDIA)}
    return Forgettable(names[EVENT], names[MEDIA])


def forgotten(tx: Tx, what: Forgettable) -> None:
    """It has looked, and has none of these any more."""
    for kind, names in ((EVENT, what.events), (MEDIA, what.media)):
        tx.connection.execute(_DONE, {"of": kind, "names": list(names), "at": tx.now})
