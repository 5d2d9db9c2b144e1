"""What the parts of office documents have in common: paragraphs and cells become lines.

Names of elements and attributes count without their prefixes, so that the strict and the transitional vocabulary of
ECMA-376 are one.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.message.office.packed import Budget

CELL, PARAGRAPH = "\x1f", "\x1e"
"""Between the cells of a row, and the paragraphs of a cell: signs that no XML can hold."""
LONG = 16 * 1024
"""Characters of a line that are tidied up: more would take long."""
GAP_MAX = 30
"""Empty cells of a row that are kept one behind the other."""
_SPACES = re.compile(r"[ \r\n\xa0]+")
_NUMBER = re.compile("[0-9]{1,9}")


class Place(StrEnum):
    """Where in a document a text stands."""

    HEAD = "head"
    BODY = "body"
    NOTE = "note"


class Workbook:
    """What the sheets of a workbook share: its strings, the formats of cells that show a date, and the budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.strings: list[str] = []
        self.dates: set[int] = set()


class Row:
    """An open row: its cells that have ended, and the paragraphs of the one that hasn't.

    Of containers there are as few as can be: the garbage collector holds everybody up while it looks through many.
    """

    __slots__ = ("cells", "open")

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.open: list[str] = []

    def end_cell(self) -> None:
        """Another begins behind it."""
        self.cells.append(PARAGRAPH.join(filter(None, self.open)))
        self.open.clear()


class Part:
    """Of any kind; `lines` are its texts by place, `properties` names and values."""

    place = Place.BODY
    is_body = False

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.lines: dict[Place, list[str]] = {}
        self.properties: list[tuple[str, str]] = []
        self.whole = True
        self.said: list[str] = []
        self.taking = 0
        self.rows: list[Row] = []
        self.width = 0

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """It ends."""

    def emit(self, text: str, place: Place | None = None) -> None:
        """A paragraph: a line, or one of the cell it is in."""
        line = text.replace("\n", PARAGRAPH).strip(f" \t{PARAGRAPH}")
        line = tidy(line)
        if self.rows:
            self.rows[-1].open.append(line)
        elif line.strip(CELL):
            self.lines.setdefault(place or self.place, []).append(line)

    def end_row(self) -> None:
        """Its cells become one line; empty ones behind the last are kept where rows above have something there."""
        cells = self.rows.pop().cells if self.rows else []
        while len(cells) > self.width and not cells[-1]:
            cells.pop()
        self.width = max(self.width, len(cells))
        self.emit(CELL.join(cells))


def attribute(given: Mapping[str, str], name: str) -> str:
    """An attribute by its name without a prefix."""
    return next((value for key, value in given.items() if key.rpartition(":")[2] == name), "")


def number(text: str | None, most: int, otherwise: int = 1) -> int:
    """Of an attribute, if it is one."""
    return min(int(text), most) if text and _NUMBER.fullmatch(text) else otherwise


def tidy(text: str) -> str:
    """With single blanks, as far as that is done soon."""
    return _SPACES.sub(" ", text[:LONG]) + text[LONG:]
