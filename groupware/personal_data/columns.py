"""Tables in plain text: a head whose cells speak of people, and the rows below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.personal_data.context import beginnings, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = re.compile(r"(?:^[^\n]{3,300}(?:\n|\Z)){2,}", re.MULTILINE)
_APART = re.compile(r"\s*[,;|\t]\s*")
_BORN = beginnings("born")
_NAMES, _MORE = whole("surname_column"), whole("person_column")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, at the characters `start` to before `end`."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Behind its last character."""
        return self.start + len(self.text)

    @property
    def cells(self) -> list[str]:
        """What separators divide it into."""
        return _APART.split(self.text.strip(" \t\r>|"))


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table of people; `born` when one of its columns holds dates of birth."""

    start: int
    end: int
    born: bool


def blocks(text: str) -> Iterator[list[Line]]:
    """Lines that follow each other without an empty one, at least two; a very long line divides them."""
    for block in _BLOCK.finditer(text):
        yield list(_lines(block))


def table(lines: list[Line]) -> Table | None:
    """The first table of people among lines."""
    for number, line in enumerate(lines[:-1]):
        head = line.cells if any(sign in line.text for sign in ",;|\t") else []
        if _is_of_people([cell.lower().rpartition(":")[2].strip(" \"'") for cell in head]):
            rows = _rows(lines[number + 1 :], len(head))
            if rows:
                return Table(rows[0].start, rows[-1].end, any(_BORN.search(cell) for cell in head))
    return None


def _lines(block: re.Match[str]) -> Iterator[Line]:
    at = block.start()
    for line in block[0].split("\n"):
        if line:
            yield Line(line, at)
        at += len(line) + 1


def _is_of_people(cells: list[str]) -> bool:
    """A name, and something else of a person."""
    names = sum(cell in _NAMES for cell in cells)
    more = sum(cell in _MORE or _BORN.search(cell) is not None for cell in cells)
    return names > 0 and names + more > 1


def _rows(lines: list[Line], columns: int) -> list[Line]:
    """Those that have as many cells, or all but one."""
    rows = []
    for line in lines:
        if len(line.cells) < columns - 1:
            break
        rows.append(line)
    return rows
