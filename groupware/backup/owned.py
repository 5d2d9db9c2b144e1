"""Whose text is what the homeserver has: the period of each event and of each file, by the post that it is of.

What is said in a room is a post before the homeserver stores it, and its event is noted a moment later. An event that
isn't noted yet goes with the posts that its room gets now. What nobody says there any more (a post that was withdrawn
or erased, words that were taken back) has no period: no backup keeps it. Chats with ICONet alone, and files that nobody
has posted, go as what is never published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, literal_column, select

from groupware import sealed_periods, tables
from groupware.matrix_tables import matrix_event, matrix_hold, matrix_outbox, matrix_room
from groupware.retention import classes
from groupware.sealing.keys import KeyState
from groupware.sealing.seals import HEAD, month, period_of

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
_MEDIA = _of_posts(matrix_hold.c.media, matrix_hold)
_ROOMS = select(matrix_room.c.matrix, tables.room.c.retention).join(tables.room, tables.room.c.id == matrix_room.c.room)


@dataclass(frozen=True, slots=True)
class Owned:
    """Periods by event, by Matrix room (of what isn't noted there) and by file; "" for what no backup keeps.

    `others`: of what is in no room of ours, as long as it was said `since` (milliseconds).
    """

    events: Mapping[str, str]
    rooms: Mapping[str, str]
    media: Mapping[str, str]
    others: str
    since: int

    def of_event(self, event: str, room: str, at: int) -> str:
        """The period of an event, said `at` (milliseconds)."""
        if event in self.events:
            return self.events[event]
        return self.rooms.get(room) or (self.others if at >= self.since else "")

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
    """As it is now; each period that it names has its key. Raises KeyAway."""
    rooms, others, since = await store.run(_begun)
    found = await store.read(_found, survey=True)
    held = {name for name in folder.names() if folder.state(name) is KeyState.HELD}
    events, media = ({name: period if period in held else "" for name, period in each.items()} for each in found)
    return Owned(events, rooms, media, others, since)


def _begun(tx: Tx) -> tuple[dict[str, str], str, int]:
    """Of what isn't noted yet; those periods get their keys now."""
    known = classes.lengths(tx)
    rooms = {row.matrix: month(tx.now + classes.length_of(known, row.retention)) for row in tx.rows(_ROOMS, {})}
    short = known[classes.UNPUBLISHED]
    others = month(tx.now + short)
    for period in sorted({others, *rooms.values()}):
        sealed_periods.require(tx, period)
    return rooms, others, (tx.now - short) // 1000


def _found(snapshot: Snapshot) -> tuple[dict[str, str], dict[str, str]]:
    events: dict[str, str] = {}
    for statement in _EVENTS:
        events.update(_periods(snapshot, statement))
    return events, {name.rpartition("/")[2]: period for name, period in _periods(snapshot, _MEDIA).items()}


def _periods(snapshot: Snapshot, statement: Select[Any]) -> dict[str, str]:
    known: dict[bytes, str] = {}
    found = {}
    for name, head in snapshot.connection.execute(statement):
        octets = bytes(head or b"")
        found[name] = known.setdefault(octets, period_of(octets))
    return found
