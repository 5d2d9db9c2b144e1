"""Bodies and their units, as a tree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, false, func, select

from directory.tables import body, unit
from groupware import given
from groupware.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupware.cards.entry import Entry
    from groupware.directory_pages.sight import Sight
    from groupware.store import Snapshot

_BODIES = select(body.c.id, body.c.code, body.c.name, body.c.kind).where(body.c.suspended == false())
_BODY = _BODIES.where(func.lower(body.c.code) == bindparam("wanted"))
_UNITS = (
    select(unit.c.id, unit.c.parent, unit.c.code, unit.c.name, unit.c.address, unit.c.phone)
    .where(unit.c.body == bindparam("in_body"))
    .order_by(unit.c.name, unit.c.id)
)


@dataclass(frozen=True, slots=True)
class Body:
    """A state or institution; `people` is how many of its officials the caller may see."""

    id: int
    code: str
    name: str
    kind: str
    people: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; `depth` is how many stand above it, `people` how many of the unit itself the caller may see."""

    id: int
    parent: int | None
    code: str
    name: str
    address: str
    phone: str
    depth: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class UnitPage:
    """A unit with those above it from the top, those right below it, and its people."""

    body: Body
    unit: Unit
    above: Sequence[Unit]
    below: Sequence[Unit]
    people: Sequence[Entry]


def bodies(sight: Sight) -> list[Body]:
    """All bodies that take part, by name."""
    count = sight.count_by_body()
    rows = sight.snapshot.connection.execute(_BODIES.order_by(body.c.name))
    return [Body(row.id, row.code, row.name, row.kind, count.get(row.id, 0)) for row in rows]


def by_id(snapshot: Snapshot) -> Mapping[int, Body]:
    """The same by their ids."""
    return {row.id: Body(*row) for row in snapshot.connection.execute(_BODIES)}


def one_body(sight: Sight, code: str) -> Body:
    """The body of this code, in any case. Raises NotFound."""
    row = sight.snapshot.connection.execute(_BODY, {"wanted": given.name(code).lower()}).first()
    if row is None:
        raise NotFound(f"body {code}")
    return Body(*row)


def units(snapshot: Snapshot, of_body: int, people: Sequence[Entry] = ()) -> list[Unit]:
    """A body's units, each after the one above it."""
    count = Counter(entry.unit for entry in people)
    rows = snapshot.connection.execute(_UNITS, {"in_body": of_body}).all()
    below: dict[int | None, list[Unit]] = {}
    for row in rows:
        below.setdefault(row.parent, []).append(Unit(*row, people=count[row.id]))
    return list(_walk(below, None, 0))


def one_unit(sight: Sight, body_code: str, code: str) -> UnitPage:
    """A unit of a body. Raises NotFound."""
    whose = one_body(sight, body_code)
    here = sight.entries_at(whose.id)
    tree = units(sight.snapshot, whose.id, here)
    found = next((each for each in tree if each.code == given.name(code)), None)
    if found is None:
        raise NotFound(f"unit {code}")
    below = [each for each in tree if each.parent == found.id]
    return UnitPage(whose, found, path(tree, found), below, [entry for entry in here if entry.unit == found.id])


def path(tree: Sequence[Unit], of: Unit) -> list[Unit]:
    """The units above one, from the top."""
    by_id = {each.id: each for each in tree}
    above: list[Unit] = []
    while of.parent is not None:
        of = by_id[of.parent]
        above.append(of)
    return above[::-1]


def _walk(below: dict[int | None, list[Unit]], parent: int | None, depth: int) -> Iterator[Unit]:
    for each in below.get(parent, ()):
        yield replace(each, depth=depth)
        yield from _walk(below, each.id, depth + 1)
