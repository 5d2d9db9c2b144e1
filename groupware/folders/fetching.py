"""What FETCH shows: columns of renderings, and their bytes, for a slice of a folder's UIDs.

Each slice is its own snapshot, and first compares the rights with those for which the folder is known to be readable:
a right taken away in the middle of a long FETCH ends it there. Rows are the driver's own tuples: with 10,000 messages
an object for each is what costs the time.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Flag, auto
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from groupware import content, ledger, tables
from policies.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.folders.numbering import State
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

SLICE = 500
ENOUGH = 1 << 20
"""Octets of messages after which a slice ends, so that what is read ahead of a slow client is bounded."""
SPREAD = 2
"""Up to so many times as many UIDs as are wanted are passed over, rather than named one by one."""

_place, _rendering, _content = tables.place.c, tables.rendering.c, tables.content.c


class Want(Flag):
    """Which parts of a rendering a client asked for; only those are read."""

    NOTHING = 0
    DATE = auto()
    SIZE = auto()
    ENVELOPE = auto()
    BODY = auto()
    BODYSTRUCTURE = auto()
    HEAD = auto()
    BYTES = auto()


class RightsMovedError(Exception):
    """The rights changed since the folder was brought up to date: do that again, then ask for what is left of it."""


_COLUMNS = {
    Want.DATE: _place.at,
    Want.SIZE: _rendering.size,
    Want.ENVELOPE: _rendering.envelope,
    Want.BODY: _rendering.body.label("body_text"),
    Want.BODYSTRUCTURE: _rendering.bodystructure,
    Want.HEAD: _rendering.head,
}
_SEALED = {
    Want.ENVELOPE: "rendering.envelope",
    Want.BODY: "rendering.body",
    Want.BODYSTRUCTURE: "rendering.bodystructure",
    Want.HEAD: "rendering.head",
}
_RANGE = _place.uid.between(bindparam("low"), bindparam("high"))
_NAMED = _place.uid.in_(bindparam("uids", expanding=True))
_strictness = func.coalesce(tables.post.c.marking, tables.mail.c.marking)
_NOT_OWN = func.coalesce(tables.mail.c.kind, "") != "own"
_TOLD = (
    select(_place.uid, _place.post, _place.mail, _strictness.label("marking"))
    .outerjoin(tables.post, tables.post.c.id == _place.post)
    .outerjoin(tables.mail, tables.mail.c.id == _place.mail)
    .where(_place.folder == bindparam("folder"), _RANGE, _strictness >= bindparam("told_from"), _NOT_OWN)
)
_made: dict[tuple[Want, bool], Select[Any]] = {}


def columns(want: Want) -> dict[Want, int]:
    """Where in a row of `fetch` each wanted part stands; at 0 stands the UID."""
    return {part: at for at, part in enumerate((part for part in Want if want & part), 1)}


def fetch(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, state: State, uids: Sequence[int], want: Want, bytes_at: Path
) -> list[tuple[Any, ...]]:
    """Rows of the messages with these UIDs (ascending, at most SLICE of them); those that are gone are left out.

    A row holds the UID and then what `columns` says: DATE in microseconds, the rest ready octets, BYTES the message
    behind its `head`, or content.InFile for a large one. With BYTES the rows end after ENOUGH octets: ask again for
    what lies behind the last. `bytes_at` is the store's directory.
    Raises RightsMovedError when the rights aren't those of `state` any more.
    """
    require_unmoved(snapshot, monitor, caller, state)
    rows = _opened(snapshot, _rows(snapshot, state, uids, want), want)
    if not want & Want.BYTES:
        return list(rows)
    shown = list(_with_bytes(snapshot, rows, bytes_at))
    _put_on_record(snapshot, caller, state, [row[0] for row in shown])
    return shown


def _put_on_record(snapshot: Snapshot, caller: Caller, state: State, uids: Sequence[int]) -> None:
    """Whose contents the client gets, among those whose openings are told."""
    if uids:
        wanted = set(uids)
        values = {"folder": state.id, "low": uids[0], "high": uids[-1], "told_from": int(ledger.TOLD_FROM)}
        for uid, post, mail, marking in snapshot.tuples(_TOLD, values):
            if uid in wanted:
                ledger.opened(snapshot, caller, Kind.POST if post else Kind.MAIL, post or mail, marking)


def require_unmoved(snapshot: Snapshot, monitor: Monitor, caller: Caller, state: State) -> None:
    """Raise RightsMovedError when the rights aren't those of `state` any more."""
    stamp = monitor.stamp(snapshot, caller)
    if stamp.version != state.stamp.version or snapshot.now >= state.stamp.until:
        raise RightsMovedError


def _rows(snapshot: Snapshot, state: State, uids: Sequence[int], want: Want) -> Iterator[tuple[Any, ...]]:
    low, high = uids[0], uids[-1]
    near = high - low < SPREAD * len(uids)
    values = {"folder": state.id, **({"low": low, "high": high} if near else {"uids": list(uids)})}
    found = snapshot.connection.execute(_statement(want, near=near), values)
    wanted = None if high - low + 1 == len(uids) else set(uids)
    try:
        for row in iter(found.cursor.fetchone, None):
            if wanted is None or row[0] in wanted:
                yield row
    finally:
        found.close()


def _opened(snapshot: Snapshot, rows: Iterator[tuple[Any, ...]], want: Want) -> Iterator[tuple[Any, ...]]:
    """The same with what is sealed opened, and without the rendering's id at the end."""
    seals, at = snapshot.seals, columns(want)
    sealed = [(at[part], name) for part, name in _SEALED.items() if want & part]
    if not seals.used or not sealed:
        for row in rows:
            yield row[:-1]
        return
    for whole in rows:
        *opened, number = whole
        for place, name in sealed:
            opened[place] = seals.open(name, number, bytes(opened[place]))
        yield tuple(opened)


def _with_bytes(snapshot: Snapshot, rows: Iterator[tuple[Any, ...]], bytes_at: Path) -> Iterator[tuple[Any, ...]]:
    octets = 0
    for *row, start, size, file, stored, number in rows:
        held = content.kept(snapshot.seals, bytes_at, number, stored, file, size)
        body = held[start:] if isinstance(held, bytes) else replace(held, start=start, size=size - start)
        yield (*row, body)
        octets += len(body)
        if octets >= ENOUGH:
            return


def _statement(want: Want, *, near: bool) -> Select[Any]:
    """One statement a combination, kept: SQLAlchemy then compiles each once."""
    found = _made.get((want, near))
    if found is None:
        named = [column for part, column in _COLUMNS.items() if want & part]
        found = select(_place.uid, *named).join(tables.rendering, _rendering.id == _place.rendering)
        if want & Want.BYTES:
            stored = _rendering.body_at, _content.size.label("octets"), _content.file, _content.body.label("stored")
            found = found.add_columns(*stored, _content.id.label("number")).join(
                tables.content, _content.id == _rendering.content
            )
        found = found.add_columns(_rendering.id.label("rendering"))
        place = _place.folder == bindparam("folder")
        found = _made[want, near] = found.where(place, _RANGE if near else _NAMED).order_by(_place.uid)
    return found
