"""An index over one attribute's folded values: from a value, a prefix or a piece of one to the places of entries."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GRAM = 3
BEHIND = "\U0010ffff"
"""Sorts behind every sign that a value may go on with."""
Places = list[int]


def grams(value: str) -> set[str]:
    """All pieces of three signs."""
    return {value[at : at + GRAM] for at in range(len(value) - GRAM + 1)}


class Index:
    """Values of one attribute. `pieces` says whether what lies inside of them is indexed too, by threes of signs."""

    def __init__(self, *, pieces: bool) -> None:
        self._pieces = pieces
        self._places: dict[str, Places] = {}
        self._sorted: list[str] = []
        self._in_order: list[Places] = []
        """The lists of `_places`, as `_sorted` has their values."""
        self._grams: dict[str, array[int]] = defaultdict(lambda: array("I"))

    def fill(self, entries: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Put in many at once, into an empty index."""
        for place, values in entries:
            for value in values:
                self._places.setdefault(value, []).append(place)
                self._add_grams(place, value)
        self._sorted = sorted(self._places)
        self._in_order = [self._places[value] for value in self._sorted]

    def put(self, place: int, values: Sequence[str]) -> None:
        """Put in an entry's values."""
        for value in values:
            if value not in self._places:
                at = bisect_left(self._sorted, value)
                self._places[value] = []
                self._sorted.insert(at, value)
                self._in_order.insert(at, self._places[value])
            insort(self._places[value], place)
            self._add_grams(place, value)

    def drop(self, place: int, values: Sequence[str]) -> None:
        """Take out an entry's values."""
        for value in values:
            places = self._places[value]
            places.remove(place)
            if not places:
                at = bisect_left(self._sorted, value)
                del self._places[value], self._sorted[at], self._in_order[at]
            for gram in grams(value) if self._pieces else ():
                self._grams[gram].remove(place)

    def equal(self, value: str) -> Sequence[int]:
        """Where the value is."""
        return self._places.get(value, ())

    def beginning(self, prefix: str) -> list[int]:
        """Where values begin so; perhaps with repetitions."""
        return self._between(bisect_left(self._sorted, prefix), bisect_right(self._sorted, prefix + BEHIND))

    def count_beginning(self, prefix: str) -> int:
        """How many places `beginning` would give."""
        first, end = bisect_left(self._sorted, prefix), bisect_right(self._sorted, prefix + BEHIND)
        return sum(map(len, self._in_order[first:end]))

    def from_on(self, value: str) -> list[int]:
        """Where values are this or later; perhaps with repetitions."""
        return self._between(bisect_left(self._sorted, value), len(self._sorted))

    def up_to(self, value: str) -> list[int]:
        """Where values are this or earlier; perhaps with repetitions."""
        return self._between(0, bisect_right(self._sorted, value))

    def containing(self, piece: str) -> Sequence[int]:
        """Where values may contain it: all that do, and perhaps others, perhaps with repetitions."""
        if not self._pieces or len(piece) < GRAM:
            return [place for value, places in self._places.items() if piece in value for place in places]
        rarest: Sequence[int] | None = None
        for gram in grams(piece):
            places = self._grams.get(gram, ())
            if rarest is None or len(places) < len(rarest):
                rarest = places
        return rarest or ()

    def _between(self, first: int, end: int) -> list[int]:
        return [place for places in self._in_order[first:end] for place in places]

    def _add_grams(self, place: int, value: str) -> None:
        for gram in grams(value) if self._pieces else ():
            self._grams[gram].append(place)
