"""Does everything fit together? Rows, bytes and indexes compared; each fault is a sentence that names the row.

It reads in slices and may run beside everything else. What is being written meanwhile is in later slices whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, except_, exists, func, literal_column, or_, select, text

from directory import tables as directory
from groupware import tables
from groupware.content import FOLDER, UNNAMED_FOR, kept, within
from groupware.draft_tables import draft
from groupware.personal_data_tables import personal_data_hold
from groupware.sealing.keys import KeyAway
from groupware.sealing.seals import MAGIC, OVERHEAD
from groupware.secrecy import sound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy import CompoundSelect, Select

    Relation = Select[Any] | CompoundSelect[Any]

    from groupware.sealing.seals import Seals
    from groupware.store import Snapshot, Store

SLICE = 200
MOST_OCTETS = 16 << 20
"""Of contents that are hashed in one snapshot: a long one keeps SQLite's log from being folded in."""
Part = Callable[["Snapshot", "Path"], "Iterator[Fault]"]
STATES = ("draft", "held", "unconfirmed", "published", "refused", "withdrawn")
BOOKING_STATES = ("booked", "declined", "cancelled")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it must be."""

    text: str

    def row(self) -> dict[str, str]:
        """As it is printed."""
        return {"fault": self.text}


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a kind were looked at."""

    name: str
    number: int

    def row(self) -> dict[str, int]:
        """As it is printed."""
        return {self.name: self.number}


_content, _rendering, _post, _place, _event = (
    table.c for table in (tables.content, tables.rendering, tables.post, tables.place, tables.event)
)
_booking, _occurrence, _answer = tables.booking.c, tables.occurrence.c, tables.booking_answer.c
_following = func.lead(_occurrence.t0).over(partition_by=_occurrence.resource, order_by=_occurrence.t0)
_in_order = select(_occurrence.id, _occurrence.t1, _following.label("next")).subquery()
_sealing = case((func.substr(_rendering.head, 1, len(MAGIC)) == MAGIC, OVERHEAD), else_=0)
_CONTENTS = (
    select(_content.id, _content.sha256, _content.size, _content.body, _content.file)
    .where(_content.id > bindparam("after"))
    .order_by(_content.id)
    .limit(SLICE)
)
_NAMED_FILES = select(_content.file).where(_content.file.is_not(None))
_FAULTY: tuple[tuple[str, Relation], ...] = (
    (
        "rendering {}: its size is not that of its head and bytes",
        select(_rendering.id)
        .join(tables.content, _content.id == _rendering.content)
        .where(
            or_(
                _rendering.size != func.length(_rendering.head) - _sealing + _content.size - _rendering.body_at,
                _rendering.body_at > _content.size,
            )
        ),
    ),
    ("post {}: no such state", select(_post.id).where(_post.state.not_in(STATES))),
    ("post {}: published at no time", select(_post.id).where(_post.state == "published", _post.published == 0)),
    (
        "post {}: its thread is not in its room",
        select(_post.id).where(
            ~exists(
                select(literal_column("1"))
                .select_from(tables.post.alias("first"))
                .where(literal_column("first.id") == _post.thread, literal_column("first.room") == _post.room)
                .correlate(tables.post)
            )
        ),
    ),
    (
        "post {}: no event tells of it",
        # compared as sets: no index leads from a post to its events
        except_(
            select(_post.id, _post.room),
            select(_event.subject, _event.room).where(
                _event.kind.in_(["post-drafted", "post-unconfirmed", "post-held", "post-published"])
            ),
        ),
    ),
    (
        "post {}: unconfirmed, and nothing says until when",
        select(_post.id).where(
            _post.state == "unconfirmed",
            ~exists().where(personal_data_hold.c.post == _post.id, personal_data_hold.c.word == ""),
        ),
    ),
    (
        "post {}: a draft, and nothing says until when",
        select(_post.id).where(_post.state == "draft", ~exists().where(draft.c.post == _post.id, draft.c.word == "")),
    ),
    (
        "folder {}: a place has no message",
        select(_place.folder).where(~exists().where(_rendering.id == _place.rendering)),
    ),
    (
        "folder {}: a number was given that is not below its UIDNEXT",
        select(tables.folder.c.id).where(
            exists().where(_place.folder == tables.folder.c.id, _place.uid >= tables.folder.c.uidnext)
        ),
    ),
    (
        "folder {}: a number is both given and gone",
        select(tables.gone.c.folder).where(
            exists().where(_place.folder == tables.gone.c.folder, _place.uid == tables.gone.c.uid)
        ),
    ),
    (
        "copy {}: of neither a post nor a mail",
        select(tables.copy.c.id).where(
            ~exists().where(_post.id == tables.copy.c.post), ~exists().where(tables.mail.c.id == tables.copy.c.mail)
        ),
    ),
    ("booking {}: no such state", select(_booking.id).where(_booking.state.not_in(BOOKING_STATES))),
    (
        "booking {}: taken for what isn't booked, or for another resource",
        select(_booking.id).where(
            exists().where(
                _occurrence.booking == _booking.id,
                or_(
                    _occurrence.resource != _booking.resource,
                    (_booking.state != "booked") & (_occurrence.t1 > _booking.at),
                ),
            )
        ),
    ),
    (
        "booking {}: no answer tells of it",
        select(_booking.id).where(
            ~exists().where(_answer.booking == _booking.id, _answer.submission == _booking.submission)
        ),
    ),
    (
        "occurrence {}: the next one of its resource begins before it ends",
        select(_in_order.c.id).where(_in_order.c.next < _in_order.c.t1),
    ),
    (
        "booking answer {}: its mail isn't there",
        select(_answer.id).where(
            _answer.verdict.in_(["accepted", "declined", "cancelled"]),
            or_(_answer.mail.is_(None), ~exists().where(tables.mail.c.id == _answer.mail)),
        ),
    ),
    (
        "unit {}: not in its own closure",
        select(directory.unit.c.id).where(
            ~exists().where(
                directory.unit_above.c.above == directory.unit.c.id, directory.unit_above.c.unit == directory.unit.c.id
            )
        ),
    ),
)
_COUNTED = {
    "posts": select(func.count()).select_from(tables.post),
    "mails": select(func.count()).select_from(tables.mail),
    "bookings": select(func.count()).select_from(tables.booking),
    "places": select(func.count()).select_from(tables.place),
    "events": select(func.count()).select_from(tables.event),
}


async def check(store: Store) -> AsyncIterator[Fault | Count]:
    """All that is wrong, then what was looked at."""
    relations: list[Part] = [partial(_relation, sentence, statement) for sentence, statement in _FAULTY]
    for part in (_database, *relations, _files):
        for fault in await store.read(partial(_all, part, store.directory), survey=True):
            yield fault
    checked = 0
    async for found in _contents(store):
        if isinstance(found, Fault):
            yield found
        else:
            checked += found
    yield Count("contents", checked)
    opened = 0
    async for each in sound.faults(store):
        if isinstance(each, str):
            yield Fault(each)
        else:
            opened += each
    yield Count("sealed renderings", opened)
    for name, statement in _COUNTED.items():
        yield Count(name, await store.read(partial(_number, statement), survey=True))


def _all(part: Part, directory_path: Path, snapshot: Snapshot) -> list[Fault]:
    return list(part(snapshot, directory_path))


def _number(statement: Select[Any], snapshot: Snapshot) -> int:
    return int(snapshot.connection.execute(statement).scalar_one())


def _database(snapshot: Snapshot, _directory: Path) -> Iterator[Fault]:
    """SQLite's own view of its file and of the foreign keys; PostgreSQL keeps both itself."""
    if snapshot.connection.dialect.name != "sqlite":
        return
    for (line,) in snapshot.connection.execute(text("PRAGMA integrity_check(20)")):
        if line != "ok":
            yield Fault(f"database: {line}")
    for row in snapshot.connection.execute(text("PRAGMA foreign_key_check")):
        yield Fault(f"{row[0]} {row[1]}: names no row of {row[2]}")


def _relation(sentence: str, statement: Relation, snapshot: Snapshot, _directory: Path) -> Iterator[Fault]:
    for number in snapshot.connection.execute(statement.limit(SLICE)).scalars():
        yield Fault(sentence.format(number))


def _files(snapshot: Snapshot, directory_path: Path) -> Iterator[Fault]:
    """Files that nobody names; younger ones may belong to a transaction under way."""
    folder = directory_path / FOLDER
    if not folder.is_dir():
        return
    named = set(snapshot.connection.execute(_NAMED_FILES).scalars())
    for file in folder.iterdir():
        if file.name not in named and snapshot.now - file.stat().st_mtime_ns // 1000 > UNNAMED_FOR:
            yield Fault(f"{file}: no row names it")


async def _contents(store: Store) -> AsyncIterator[Fault | int]:
    """Faults, and after each slice how many were read."""
    after = 0
    while True:
        after, faults, number = await store.read(partial(_slice, store.directory, after))
        for fault in faults:
            yield fault
        yield number
        if not number:
            return


def _slice(directory_path: Path, after: int, snapshot: Snapshot) -> tuple[int, list[Fault], int]:
    found = snapshot.connection.execute(_CONTENTS, {"after": after})
    rows = list(within(MOST_OCTETS, found))
    found.close()
    faults = [Fault(f"content {row.id}: {why}") for row in rows if (why := _wrong(snapshot.seals, row, directory_path))]
    return (rows[-1].id if rows else after), faults, len(rows)


def _wrong(seals: Seals, row: Any, directory_path: Path) -> str:  # noqa: ANN401 -- a row of _CONTENTS
    """What is wrong with the bytes, or nothing. Of what was erased with its key nothing is expected any more."""
    try:
        if row.body is not None and seals.erased(bytes(row.body)):
            return ""
        held = kept(seals, directory_path, row.id, row.body, row.file, row.size)
        octets = held if isinstance(held, bytes) else held.read()
    except OSError as error:
        where = f"{directory_path / FOLDER / row.file}: " if row.file else ""
        return f"{where}{error.strerror}"
    except KeyAway as error:
        return str(error)
    if len(octets) != row.size:
        return f"{len(octets)} octets, {row.size} were received"
    return "" if hashlib.sha256(octets).digest() == bytes(row.sha256) else "its bytes have another hash"
