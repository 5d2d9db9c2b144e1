"""What changed in a folder since a session last looked, and all of it when a session begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, select

from groupware import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.folders.numbering import State
    from groupware.store import Snapshot

SEEN, ANSWERED, FLAGGED, DELETED, DRAFT, FORWARDED, MDN_SENT, JUNK, NOT_JUNK = (1 << bit for bit in range(9))

_place, _gone, _rendering = tables.place.c, tables.gone.c, tables.rendering.c
_ALL = select(_place.uid, _place.flags).where(_place.folder == bindparam("folder")).order_by(_place.uid)
_CHANGED = _ALL.where(_place.modseq > bindparam("since"))
_GONE_SINCE = (
    select(_gone.uid).where(_gone.folder == bindparam("folder"), _gone.modseq > bindparam("since")).order_by(_gone.uid)
)
_COUNTS = (
    select(
        func.count(),
        func.coalesce(func.sum(case((_place.flags.op("&")(SEEN) == 0, 1), else_=0)), 0),
        func.coalesce(func.sum(case((_place.flags.op("&")(DELETED) != 0, 1), else_=0)), 0),
    )
    .select_from(tables.place)
    .where(_place.folder == bindparam("folder"))
)
_SIZE = (
    select(func.coalesce(func.sum(_rendering.size), 0))
    .select_from(tables.place)
    .join(tables.rendering, _rendering.id == _place.rendering)
    .where(_place.folder == bindparam("folder"))
)


@dataclass(frozen=True, slots=True)
class Changes:
    """New and re-flagged places as (uid, flags) in the order of uid, and the uids that are gone."""

    placed: Sequence[tuple[int, int]]
    gone: Sequence[int]


@dataclass(frozen=True, slots=True)
class Counts:
    """STATUS: messages, those not seen, those marked deleted, and their octets if they were asked for."""

    messages: int
    unseen: int
    deleted: int
    size: int


def everything(snapshot: Snapshot, state: State) -> Sequence[tuple[int, int]]:
    """All places of a folder that was just brought up to date: (uid, flags)."""
    found = snapshot.connection.execute(_ALL, {"folder": state.id})
    rows: Sequence[tuple[int, int]] = found.cursor.fetchall()  # as the driver has them: ten thousand at a time
    found.close()
    return rows


def since(snapshot: Snapshot, state: State, modseq: int) -> Changes:
    """What has a higher modification sequence (RFC 7162 3.1) than the session knows."""
    values = {"folder": state.id, "since": modseq}
    placed = [(uid, flags) for uid, flags in snapshot.connection.execute(_CHANGED, values)]
    return Changes(placed, list(snapshot.connection.execute(_GONE_SINCE, values).scalars()))


def counts(snapshot: Snapshot, state: State, *, size: bool = True) -> Counts:
    """The folder's own rows counted; what its reader may not list has none."""
    values = {"folder": state.id}
    octets = snapshot.connection.execute(_SIZE, values).scalar_one() if size else 0
    messages, unseen, deleted = snapshot.connection.execute(_COUNTS, values).one()
    return Counts(messages, unseen, deleted, octets)
