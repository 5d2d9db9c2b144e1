"""What one official may see of the book at one version of the rights, and looking for something in it."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from groupware.book.entries import Attribute, EntryKind, words
from groupware.book.filters import And, Or, Substring, prefix
from groupware.book.index import GRAM
from groupware.book.plan import candidates
from groupware.message.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupware.book.entries import Entry
    from groupware.book.filters import Filter
    from groupware.book.image import Image
    from groupware.caller import Caller

SLICE = 250
"""Entries that are judged before others get their turn: less than a millisecond with ordinary filters."""
MOST_WORDS = 8
"""Of a text to be searched for; further ones are passed over."""
Found = tuple[int, "Entry"]
"""An entry and its place, by which a list is gone on with."""


@dataclass(frozen=True, slots=True)
class Sight:
    """`seen` has a 1 for each place that the caller may see; true at `version` of the rights until `until`.

    Ask the book for it at each command: nothing tells an old one that a right has gone.
    """

    caller: Caller
    version: int
    until: int
    image: Image
    seen: bytes

    def entry(self, kind: EntryKind, number: int) -> Entry | None:
        """The entry with this id, if it is there and may be seen."""
        place = self.image.places.get((kind, number))
        return None if place is None or not self._sees(place) else self.image.entries[place]

    def first(self, where: Filter) -> Entry | None:
        """One for which the filter holds, if any."""
        return next((entry for batch in self.batches(where) for _, entry in batch), None)

    def batches(self, where: Filter, after: int = -1) -> Iterator[list[Found]]:
        """All for which the filter holds, in the order of their places, from behind one.

        In batches between which the caller may let others have their turn: each took about a millisecond.
        """
        found = candidates(self.image, where)
        if found is None:
            places = self._visible(range(after + 1, len(self.image.entries)))
            exact = where == And(())
        else:
            places = self._visible(sorted(set(found.places))) if len(found.places) > 1 else self._visible(found.places)
            exact = found.exact
            if after >= 0:
                places = [place for place in places if place > after]
        for start in range(0, len(places), SLICE):
            part = places[start : start + SLICE]
            yield self._entries(part if exact else self._holding(where, part))
            if len(places) - start <= SLICE:
                return

    def typed(self, text: str, most: int) -> list[Entry]:
        """What somebody who typed this may mean, the likeliest first: all words begin there, or else lie inside."""
        asked = words(text)[:MOST_WORDS]
        if not asked:
            return []
        beginning = And(tuple(prefix(Attribute.WORD, word) for word in asked))
        found = self._best(beginning, text, most, ())
        if len(found) < most and any(len(word) >= GRAM for word in asked):
            inside = And(tuple(Or((Substring(Attribute.WORD, middle=(word,)),)) for word in asked))
            found += self._best(inside, text, most - len(found), found)
        return found

    def _best(self, where: Filter, text: str, most: int, without: Sequence[Entry]) -> list[Entry]:
        typed = " ".join(fold(text).split())
        found = (entry for batch in self.batches(where) for _, entry in batch if entry not in without)
        return nsmallest(most, found, key=lambda entry: _rank(entry, typed))

    def _sees(self, place: int) -> bool:
        return place < len(self.seen) and self.seen[place] == 1

    def _visible(self, places: Sequence[int]) -> list[int]:
        seen, end = self.seen, len(self.seen)
        return [place for place in places if place < end and seen[place]]

    def _holding(self, where: Filter, places: Sequence[int]) -> list[int]:
        values, holds = self.image.values, where.holds
        return [place for place in places if holds(values[place])]

    def _entries(self, places: Sequence[int]) -> list[Found]:
        """What left since it was looked for is passed over."""
        entries = self.image.entries
        return [(place, entry) for place in places if (entry := entries[place]) is not None]


def _rank(entry: Entry, typed: str) -> tuple[bool, str, int]:
    name = fold(entry.name)
    return not name.startswith(typed), name, entry.id
