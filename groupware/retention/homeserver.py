"""What the homeserver has to forget: events that showed posts that were erased, and files that came with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.retention import errands
from groupware.retention.removing import EVENT, MEDIA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupware.store import Snapshot, Tx

MOST = 100


@dataclass(frozen=True, slots=True)
class Forgettable:
    """Ids of events, and of media."""

    events: Sequence[str]
    media: Sequence[str]


def due(snapshot: Snapshot) -> Forgettable:
    """What it has to forget next."""
    return Forgettable(errands.due(snapshot, EVENT, MOST), errands.due(snapshot, MEDIA, MOST))


def forgotten(tx: Tx, what: Forgettable, left: Mapping[str, str]) -> None:
    """It has looked, and has none of these any more; what is `left`, by id, with what was in the way."""
    errands.gone(tx, (EVENT,), what.events)
    errands.gone(tx, (MEDIA,), what.media)
    errands.left(tx, (EVENT, MEDIA), left)
