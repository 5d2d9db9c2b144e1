"""Search as one types: each word of the question begins a word of the entry, whatever the letters' marks and case."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.directory_pages import structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from groupware.cards.entry import Entry
    from groupware.directory_pages.sight import Sight
    from groupware.directory_pages.structure import Body, Unit

LONGEST = 100
MOST_PEOPLE, MOST_UNITS = 25, 10
_WORDS = re.compile(r"[\w'-]+")
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "þ": "th", "œ": "oe"}
_SIGMA = {"\N{GREEK SMALL LETTER FINAL SIGMA}": "\N{GREEK SMALL LETTER SIGMA}"}
_PLAIN = str.maketrans(_LETTERS | _SIGMA)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; `more` says that there are people besides these."""

    question: str
    people: Sequence[Entry]
    more: bool
    units: Sequence[tuple[Body, Unit]]
    bodies: Sequence[Body]

    @property
    def count(self) -> int:
        """How many things are shown."""
        return len(self.people) + len(self.units) + len(self.bodies)


def search(sight: Sight, question: str) -> Found:
    """People whom the caller may see, units and bodies. A question without words finds nothing."""
    wanted = words(question[:LONGEST])
    if not wanted:
        return Found(question, (), more=False, units=(), bodies=())
    people = [entry for entry in sight.entries() if fits(wanted, _texts(entry))]
    all_bodies = structure.bodies(sight)
    units = [
        (whose, each)
        for whose in all_bodies
        for each in structure.units(sight.snapshot, whose.id)
        if fits(wanted, (each.name, each.code))
    ]
    bodies = [each for each in all_bodies if fits(wanted, (each.name, each.code))]
    return Found(question, people[:MOST_PEOPLE], len(people) > MOST_PEOPLE, units[:MOST_UNITS], bodies)


def words(text: str) -> list[str]:
    """Its words, without marks and case."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return _WORDS.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


def fits(wanted: Sequence[str], texts: Iterable[str]) -> bool:
    """Whether each wanted word begins one of the texts' words."""
    there = [word for text in texts for word in words(text)]
    return all(any(word.startswith(each) for word in there) for each in wanted)


def _texts(entry: Entry) -> tuple[str, ...]:
    return entry.name, entry.login, entry.address, entry.title, entry.units[-1], entry.body, entry.body_code
