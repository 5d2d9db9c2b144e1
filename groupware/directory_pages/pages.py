"""The directory's pages as doors ask for them: each answer is one moment's, and only what the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from directory import officials
from groupware import given
from groupware.directory_pages import finding, sight, structure, who_to_ask
from groupware.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupware.book.book import Book
    from groupware.caller import Caller
    from groupware.cards.entry import Entry
    from groupware.directory_pages.finding import Found
    from groupware.directory_pages.sight import Area, Sight
    from groupware.directory_pages.structure import Body, Unit, UnitPage
    from groupware.directory_pages.who_to_ask import ContactPoint, Posting
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
    """Whom to ask: the answer, and what else can be asked for."""

    bodies: Sequence[Body]
    areas: Sequence[Area]
    found: Sequence[ContactPoint]


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
        return await self._store.read(partial(self._look, caller, who_to_ask.postings))

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
    points = [each for each in who_to_ask.contact_points(seen) if entry in (each.holder, *each.deputies)]
    return Person(entry, [*structure.path(tree, own), own], points, who_to_ask.postings(seen, official=entry.official))


def _body(seen: Sight, code: str) -> BodyPage:
    body = structure.one_body(seen, code)
    people = {entry.official: entry for entry in seen.entries_at(body.id)}
    postings = [each for each in who_to_ask.postings(seen) if each.official.official in people]
    tree = structure.units(seen.snapshot, body.id, list(people.values()))
    return BodyPage(body, tree, who_to_ask.contact_points(seen, of_body=body.id), postings)


def _directions(seen: Sight, body: str, about: str) -> Directions:
    areas, bodies = seen.areas(), structure.bodies(seen)
    of_body = structure.one_body(seen, body).id if body else 0
    known = {each.code: each.id for each in areas} | {EVERYTHING: 0}
    if about and about not in known:
        raise NotFound(f"area {about}")
    wanted = known[about] if about else None
    found = who_to_ask.contact_points(seen, of_body=of_body, about=wanted) if body or about else []
    return Directions(bodies, areas, found)
