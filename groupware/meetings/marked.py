"""Markings in calendars: RFC 5545's CLASS for every program, and properties of our own that say it exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.message.markings import (
    HANDLING_FIELD,
    TLP_FIELD,
    UNMARKED,
    Marks,
    asked,
    said_handling,
    said_marking,
    strictest,
)
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.meetings.lines import Component

TLP, HANDLING = TLP_FIELD.upper(), HANDLING_FIELD.upper()
NAMES = frozenset({"CLASS", TLP, HANDLING})
_CLASSES = {"CONFIDENTIAL": Marks(Marking.AMBER_STRICT)}
"""RFC 5545 3.8.1.3: of PRIVATE and PUBLIC nothing follows that mail isn't by itself."""


def properties(marks: Marks) -> Iterator[tuple[str, str]]:
    """What stands in an event with these marks."""
    yield "CLASS", _class(marks.marking)
    yield TLP, marks.marking.label
    yield HANDLING, marks.handling.label


def _class(marking: Marking) -> str:
    if marking >= Marking.AMBER_STRICT:
        return "CONFIDENTIAL"
    return "PUBLIC" if marking is Marking.CLEAR else "PRIVATE"


def of(event: Component, summary: str) -> Marks:
    """What an event says of itself: its properties, and labels in its summary; UNMARKED for nothing."""
    lines = {name: line.value.strip() for name in NAMES if (line := event.first(name)) is not None}
    return strictest(
        asked(summary),
        _CLASSES.get(lines.get("CLASS", "").upper(), UNMARKED),
        Marks(said_marking(lines.get(TLP, "")) or Marking.CLEAR, said_handling(lines.get(HANDLING, ""))),
    )
