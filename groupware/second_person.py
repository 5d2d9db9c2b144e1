"""Markings and handling codes whose posts need a second person's word before they go on: a room's, or the network's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Row

    from groupware.message.markings import Marks

_NO_MARKING, _NO_HANDLING = max(Marking) + 1, max(Handling) + 1
_WORDS = {marking.label: marking for marking in Marking if marking >= Marking.AMBER_STRICT}
_CODES = {code.label: code for code in Handling if code > Handling.H0}
WORDS = (*_WORDS, *_CODES)
"""What can be chosen; what is stricter is meant, too."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """From which marking, and from which code, on; one above the strictest where there is none."""

    marking: int = _NO_MARKING
    handling: int = _NO_HANDLING

    def asks(self, marks: Marks) -> bool:
        """Whether a post with these marks needs a second person."""
        return marks.marking >= self.marking or marks.handling >= self.handling

    def or_else(self, other: Chosen) -> Chosen:
        """What either asks for."""
        return Chosen(min(self.marking, other.marking), min(self.handling, other.handling))

    def __str__(self) -> str:
        """As it is written down: `TLP:RED H3`."""
        found = [word for word, marking in _WORDS.items() if marking == self.marking]
        return " ".join([*found, *(word for word, code in _CODES.items() if code == self.handling)])


NOTHING = Chosen()


def read(text: str) -> Chosen:
    """What the words say. Raises ValueError for another word."""
    found = NOTHING
    for word in text.upper().replace(",", " ").split():
        if word not in WORDS:
            raise ValueError(f"choose among {', '.join(WORDS)}")
        found = found.or_else(Chosen(_WORDS.get(word, _NO_MARKING), _CODES.get(word, _NO_HANDLING)))
    return found


def of_room(network: Chosen, row: Row[Any]) -> Chosen:
    """What the network asks for, and a room by its own words or those of the room above it."""
    return network.or_else(read(row.second_person)).or_else(read(row.second_above))
