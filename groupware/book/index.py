"""An index over one attribute's folded values: from a value, a prefix or a piece of one to the places of entries."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
        self._grams: dict[str, array[int]] = defaultdict(lambda: array("I"))

    def fill(self, entries: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Put in many at once; `settle` follows."""
        for place, values in entries:
            for value in values:
                self._places.setdefault(value, []).append(place)
                self._add_grams(place, value)
        self._sorted = sorted(self._places)

    def put(self, place: int, values: Sequence[str]) -> None:
        """Put in an entry's values."""
        for value in values:
            if value not in self._places:
                insort(self._sorted, value)
            insort(self._places.setdefault(value, []), place)
            self._add_grams(place, value)

    def drop(self, place: int, values: Sequence[str]) -> None:
        """Take out an entry's values."""
        for value in values:
            places = self._places[value]
            places.remove(place)
            if not places:
                del self._places[value]
                del self._sorted[bisect_left(self._sorted, value)]
            for gram in grams(value) if self._pieces else ():
                self._grams[gram].remove(place)

    def equal(self, value: str) -> Sequence[int]:
        """Where the value is."""
        return self._places.get(value, ())

    def beginning(self, prefix: str) -> list[int]:
        """Where values begin so; perhaps with repetitions."""
        return self._of(self._sorted[bisect_left(self._sorted, prefix) : bisect_right(self._sorted, prefix + BEHIND)])

    def from_on(self, value: str) -> list[int]:
        """Where values are this or later; perhaps with repetitions."""
        return self._of(self._sorted[bisect_left(self._sorted, value) :])

    def up_to(self, value: str) -> list[int]:
        """Where values are this or earlier; perhaps with repetitions."""
        return self._of(self._sorted[: bisect_right(self._sorted, value)])

    def containing(self, piece: str) -> Sequence[int]:
        """Where values may contain it: all that do, and perhaps others, perhaps with repetitions."""
        if not self._pieces or len(piece) < GRAM:
            return self._of(value for value in self._sorted if piece in value)
        rarest: Sequence[int] | None = None
        for gram in grams(piece):
            places = self._grams.get(gram, ())
            if rarest is None or len(places) < len(rarest):
                rarest = places
        return rarest or ()

    def _of(self, values: Iterable[str]) -> list[int]:
        return list(self._every(values))

    def _every(self, values: Iterable[str]) -> Iterator[int]:
        for value in values:
            yield from self._places[value]

    def _add_grams(self, place: int, value: str) -> None:
        for gram in grams(value) if self._pieces else ():
            self._grams[gram].append(place)
