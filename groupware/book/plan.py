"""Where to look: from a filter to the places that may hold what it asks for, by the indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from groupware.book.filters import And, AtLeast, AtMost, Equals, Not, Or, Substring, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.book.filters import Filter
    from groupware.book.image import Image
    from groupware.book.index import Index


MOST_PLANNED = 64
"""Parts of a filter for which the indexes are asked; beyond that, going through all entries is no slower."""


class Candidates(NamedTuple):
    """All places where the filter holds; `exact` when it holds at each of them. May have repetitions."""

    places: Sequence[int]
    exact: bool


def weight(where: Filter) -> int:
    """How many parts a filter has, pieces of substrings included: what it costs to judge an entry by it."""
    if isinstance(where, And | Or):
        return 1 + sum(map(weight, where.parts))
    if isinstance(where, Not):
        return 1 + weight(where.part)
    return 1 + len(where.middle) if isinstance(where, Substring) else 1


def candidates(image: Image, where: Filter) -> Candidates | None:
    """Where the filter may hold; None when no index helps."""
    if isinstance(where, Or):
        return _any(image, where.parts)
    if isinstance(where, And):
        return _all(image, where.parts)
    if isinstance(where, Substring):
        return _containing(image, where)
    if isinstance(where, Equals | AtLeast | AtMost):
        return Candidates(_compared(image.indexes[where.attribute], where), exact=True)
    return Candidates((), exact=True) if isinstance(where, Unknown) else None


def _compared(index: Index, where: Equals | AtLeast | AtMost) -> Sequence[int]:
    if isinstance(where, Equals):
        return index.equal(where.value)
    return index.from_on(where.value) if isinstance(where, AtLeast) else index.up_to(where.value)


def _containing(image: Image, where: Substring) -> Candidates | None:
    index = image.indexes[where.attribute]
    if where.initial:
        return Candidates(index.beginning(where.initial), exact=not (where.middle or where.final))
    longest = max((*where.middle, where.final), key=len)
    return Candidates(index.containing(longest), exact=False) if longest else None


def _any(image: Image, parts: Sequence[Filter]) -> Candidates | None:
    """Unknown parts add nothing: what holds holds by another."""
    places: list[int] = []
    exact = True
    for part in parts:
        found = candidates(image, part)
        if found is None or len(places) > len(image.entries):
            return None
        places += found.places
        exact = exact and found.exact
    return Candidates(places, exact)


def _all(image: Image, parts: Sequence[Filter]) -> Candidates | None:
    """The part that leaves the fewest."""
    best: Candidates | None = None
    for part in parts:
        found = candidates(image, part)
        if found is not None and (best is None or len(found.places) < len(best.places)):
            best = found
    return best and Candidates(best.places, exact=best.exact and len(parts) == 1)
