"""The directory's pages as doors ask for them: each answer is one moment's, and only what the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from directory import officials
from groupware import given
from groupware.directory_pages import choosing, contact_points, finding, postings, sight, structure
from groupware.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupware.book.book import Book
    from groupware.book.entries import Person as Listed
    from groupware.caller import Caller
    from groupware.cards.entry import Entry
    from groupware.directory_pages.contact_points import ContactPoint
    from groupware.directory_pages.finding import Found
    from groupware.directory_pages.postings import Posting
    from groupware.directory_pages.sight import Area, Sight
    from groupware.directory_pages.structure import Body, Unit, UnitPage
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Store

T = TypeVar("T")
EVERYTHING = "all"
"""Stands in a question for a contact point that isn't for one area."""


@dataclass(frozen=True, slots=True)
class Person:
    """An official with the units above their own from the top, what they are contact point for, and their postings."""

    entry: Entry
    units: Sequence[Unit]
    contact_points: Sequence[ContactPoint]
    postings: Sequence[Posting]


@dataclass(frozen=True, slots=True)
class BodyPage:
    """A body with its tree of units, its contact points and its liaison officers."""

    body: Body
    units: Sequence[Unit]
    contact_points: Sequence[ContactPoint]
    postings: Sequence[Posting]


@dataclass(frozen=True, slots=True)
class Directions:
    """Whom to ask: the answer, what else can be asked for, and the body (or 0) whose contact points one arranges."""

    bodies: Sequence[Body]
    areas: Sequence[Area]
    found: Sequence[ContactPoint]
    kept: int


class DirectoryPages:
    """For one store."""

    def __init__(self, store: Store, monitor: Monitor, book: Book) -> None:
        self._store = store
        self._monitor = monitor
        self._book = book

    async def search(self, caller: Caller, question: str) -> Found:
        """What somebody who typed this may mean."""
        return finding.find(await self._book.sight(caller), question)

    async def bodies(self, caller: Caller) -> Sequence[Body]:
        """The bodies that take part, by name."""
        return await self._store.read(partial(self._look, caller, structure.bodies))

    async def person(self, caller: Caller, login: str) -> Person:
        """One official. Raises NotFound, the same for absent, forbidden and out of office."""
        return await self._store.read(partial(self._look, caller, lambda seen: _person(seen, login)))

    async def unit(self, caller: Caller, body: str, code: str) -> UnitPage:
        """One unit. Raises NotFound."""
        return await self._store.read(partial(self._look, caller, lambda seen: structure.one_unit(seen, body, code)))

    async def body(self, caller: Caller, code: str) -> BodyPage:
        """One body. Raises NotFound."""
        return await self._store.read(partial(self._look, caller, lambda seen: _body(seen, code)))

    async def whom_to_ask(self, caller: Caller, body: str, about: str) -> Directions:
        """The contact points of a body ("" for all) about an area ("" for any). NotFound for what there isn't."""
        return await self._store.read(partial(self._look, caller, lambda seen: _directions(seen, body, about)))

    async def postings(self, caller: Caller) -> Sequence[Posting]:
        """All liaison officers abroad, now and to come."""
        return await self._store.read(partial(self._look, caller, postings.postings))

    async def colleagues(self, caller: Caller) -> Sequence[Listed] | None:
        """See choosing.colleagues."""
        return await choosing.colleagues(self._book, caller)

    async def meant(self, caller: Caller, text: str, *, own: bool) -> Sequence[Listed]:
        """See choosing.meant."""
        return await choosing.meant(self._book, caller, text, own=own)

    def _look(self, caller: Caller, query: Callable[[Sight], T], snapshot: Snapshot) -> T:
        return query(sight.of_caller(snapshot, self._monitor, caller))


def _person(seen: Sight, login: str) -> Person:
    official = officials.by_login(seen.snapshot.connection, given.name(login))
    entry = None if official is None else seen.entries_of({official.id}).get(official.id)
    if entry is None:
        raise NotFound(f"official {login}")
    body = structure.one_body(seen, entry.body_code)
    tree = structure.units(seen.snapshot, body.id)
    own = next(each for each in tree if each.id == entry.unit)
    points = [each for each in contact_points.contact_points(seen) if entry in (each.holder, *each.deputies)]
    return Person(entry, [*structure.path(tree, own), own], points, postings.postings(seen, officials=[entry.official]))


def _body(seen: Sight, code: str) -> BodyPage:
    body = structure.one_body(seen, code)
    people = seen.entries_at(body.id)
    abroad = postings.postings(seen, officials=[entry.official for entry in people])
    tree = structure.units(seen.snapshot, body.id, people)
    return BodyPage(body, tree, contact_points.contact_points(seen, of_body=body.id), abroad)


def _directions(seen: Sight, body: str, about: str) -> Directions:
    areas, bodies = seen.areas(), structure.bodies(seen)
    of_body = structure.one_body(seen, body).id if body else 0
    known = {each.code: each.id for each in areas} | {EVERYTHING: 0}
    if about and about not in known:
        raise NotFound(f"area {about}")
    wanted = known[about] if about else None
    found = contact_points.contact_points(seen, of_body=of_body, about=wanted)
    return Directions(bodies, areas, found, seen.kept())
