"""Whose text is what the homeserver has: the period of each event and of each file, by the post that it is of.

What is said in a room is a post before the homeserver stores it, and its event is noted a moment later. An event that
isn't noted yet, or is a notice of ours, goes by its room's class, counted from when it was said. What nobody says there
any more (a post that was withdrawn or erased, words that were taken back) has no period: no backup keeps it. Chats with
ICONet alone, and files that nobody has posted, go as what is never published.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, literal_column, select

from groupware import sealed_periods, tables
from groupware.matrix_tables import matrix_event, matrix_hold, matrix_outbox, matrix_room
from groupware.retention import classes, removing
from groupware.retention.removing import EVENT
from groupware.retention_tables import erasure_errand
from groupware.sealing.keys import KeyState
from groupware.sealing.seals import HEAD, UNDATED, month, period_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Table

    from groupware.sealing.keys import KeyFolder
    from groupware.store import Snapshot, Store, Tx

MEDIA = "matrix/media/"
_FOLDERS = ("local_content", "local_thumbnails")
_PARTS = 3
"""A file's name is cut into so many, two of them of two letters (Synapse, media/filepath.py)."""
_head = func.substr(tables.rendering.c.head, 1, literal_column(str(HEAD))).label("head")


def _of_posts(name: ColumnElement[str], table: Table, *which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(name.label("name"), _head)
        .select_from(table)
        .outerjoin(tables.post, tables.post.c.id == table.c.post)
        .outerjoin(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
        .where(name != "", *which)
    )


_EVENTS = (
    _of_posts(matrix_event.c.event, matrix_event),
    _of_posts(matrix_outbox.c.event, matrix_outbox, matrix_outbox.c.state == "sent", matrix_outbox.c.post != 0),
    _of_posts(matrix_hold.c.event, matrix_hold),
)
"""A later one says better: the notice in a held post's place is noted as of no post."""
_NOTICES = select(matrix_outbox.c.event).where(
    matrix_outbox.c.kind == "notice", matrix_outbox.c.post == 0, matrix_outbox.c.state == "sent"
)
"""What ICONet said of no post stays as long as its room's posts."""
_MEDIA = _of_posts(matrix_hold.c.media, matrix_hold)
_ERASED = select(erasure_errand.c.kind, erasure_errand.c.name).where(
    erasure_errand.c.done == 0, erasure_errand.c.kind.in_([EVENT, removing.MEDIA])
)
"""What the homeserver hasn't forgotten yet."""
_ROOMS = select(matrix_room.c.matrix, tables.room.c.retention).join(tables.room, tables.room.c.id == matrix_room.c.room)


@dataclass(frozen=True, slots=True)
class Owned:
    """Periods by event and by file of posts, "" for what no backup keeps; `held` are those with a key, in their order.

    `rooms`: for how long (microseconds) what is said in a Matrix room is kept. `now` is this month.
    """

    events: Mapping[str, str]
    media: Mapping[str, str]
    rooms: Mapping[str, int]
    short: int
    held: Sequence[str]
    now: str
    others: str

    def of_event(self, event: str, room: str, at: int) -> str:
        """The period of an event, said `at` (microseconds)."""
        if event in self.events:
            return self.events[event]
        ends = month(at + self.rooms.get(room, self.short))
        place = bisect_left(self.held, ends)
        return "" if ends < self.now or place == len(self.held) else self.held[place]

    def of_media(self, name: str) -> str:
        """The period of a file that somebody has uploaded."""
        return self.media.get(name, self.others)

    def of_file(self, parts: Sequence[str]) -> str:
        """The same by its path below the folder of media; "" for what is no such file."""
        return self.of_media("".join(parts[1 : 1 + _PARTS])) if parts[0] in _FOLDERS else ""


def files_of(folder: Path, name: str) -> Iterator[Path]:
    """Where in a data directory a file that somebody has uploaded lies, and its thumbnails."""
    parts = (name[:2], name[2:4], name[4:])
    for each in _FOLDERS if all(parts) else ():
        yield folder.joinpath(MEDIA, each, *parts)


async def owned(store: Store, folder: KeyFolder) -> Owned:
    """As it is now; what is said now has its key. Raises KeyAway."""
    rooms, short, now = await store.run(_begun)
    found = await store.read(_found, survey=True)
    held = [name for name in folder.names() if len(name) == len(UNDATED) and folder.state(name) is KeyState.HELD]
    readable = frozenset(held)
    events, media = ({name: period if period in readable else "" for name, period in each.items()} for each in found)
    return Owned(events, media, rooms, short, held, month(now), month(now + short))


def _begun(tx: Tx) -> tuple[dict[str, int], int, int]:
    """For how long what is said in which room is kept, and elsewhere; what is said now has its key."""
    known = classes.lengths(tx)
    rooms = {row.matrix: classes.length_of(known, row.retention) for row in tx.rows(_ROOMS, {})}
    short = known[classes.UNPUBLISHED]
    for period in sorted({month(tx.now + length) for length in (short, *rooms.values())}):
        sealed_periods.require(tx, period)
    return rooms, short, tx.now


def _found(snapshot: Snapshot) -> tuple[dict[str, str], dict[str, str]]:
    events: dict[str, str] = {}
    for statement in _EVENTS:
        events.update(_periods(snapshot, statement))
    for name in snapshot.connection.scalars(_NOTICES):
        events.pop(name, None)
    media = {name.rpartition("/")[2]: period for name, period in _periods(snapshot, _MEDIA).items()}
    for kind, name in snapshot.connection.execute(_ERASED):
        (events if kind == EVENT else media)[name] = ""
    return events, media


def _periods(snapshot: Snapshot, statement: Select[Any]) -> dict[str, str]:
    known: dict[bytes, str] = {}
    found = {}
    for name, head in snapshot.connection.execute(statement):
        octets = bytes(head or b"")
        found[name] = known.setdefault(octets, period_of(octets))
    return found
