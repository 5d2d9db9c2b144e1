"""Is the log what it was? Each record against its hash, the hashes against the tree, the tree against each checkpoint.

A record that was changed, left out or put elsewhere is named. What was cut off at the end, or rewritten with all its
hashes, shows against a checkpoint; and whoever holds the key for those is found out by one that was kept outside.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from struct import unpack
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, String, bindparam, cast, func, select

from groupware.audit import note
from groupware.audit.given_up import restores
from groupware.audit.sealing import TEXT
from groupware.audit.tree import WIDTH, Frontier, leaf
from groupware.audit_tables import audit_checkpoint, audit_record, audit_tile, audit_tree
from groupware.store.dialect import behind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from groupware.audit.note import Checkpoint
    from groupware.store import Snapshot, Store

SLICE = 20_000
"""Records in one snapshot, about."""
ID = 8
_TILES = (
    select(audit_tile.c.first, audit_tile.c.size, audit_tile.c.records, audit_tile.c.hashes)
    .where(audit_tile.c.first >= bindparam("first", type_=BigInteger))
    .order_by(audit_tile.c.first)
)
_RECORDS = (
    select(audit_record.c.id, TEXT.label("text"))
    .where(audit_record.c.id.between(bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)))
    .order_by(audit_record.c.txid, audit_record.c.id)
)
BETWEEN = "\x1e"


_with_txid = _RECORDS.add_columns(audit_record.c.txid).order_by(None)
_row, _turn = _with_txid.order_by(audit_record.c.id).subquery().c, _RECORDS.subquery().c
_IN_A_ROW = select(
    func.count().label("number"),
    func.aggregate_strings(_row.text, BETWEEN).label("texts"),
    (func.max(_row.txid) - func.min(_row.txid)).label("apart"),
)
"""Records by their ids as one text: in the right order where all have the same transaction's number, as on SQLite."""
_BY_COMMITS = select(
    func.aggregate_strings(cast(_turn.id, String), ",").label("numbers"),
    func.aggregate_strings(_turn.text, BETWEEN).label("texts"),
)
"""In the order of their transactions. PostgreSQL needn't keep the order of a subquery, and does."""
_NOTES = select(audit_checkpoint.c.size, audit_checkpoint.c.note).order_by(audit_checkpoint.c.size)
_TREE = select(audit_tree.c.size, audit_tree.c.txid, audit_tree.c.record, audit_tree.c.peaks)
_PLACE = bindparam("txid", type_=BigInteger), bindparam("record", type_=BigInteger)
_WAITING = select(audit_record.c.id).where(behind(audit_record.c.txid, audit_record.c.id, *_PLACE))


@dataclass(frozen=True, slots=True)
class Wrong:
    """The record with this id, and why it isn't what it was."""

    record: int
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How many records are sealed, how many wait for it, and what is wrong.

    `lost` are checkpoints from outside of what a restore gave up (given_up.py), told by its record.
    """

    sealed: int
    waiting: int
    wrong: tuple[Wrong, ...]
    lost: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class _Slice:
    """Some tiles, one after the other: records by their ids, hashes, all texts as one, and at which place they end."""

    ids: Sequence[int]
    hashes: bytes
    texts: str
    end: int
    broken: bool = False
    """No tile follows at `end`."""

    def as_sealed(self) -> bool:
        """Whether each text has its hash.

        No, as well, for a record that holds the mark that stands between them: then each is looked at.
        """
        pieces = self.texts.encode().split(BETWEEN.encode())
        return not self.broken and b"".join([sha256(b"\0" + piece).digest() for piece in pieces]) == self.hashes


@dataclass(frozen=True, slots=True)
class _Mark:
    """A checkpoint, and what it is called; "" for one that the log keeps itself."""

    said: Checkpoint
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Unlike:
    """What is to be said of a checkpoint, unless something was said of a record behind `since` already."""

    mark: _Mark
    since: int
    wrong: Wrong


class _Walk:
    """The way through the log, a slice at a time."""

    def __init__(self, marks: Sequence[_Mark]) -> None:
        self.marks = deque(sorted(marks, key=lambda mark: mark.said.size))
        """Checkpoints that are still ahead."""
        self.unlike: list[_Unlike] = []
        """What checkpoints from outside say otherwise: of a log that a restore gave up, it may be."""
        self.tree = Frontier()
        self.last = 0
        """The record at the end of the tree as far as it has been gone through."""
        self.since = 0
        """The record at which the last good checkpoint ended."""
        self.strays: set[int] = set()
        """Records among those looked at that no tile so far has."""
        self.before: set[int] = set()
        """The records of the tiles just before."""
        self.alike = True
        """Whether all transactions so far had one number, as on SQLite."""
        self.wrong: list[Wrong] = []

    def fetch(self, first: int, snapshot: Snapshot) -> _Slice | None:
        """The next tiles, with the texts of their records; None when there are none."""
        tiles = _some_tiles(snapshot, first)
        if not tiles:
            return None
        end = first
        for tile in tiles:
            if tile.first != end or not tile.size == len(tile.records) // ID == len(tile.hashes) // WIDTH:
                return _Slice([], b"", "", end, broken=True)
            end += tile.size
        ids = [number for tile in tiles for number in unpack(f">{len(tile.records) // ID}q", tile.records)]
        texts = self._in_a_row(snapshot, ids) or _by_commits(snapshot, ids)
        return _Slice(ids, b"".join([tile.hashes for tile in tiles]), texts, end)

    def fits(self, some: _Slice) -> bool:
        """Whether the slice is right, told quickly; then the tree has grown by it."""
        if self.strays or not some.as_sealed():
            return False
        self.before = set(some.ids)
        self._grow(some.ids, some.hashes)
        return True

    def look(self, some: _Slice, snapshot: Snapshot) -> bool:
        """Name what is wrong in the slice, and let the tree grow by it; whether there is a way on."""
        if some.broken:
            self._blame(self.last, f"the hashes behind it are gone: nothing behind place {some.end} can be shown")
            self.marks.clear()
            return False
        self._compare_records(snapshot, some.ids, some.hashes)
        self._grow(some.ids, some.hashes)
        return True

    def end(self, snapshot: Snapshot) -> Verified:
        """What is left to be seen at the end of the log."""
        for number in sorted(self.strays - _waiting(snapshot)):
            self._blame(number, "it was put in after those behind it were sealed")
        for mark in self.marks:
            why = f"the log ends here, and had {mark.said.size} records when a checkpoint was signed"
            self._doubt(_Unlike(mark, self.last, Wrong(self.last, why)))
        lost = self._explain(snapshot)
        tree = snapshot.connection.execute(_TREE).one_or_none()
        kept = (0, 0, b"") if tree is None else (tree.size, tree.record, bytes(tree.peaks))
        if kept != (self.tree.size, self.last, self.tree.octets()) and not self.wrong:
            self._blame(self.last, "what the tree is to grow on is not what it has grown to")
        return Verified(self.tree.size, len(_waiting(snapshot)), tuple(self.wrong), lost)

    def _compare_records(self, snapshot: Snapshot, ids: Sequence[int], hashes: bytes) -> None:
        """Each record with its hash. Those of transactions side by side needn't be sealed in the order of their ids."""
        rows = snapshot.tuples(_RECORDS, _between(ids))
        found = [number for number, _ in rows]
        if found != ids or b"".join([sha256(b"\0" + text.encode()).digest() for _, text in rows]) != hashes:
            changed = list(_changed(dict(rows), ids, hashes))
            named = {one.record for one in changed}
            self.wrong += changed
            self.wrong += [one for one in _misplaced(found, ids) if one.record not in named]
        known = set(ids)
        self.strays = (self.strays | set(found)) - known - self.before
        self.before = known

    def _in_a_row(self, snapshot: Snapshot, ids: Sequence[int]) -> str:
        """The records' texts, where their ids have no gap: then that many are just these, and nothing is sorted."""
        if not self.alike or ids != list(range(ids[0], ids[0] + len(ids))):
            return ""
        found = snapshot.connection.execute(_IN_A_ROW, _between(ids)).one()
        self.alike = found.apart == 0
        return found.texts if self.alike and found.number == len(ids) else ""

    def _grow(self, ids: Sequence[int], hashes: bytes) -> None:
        """Let the tree grow, and stop at each checkpoint to compare."""
        begin, at = self.tree.size, 0
        while self.marks and self.marks[0].said.size <= begin + len(ids):
            mark = self.marks.popleft()
            upto = mark.said.size - begin
            self.tree.extend(hashes[at * WIDTH : upto * WIDTH])
            at = max(at, upto)
            self.last = ids[at - 1] if at else self.last
            self._compare(mark)
        self.tree.extend(hashes[at * WIDTH :])
        self.last = ids[-1] if ids else self.last

    def _compare(self, mark: _Mark) -> None:
        if self.tree.root() == mark.said.root:
            self.since = self.last
        else:
            why = f"it or one before it, back to {self.since + 1}, was rewritten with its hash"
            self._doubt(_Unlike(mark, self.since, Wrong(self.last, why)))

    def _doubt(self, found: _Unlike) -> None:
        """Of the log's own it is told at once; those from outside wait for the end."""
        if found.mark.name:
            self.unlike.append(found)
        else:
            self._blame_once(found)

    def _explain(self, snapshot: Snapshot) -> tuple[Wrong, ...]:
        """What checkpoints from outside say, by the restores that gave up what they are of; the others are blamed."""
        known = restores(snapshot) if self.unlike else []
        lost = []
        for found in self.unlike:
            by = next((each for each in known if each.gave_up(found.mark.said)), None)
            if by is None:
                self._blame_once(found)
            else:
                lost.append(Wrong(by.record, by.told(found.mark.name)))
        return tuple(lost)

    def _blame_once(self, found: _Unlike) -> None:
        if not any(found.since < each.record <= found.wrong.record for each in self.wrong):
            self.wrong.append(found.wrong)

    def _blame(self, record: int, why: str) -> None:
        self.wrong.append(Wrong(record, why))


async def verify(store: Store, origin: str, key: Ed25519PublicKey, kept: Iterable[tuple[str, str]] = ()) -> Verified:
    """Go through the whole log. `kept` are notes from outside, by their names.

    Raises BadNoteError for one that this log never signed.
    """
    outside = [_Mark(own(name, text, origin, key), name) for name, text in kept]
    marks, forged = await store.read(partial(_marks, origin, key))
    walk = _Walk([*(_Mark(mark) for mark in marks), *outside])
    walk.wrong += forged
    await _go(store, walk)
    return await store.read(walk.end)


def own(name: str, text: str, origin: str, key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint in a note from outside. Raises BadNoteError, which names it."""
    try:
        return _own(origin, note.read(text, key))
    except note.BadNoteError as error:
        raise note.BadNoteError(f"{name}: {error}") from error


async def _go(store: Store, walk: _Walk) -> None:
    """Through the whole log: the next slice is read while one is hashed."""

    def fetching(first: int) -> asyncio.Task[_Slice | None]:
        return asyncio.create_task(store.read(partial(walk.fetch, first), survey=True))

    ahead = fetching(0)
    try:
        while (some := await ahead) is not None:
            ahead = fetching(some.end)
            fits = await asyncio.to_thread(walk.fits, some)
            if not fits and not await store.read(partial(walk.look, some), survey=True):
                return
    finally:
        ahead.cancel()


def _own(origin: str, mark: Checkpoint) -> Checkpoint:
    if mark.origin != origin:
        raise note.BadNoteError(f"a checkpoint of {mark.origin}")
    return mark


def _marks(origin: str, key: Ed25519PublicKey, snapshot: Snapshot) -> tuple[list[Checkpoint], list[Wrong]]:
    """What the kept checkpoints say, and those that are none."""
    marks: list[Checkpoint] = []
    forged: list[Wrong] = []
    for row in snapshot.connection.execute(_NOTES):
        try:
            mark = _own(origin, note.read_alone(row.note, key))
        except note.BadNoteError as error:
            forged.append(Wrong(0, f"the checkpoint of {row.size} records: {error}"))
        else:
            marks.append(mark)
    return marks, forged


def _some_tiles(snapshot: Snapshot, first: int) -> list[Any]:
    """The next ones, of about SLICE records together."""
    found: list[Any] = []
    records = 0
    with snapshot.connection.execute(_TILES, {"first": first}) as tiles:
        for tile in tiles:
            found.append(tile)
            records += tile.size
            if records >= SLICE:
                break
    return found


def _between(ids: Sequence[int]) -> dict[str, int]:
    return {"low": min(ids), "high": max(ids)}


def _by_commits(snapshot: Snapshot, ids: Sequence[int]) -> str:
    """The records' texts; empty unless just these are there, in the order in which they were sealed."""
    numbers, texts = snapshot.connection.execute(_BY_COMMITS, _between(ids)).one()
    return str(texts) if numbers == ",".join(map(str, ids)) else ""


def _changed(texts: dict[int, str], ids: Sequence[int], hashes: bytes) -> Iterator[Wrong]:
    for place, number in enumerate(ids):
        text = texts.get(number)
        if text is None:
            yield Wrong(number, "it is gone")
        elif leaf(text.encode()) != hashes[place * WIDTH : (place + 1) * WIDTH]:
            yield Wrong(number, "it is not what was sealed")


def _misplaced(found: Sequence[int], ids: Sequence[int]) -> Iterator[Wrong]:
    """Those out of the order of their transactions: what is left besides the longest row of places that only rises."""
    sealed_at = {number: place for place, number in enumerate(ids)}
    places = [sealed_at[number] for number in found if number in sealed_at]
    right = _longest_rise(places)
    for place in sorted(set(places) - right):
        yield Wrong(ids[place], "it was not sealed in its turn")


def _longest_rise(places: Sequence[int]) -> set[int]:
    """The longest row of numbers, in their order, of which each is larger than the one before."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(ends, place)
        before[place] = ends[at - 1] if at else None
        ends[at : at + 1] = [place]
    found: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found


def _waiting(snapshot: Snapshot) -> set[int]:
    """Records that were committed and not sealed yet."""
    tree = snapshot.connection.execute(_TREE).one_or_none()
    place = {"txid": 0, "record": 0} if tree is None else {"txid": tree.txid, "record": tree.record}
    return set(snapshot.connection.execute(_WAITING, place).scalars())
