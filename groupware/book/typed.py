"""What somebody may mean who types a few words, in the order of likelihood.

Each word must lie in the entry somewhere: in its name, login or address, its title, its unit or its body. A word counts
for more in the name than elsewhere, as a whole more than as the beginning of one. Only where too few begin so, words
that it lies inside of count too.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING

from groupware.book.entries import Attribute, EntryKind, compared, key_of, words
from groupware.book.index import GRAM

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from groupware.book.entries import Entry
    from groupware.book.image import Image

MOST_WORDS = 8
"""Of a text to be searched for; further ones are passed over."""
IN_NAME, ELSEWHERE = Attribute.OWN_WORD, Attribute.WORD
Scores = dict[int, int]
"""For each place how far it is from what was typed: 0 for the very name."""


class Likely:
    """The answer to one text, worked out as far as it is asked for. `seen` has a 1 for each place to choose from."""

    def __init__(self, image: Image, seen: bytes, text: str) -> None:
        self._image = image
        self._seen = seen
        self._name = compared(Attribute.NAME, text)
        self._words = list(dict.fromkeys(words(text)))[:MOST_WORDS]

    def best(self, most: int, kind: EntryKind | None = None) -> list[Entry]:
        """The likeliest, at most so many, of one kind or all: the closest first, then by name; the same every time."""
        found = self._nearest(self._beginning, most, kind)
        if len(found) < most and any(len(word) >= GRAM for word in self._words):
            found += self._nearest(self._inside, most - len(found), kind)
        return [entry for place in found if (entry := self._image.entries[place]) is not None]

    @cached_property
    def _beginning(self) -> Mapping[int, Sequence[int]]:
        """Places by their distance, where each word begins one of the entry's."""
        return self._by_distance([self._begun(word) for word in self._words])

    @cached_property
    def _inside(self) -> Mapping[int, Sequence[int]]:
        """The other places where each word, if long enough, is a part of one of the entry's."""
        return self._by_distance([*map(self._contained, self._words)], self._all(self._beginning))

    def _begun(self, word: str) -> list[set[int]]:
        """The places that a word leads to, the closest first."""
        names, others = self._image.indexes[IN_NAME], self._image.indexes[ELSEWHERE]
        steps = (names.equal(word), names.beginning(word), others.equal(word), others.beginning(word))
        return [set(places) for places in steps]

    def _contained(self, word: str) -> list[set[int]]:
        indexes = (self._image.indexes[IN_NAME], self._image.indexes[ELSEWHERE]) if len(word) >= GRAM else ()
        return [*self._begun(word), *(set(index.containing(word)) for index in indexes)]

    def _by_distance(
        self, steps: Sequence[Sequence[set[int]]], without: Collection[int] = ()
    ) -> Mapping[int, Sequence[int]]:
        if not steps:
            return {}
        everywhere = set.intersection(*(set().union(*each) for each in steps))
        found = self._visible(everywhere.difference(without))
        distances = dict.fromkeys(found, 1)
        for each in steps:
            _walk(each, found, distances)
        for place in found.intersection(self._image.indexes[Attribute.NAME].beginning(self._name)):
            distances[place] -= 1
        grouped: dict[int, list[int]] = defaultdict(list)
        for place, distance in distances.items():
            grouped[distance].append(place)
        return grouped

    def _visible(self, places: Collection[int]) -> set[int]:
        seen, end = self._seen, len(self._seen)
        return {place for place in places if place < end and seen[place]}

    def _nearest(self, grouped: Mapping[int, Sequence[int]], most: int, kind: EntryKind | None) -> list[int]:
        found: list[int] = []
        for distance in sorted(grouped):
            if len(found) >= most:
                break
            places = grouped[distance] if kind is None else [*self._of_kind(grouped[distance], kind)]
            found += nsmallest(most - len(found), places, key=self._image.alphabet.__getitem__)
        return found

    def _of_kind(self, places: Sequence[int], kind: EntryKind) -> Iterator[int]:
        entries, structure = self._image.entries, self._image.structure
        if kind is EntryKind.PERSON:
            return (place for place in places if place not in structure)
        return (
            place
            for place in structure.intersection(places)
            if (entry := entries[place]) is not None and key_of(entry)[0] is kind
        )

    @staticmethod
    def _all(grouped: Mapping[int, Sequence[int]]) -> set[int]:
        return {place for places in grouped.values() for place in places}


def _walk(steps: Sequence[set[int]], found: set[int], distances: Scores) -> None:
    """Add to each place's distance how far this word is from it; two for a step, since the beginning is worth one."""
    left = set(found)
    for farther, places in enumerate(steps):
        here = left & places
        left -= here
        for place in here if farther else ():
            distances[place] += 2 * farther
