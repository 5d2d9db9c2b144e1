"""The book's facade: who is to be found, asked by the portal, the directory front, address books and provisioning.

The entries lie in memory. Each call reads the version of the rights in a transaction of its own: when it has moved,
the rows are read again, and what the caller may see is asked of the monitor. So what any transaction changed before
counts at the very next call, on every process, if it bumped that version (directory/rights.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import BinaryExpression, BindParameter, select
from sqlalchemy.sql.visitors import iterate

from directory import officials
from directory.tables import official, rights
from groupware.book.entries import Attribute, EntryKind, Person
from groupware.book.filters import And, equals
from groupware.book.image import Image, changes, in_office
from groupware.book.reading import Reader
from groupware.book.sight import Sight
from groupware.errors import Refused
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.visitors import Visitable

    from groupware.book.entries import Entry, Key
    from groupware.book.filters import Filter
    from groupware.book.sight import Found
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Store

FEW = 50
"""Changes that are made in place, in some milliseconds; more are made by building the next image in a thread."""
MOST_SIGHTS = 2_000
MOST_ENTRIES = 1_000
"""Of one page."""
_VERSION = select(rights.c.version).where(rights.c.id == 1)
_SEEN = select(official.c.id)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, in an order that stays; `after` asks for what follows, None at the end."""

    entries: Sequence[Entry]
    after: int | None


@dataclass(frozen=True, slots=True)
class _Look:
    """What one transaction showed: entries only if they may have changed, ids only if they weren't known already.

    `asked` is the question as SQL with its values; `dated` when its answer depends on more dates than the caller's.
    """

    version: int
    until: int
    now: int
    entries: dict[Key, Entry] | None
    asked: str
    dated: bool
    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Marks:
    """A 1 at the place of everything that may be seen by those who asked alike, until somebody comes or goes."""

    seen: bytes
    until: int


class Book:
    """Who is to be found, in one process."""

    def __init__(self, store: Store, monitor: Monitor) -> None:
        self._store = store
        self._monitor = monitor
        self._reader = Reader()
        self._image = Image()
        self._version = -1
        self._marks: dict[str, _Marks] = {}
        self._sights: dict[tuple[int, bool], Sight] = {}
        self._turn = asyncio.Lock()

    async def sight(self, caller: Caller) -> Sight:
        """What the caller may see now. Raises Refused("out-of-office") for whoever may do nothing any more."""
        row, now = await self._store.glance(_VERSION)
        version = _number(row)
        return self._known(caller, version, now) or await self._asked(caller, version, now)

    def known_sight(self, caller: Caller) -> Sight | None:
        """The same, if that can be told without waiting; None tells nothing: ask for the `sight`."""
        glance = self._store.at_once(_VERSION)
        return None if glance is None else self._known(caller, _number(glance.row), glance.now)

    async def warm(self) -> None:
        """Have the entries at hand before somebody waits for them."""
        async with self._turn:
            version, entries = await self._store.read(self._everything)
            await self._take(version, entries)

    async def search(self, caller: Caller, text: str, most: int) -> list[Entry]:
        """What somebody who typed this text may mean, the likeliest first."""
        return (await self.sight(caller)).typed(text, min(most, MOST_ENTRIES))

    async def find(self, caller: Caller, where: Filter, most: int = 100, after: int = -1) -> Page:
        """Entries for which the filter holds; go on with the page's `after`."""
        sight, most = await self.sight(caller), min(most, MOST_ENTRIES)
        found: list[Found] = []
        for batch in sight.batches(where, after):
            found += batch
            if len(found) > most:
                break
            await asyncio.sleep(0)
        page = found[:most]
        return Page([entry for _, entry in page], page[-1][0] if len(found) > most else None)

    async def person(self, caller: Caller, name: str) -> Person | None:
        """The official of this login or mail address, in any case; None for absent and unseen alike."""
        attribute = Attribute.MAIL if "@" in name else Attribute.LOGIN
        where = And((equals(Attribute.KIND, EntryKind.PERSON.name), equals(attribute, name)))
        found = (await self.sight(caller)).first(where)
        return found if isinstance(found, Person) else None

    def _known(self, caller: Caller, version: int, now: int) -> Sight | None:
        known = self._sights.get((caller.official, caller.strong))
        return known if known is not None and known.version == version and now < known.until else None

    async def _asked(self, caller: Caller, version: int, now: int) -> Sight:
        async with self._turn:
            known = self._known(caller, version, now)  # somebody who had the turn before may have asked the same
            return known or self._kept(caller, await self._looked(caller))

    async def _looked(self, caller: Caller) -> _Look:
        look = await self._store.read(partial(self._look, caller=caller))
        await self._take(look.version, look.entries)
        return look

    async def _take(self, version: int, entries: dict[Key, Entry] | None) -> None:
        """Go over to what was read at a version; without entries that is the one which is known."""
        if entries is not None:
            await self._renew(entries)
            self._version = version
            self._marks.clear()

    def _everything(self, snapshot: Snapshot) -> tuple[int, dict[Key, Entry] | None]:
        version = _number(snapshot.first(_VERSION, {}))
        return version, self._reader.read(snapshot) if version != self._version else None

    def _look(self, snapshot: Snapshot, caller: Caller) -> _Look:
        if not officials.in_office(snapshot.connection, caller.official, snapshot.now):
            raise Refused("out-of-office", caller.login)
        stamp = self._monitor.stamp(snapshot, caller)
        entries = self._reader.read(snapshot) if stamp.version != self._version else None
        view = self._monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL)
        compiled = view.clause.compile()
        asked = f"{compiled} {compiled.params}"
        dated = _depends_on_dates(view.clause)
        marks = None if entries is not None or dated else self._marks.get(asked)
        known = marks is not None and snapshot.now < marks.until
        ids = () if known else snapshot.connection.scalars(_SEEN.where(view.clause), view.parameters).all()
        return _Look(stamp.version, stamp.until, snapshot.now, entries, asked, dated, ids)

    async def _renew(self, entries: dict[Key, Entry]) -> None:
        """Bring the image up to what was read."""
        gone, others = changes(self._image, entries)
        if len(gone) + len(others) <= FEW:
            self._image.change(gone, others)
        else:
            image = Image()
            await asyncio.to_thread(image.build, self._image, entries.values())
            self._image = image
            self._sights.clear()

    def _kept(self, caller: Caller, look: _Look) -> Sight:
        marks = self._marks.get(look.asked)
        if marks is None or look.now >= marks.until:
            marks = self._marks[look.asked] = _Marks(self._mark(look), self._image.next_moment(look.now))
        until = look.now if look.dated else min(look.until, marks.until)
        made = Sight(caller, look.version, until, self._image, marks.seen)
        if len(self._sights) >= MOST_SIGHTS:
            self._sights.clear()
        self._sights[caller.official, caller.strong] = made
        return made

    def _mark(self, look: _Look) -> bytes:
        image = self._image
        marks = bytearray(len(image.entries))
        for number in look.ids:
            place = image.people.get(number)
            if place is not None:
                marks[place] = 1
        for place in image.structure:
            marks[place] = 1
        for place in image.dated:
            marks[place] &= in_office(image.entries[place], look.now)
        return bytes(marks)


def _depends_on_dates(clause: ColumnElement[bool]) -> bool:
    """Whether a row's dates are compared with the time; the caller's own are values here, and in their stamp."""
    return any(
        isinstance(child, BindParameter) and child.key == "now" and not _of_values(parent)
        for parent in iterate(clause)
        for child in parent.get_children()
    )


def _of_values(parent: Visitable) -> bool:
    return isinstance(parent, BinaryExpression) and all(
        isinstance(side, BindParameter) for side in (parent.left, parent.right)
    )


def _number(row: Any) -> int:  # noqa: ANN401 -- a row of `_VERSION`, or None in an empty directory
    return 0 if row is None else int(row.version)
