"""What FETCH shows: columns of renderings, and their bytes, for a slice of a folder's UIDs.

Each slice is its own snapshot, and first compares the rights with those for which the folder is known to be readable:
a right taken away in the middle of a long FETCH ends it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, bindparam, select

from groupware import content, tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.folders.numbering import State
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

SLICE = 500

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


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message; what wasn't wanted is None. `at` is INTERNALDATE in microseconds, `body` the bytes after `head`."""

    uid: int
    at: int | None = None
    size: int | None = None
    envelope: bytes | None = None
    body_text: bytes | None = None
    bodystructure: bytes | None = None
    head: bytes | None = None
    body: bytes | None = None


_COLUMNS = {
    Want.DATE: _place.at,
    Want.SIZE: _rendering.size,
    Want.ENVELOPE: _rendering.envelope,
    Want.BODY: _rendering.body.label("body_text"),
    Want.BODYSTRUCTURE: _rendering.bodystructure,
    Want.HEAD: _rendering.head,
}
_made: dict[Want, Select[Any]] = {}


def fetch(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, state: State, uids: Sequence[int], want: Want, bytes_at: Path
) -> list[Fetched]:
    """The messages with these UIDs (at most SLICE of them), in the order of UID; those that are gone are left out.

    Raises RightsMovedError when the rights aren't those of `state` any more. `bytes_at` is the store's directory.
    """
    stamp = monitor.stamp(snapshot, caller)
    if stamp.version != state.stamp.version or snapshot.now >= state.stamp.until:
        raise RightsMovedError
    rows = snapshot.connection.execute(_statement(want), {"folder": state.id, "uids": list(uids)})
    if want & Want.BYTES:
        return [_with_bytes(row, snapshot, bytes_at) for row in rows]
    return [Fetched(**row._mapping) for row in rows]  # noqa: SLF001 -- SQLAlchemy's public name for it


def _with_bytes(row: Row[Any], snapshot: Snapshot, bytes_at: Path) -> Fetched:
    values = dict(row._mapping)  # noqa: SLF001 -- as above
    stored, number, start = values.pop("stored"), values.pop("content"), values.pop("body_at")
    raw = content.load(snapshot, bytes_at, number) if stored is None else bytes(stored)
    return Fetched(**values, body=raw[start:])


def _statement(want: Want) -> Select[Any]:
    """One statement a combination, kept: SQLAlchemy then compiles each once."""
    found = _made.get(want)
    if found is None:
        columns = [column for part, column in _COLUMNS.items() if want & part]
        found = select(_place.uid, *columns).join(tables.rendering, _rendering.id == _place.rendering)
        if want & Want.BYTES:
            found = found.add_columns(_content.body.label("stored"), _rendering.content, _rendering.body_at).join(
                tables.content, _content.id == _rendering.content
            )
        found = _made[want] = found.where(
            _place.folder == bindparam("folder"), _place.uid.in_(bindparam("uids", expanding=True))
        ).order_by(_place.uid)
    return found
