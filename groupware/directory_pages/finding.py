"""The search page's answer: people, units and bodies that a few words may mean, looked up in the book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from groupware.book.entries import Body, Entry, EntryKind, Person, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.book.sight import Sight
    from groupware.book.typed import Likely

LONGEST = 100
"""Characters of a question; further ones are passed over."""
MOST_PEOPLE, MOST_UNITS, MOST_BODIES = 25, 10, 10
T = TypeVar("T", bound=Entry)


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """The likeliest of one kind; `more` says that there are others besides these."""

    entries: Sequence[T]
    more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What was found."""

    question: str
    people: Some[Person]
    units: Some[Unit]
    bodies: Some[Body]

    @property
    def count(self) -> int:
        """How many things are shown."""
        return sum(len(each.entries) for each in (self.people, self.units, self.bodies))


def find(sight: Sight, question: str) -> Found:
    """People whom the caller may see, units and bodies. A question without words finds nothing."""
    likely = sight.likely(question[:LONGEST])
    return Found(
        question,
        people=_some(likely, Person, EntryKind.PERSON, MOST_PEOPLE),
        units=_some(likely, Unit, EntryKind.UNIT, MOST_UNITS),
        bodies=_some(likely, Body, EntryKind.BODY, MOST_BODIES),
    )


def _some(likely: Likely, of: type[T], kind: EntryKind, most: int) -> Some[T]:
    found = [entry for entry in likely.best(most + 1, kind) if isinstance(entry, of)]
    return Some(found[:most], len(found) > most)
