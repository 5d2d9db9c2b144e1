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

    from groupware.book.entries import Entry, Values
    from groupware.book.image import Image

MOST_WORDS = 8
"""Of a text to be searched for; further ones are passed over."""
ENOUGH = 10
"""Entries that begin so; with fewer, parts of words are looked for too."""
FEW = 100
"""Entries that are looked at one by one sooner than the indexes are asked for one more word."""
IN_NAME, ELSEWHERE = Attribute.OWN_WORD, Attribute.WORD
Distances = dict[int, int]
"""For each place how far it is from what was typed, in twice as many steps as a word is away."""


class Likely:
    """The answer to one text, worked out as far as it is asked for. `seen` has a 1 for each place to choose from."""

    def __init__(self, image: Image, seen: bytes, text: str) -> None:
        self._image = image
        self._seen = seen
        self._name = compared(Attribute.NAME, text)
        self._words = sorted(dict.fromkeys(words(text)[:MOST_WORDS]), key=self._commonness)

    def best(self, most: int, kind: EntryKind | None = None) -> list[Entry]:
        """The likeliest, at most so many, of one kind or all: the closest first, then by name; the same every time."""
        found: list[int] = []
        for distance in sorted(self._by_distance):
            if len(found) >= most:
                break
            places = self._of_kind(self._by_distance[distance], kind)
            found += nsmallest(most - len(found), places, key=self._image.alphabet.__getitem__)
        return [entry for place in found if (entry := self._image.entries[place]) is not None]

    @cached_property
    def _by_distance(self) -> Mapping[int, Sequence[int]]:
        distances = self._reached(inside=False)
        if len(distances) < ENOUGH and any(len(word) >= GRAM for word in self._words):
            distances = self._reached(inside=True)
        for place in distances.keys() & self._image.indexes[Attribute.NAME].beginning(self._name):
            distances[place] -= 1
        grouped: dict[int, list[int]] = defaultdict(list)
        for place, distance in distances.items():
            grouped[distance].append(place)
        return grouped

    def _commonness(self, word: str) -> int:
        return sum(self._image.indexes[where].count_beginning(word) for where in (IN_NAME, ELSEWHERE))

    def _reached(self, *, inside: bool) -> Distances:
        """All places that each word leads to: by the indexes, one word after the other, until only few are left."""
        found: set[int] | None = None
        steps = []
        for word in self._words:
            if found is not None and len(found) <= FEW:
                break
            steps.append(self._steps(word, inside=inside))
            reached = set().union(*steps[-1])
            found = self._visible(reached) if found is None else found & reached
        if found is None:
            return {}
        return self._one_by_one(found, inside=inside) if len(found) <= FEW else _together(found, steps)

    def _steps(self, word: str, *, inside: bool) -> list[Sequence[int]]:
        """The places that a word leads to, the closest first, those of further steps perhaps again."""
        names, others = self._image.indexes[IN_NAME], self._image.indexes[ELSEWHERE]
        begun = [names.equal(word), names.beginning(word), others.equal(word), others.beginning(word)]
        return [*begun, names.containing(word), others.containing(word)] if inside and len(word) >= GRAM else begun

    def _one_by_one(self, places: Collection[int], *, inside: bool) -> Distances:
        values = self._image.values
        found = {}
        for place in places:
            away = [_away(values[place], word, inside=inside and len(word) >= GRAM) for word in self._words]
            if None not in away:
                found[place] = 2 * sum(filter(None, away))
        return found

    def _visible(self, places: Collection[int]) -> set[int]:
        seen, end = self._seen, len(self._seen)
        return {place for place in places if place < end and seen[place]}

    def _of_kind(self, places: Sequence[int], kind: EntryKind | None) -> Iterator[int] | Sequence[int]:
        entries, structure = self._image.entries, self._image.structure
        if kind is None:
            return places
        if kind is EntryKind.PERSON:
            return (place for place in places if place not in structure)
        return (
            place
            for place in structure.intersection(places)
            if (entry := entries[place]) is not None and key_of(entry)[0] is kind
        )


def _together(found: set[int], steps: Sequence[Sequence[Sequence[int]]]) -> Distances:
    """How far each of many places is, which all words lead to."""
    distances = dict.fromkeys(found, 0)
    for of_word in steps:
        left = set(found)
        for away, places in enumerate(of_word):
            here = left.intersection(places)
            left -= here
            for place in here if away else ():
                distances[place] += 2 * away
    return distances


def _away(values: Values, word: str, *, inside: bool) -> int | None:
    """How many steps a word is away from an entry; None where it doesn't lead there."""
    names, others = values.get(IN_NAME, ()), values.get(ELSEWHERE, ())
    for away, texts in ((0, names), (2, others)):
        if word in texts:
            return away
        if any(text.startswith(word) for text in texts):
            return away + 1
    if inside:
        for away, texts in ((4, names), (5, others)):
            if any(word in text for text in texts):
                return away
    return None
