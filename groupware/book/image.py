"""The book's entries in memory, each at a place of its own that it keeps, with the indexes over them.

An image belongs to the event loop's thread once it is built; few changes are made to it in place, many by building the
next one, in which entries keep their places.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from directory.tables import FOREVER
from groupware.book.entries import Attribute, Person, key_of, values_of
from groupware.book.index import Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from groupware.book.entries import Entry, Key, Values

WITH_PIECES = frozenset(
    {
        Attribute.LOGIN,
        Attribute.MAIL,
        Attribute.NAME,
        Attribute.GIVEN_NAME,
        Attribute.SURNAME,
    }
)
"""Attributes that are searched for pieces of words; of single words there are few enough to go through them all."""


class Image:
    """Entries and indexes. `entries[place]` is None where one has left."""

    def __init__(self) -> None:
        self.entries: list[Entry | None] = []
        self.values: list[Values] = []
        self.places: dict[Key, int] = {}
        self.alphabet: list[tuple[str, int]] = []
        """What lists are sorted by, for each place: the name, and for equal names the place."""
        self.people: dict[int, int] = {}
        """Places of officials by their ids."""
        self.indexes = {attribute: Index(pieces=attribute in WITH_PIECES) for attribute in Attribute}
        self.dated: set[int] = set()
        """Places of officials whose service begins or ends."""
        self.structure: set[int] = set()
        """Places of units and bodies."""
        self._moments: list[int] = []

    def find(self, key: Key) -> Entry | None:
        """The entry of this key."""
        place = self.places.get(key)
        return None if place is None else self.entries[place]

    def build(self, before: Image | None, entries: Iterable[Entry]) -> None:
        """Fill an empty image with these; those that `before` had keep their places, unchanged ones their objects."""
        if before is not None:
            self.entries, self.values = [None] * len(before.entries), [{}] * len(before.entries)
            self.alphabet = [("", place) for place in range(len(before.entries))]
            self.places = dict(before.places)
        for entry in entries:
            self._set(self._place(key_of(entry)), entry, values_of(entry))
        for attribute, index in self.indexes.items():
            index.fill((place, values[attribute]) for place, values in enumerate(self.values) if attribute in values)
        self._note_moments()

    def change(self, gone: Iterable[Key], entries: Iterable[Entry]) -> None:
        """Take out and put in a few."""
        for key in gone:
            self._take_out(self.places[key])
        for entry in entries:
            place = self._place(key_of(entry))
            self._take_out(place)
            values = values_of(entry)
            for attribute, texts in values.items():
                self.indexes[attribute].put(place, texts)
            self._set(place, entry, values)
        self._note_moments()

    def next_moment(self, now: int) -> int:
        """When somebody's service begins or ends next; FOREVER for never."""
        at = bisect_right(self._moments, now)
        return self._moments[at] if at < len(self._moments) else FOREVER

    def _place(self, key: Key) -> int:
        place = self.places.setdefault(key, len(self.entries))
        if place == len(self.entries):
            self.entries.append(None)
            self.values.append({})
            self.alphabet.append(("", place))
        return place

    def _set(self, place: int, entry: Entry, values: Values) -> None:
        self.entries[place], self.values[place] = entry, values
        self.alphabet[place] = (values.get(Attribute.NAME, ("",))[0], place)
        if not isinstance(entry, Person):
            self.structure.add(place)
            return
        self.people[entry.id] = place
        if entry.since > 0 or entry.until < FOREVER:
            self.dated.add(place)

    def _take_out(self, place: int) -> None:
        for attribute, texts in self.values[place].items():
            self.indexes[attribute].drop(place, texts)
        self.entries[place], self.values[place] = None, {}
        self.dated.discard(place)
        self.structure.discard(place)

    def _note_moments(self) -> None:
        dated = (self.entries[place] for place in self.dated)
        moments = {moment for entry in dated if isinstance(entry, Person) for moment in (entry.since, entry.until)}
        self._moments = sorted(moments)


def in_office(entry: Entry | None, now: int) -> bool:
    """Whether an official's service has begun and not ended; units and bodies have no dates."""
    return entry is not None and (not isinstance(entry, Person) or entry.since <= now < entry.until)


def changes(before: Image, after: Mapping[Key, Entry]) -> tuple[list[Key], list[Entry]]:
    """What is in an image and no more, and what is new or another."""
    gone = [key for key, place in before.places.items() if key not in after and before.entries[place] is not None]
    return gone, [entry for key, entry in after.items() if before.find(key) is not entry]
