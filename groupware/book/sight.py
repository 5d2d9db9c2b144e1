"""What one official may see of the book at one version of the rights, and looking for something in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.book.filters import EVERYTHING
from groupware.book.plan import MOST_PLANNED, candidates, weight
from groupware.book.typed import Likely

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupware.book.entries import Entry, EntryKind
    from groupware.book.filters import Filter
    from groupware.book.image import Image
    from groupware.caller import Caller

SLICE = 1000
"""Parts of filters that are judged before others get their turn: less than a millisecond."""
TOGETHER = 200
"""Entries that are shown before others get their turn."""
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
        heavy = weight(where)
        found = candidates(self.image, where) if heavy <= MOST_PLANNED else None
        places = self._visible(range(len(self.image.entries)) if found is None else _in_order(found.places), after)
        exact = where == EVERYTHING if found is None else found.exact
        size = TOGETHER if exact else min(TOGETHER, max(1, SLICE // heavy))
        for start in range(0, len(places), size):
            part = places[start : start + size]
            yield self._entries(part if exact else self._holding(where, part))

    def few(self, where: Filter) -> list[Found] | None:
        """All for which the filter holds, in order, if few enough for one batch; None: ask for `batches`."""
        heavy = weight(where)
        found = candidates(self.image, where) if heavy <= MOST_PLANNED else None
        if found is None or len(found.places) > (TOGETHER if found.exact else SLICE // heavy):
            return None
        places = self._visible(_in_order(found.places), -1)
        return self._entries(places if found.exact else self._holding(where, places))

    def likely(self, text: str) -> Likely:
        """What somebody who typed this may mean, to be asked for the likeliest of each kind."""
        return Likely(self.image, self.seen, text)

    def typed(self, text: str, most: int) -> list[Entry]:
        """What somebody who typed this may mean, the likeliest first."""
        return self.likely(text).best(most)

    def _sees(self, place: int) -> bool:
        return place < len(self.seen) and self.seen[place] == 1

    def _visible(self, places: Sequence[int], after: int) -> list[int]:
        seen, end = self.seen, len(self.seen)
        return [place for place in places if after < place < end and seen[place]]

    def _holding(self, where: Filter, places: Sequence[int]) -> list[int]:
        values, holds = self.image.values, where.holds
        return [place for place in places if holds(values[place])]

    def _entries(self, places: Sequence[int]) -> list[Found]:
        """What left since it was looked for is passed over."""
        entries = self.image.entries
        return [(place, entry) for place in places if (entry := entries[place]) is not None]


def _in_order(places: Sequence[int]) -> Sequence[int]:
    return sorted(set(places)) if len(places) > 1 else places
