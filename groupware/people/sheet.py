"""A CSV file of entries is read, within bounds: one line of column names, then a line an official.

It comes as spreadsheets write it: UTF-8, or UTF-16 with its mark ("Unicode text"); with commas, or where a comma stands
in numbers with semicolons, or with tabs. Other encodings are refused: nobody can tell one from another by the bytes,
and names would be spoilt.

What is wrong with the file as a whole is refused by the name of a rule; what is wrong with a line stands beside it.
Works on bytes alone, so it runs outside the event loop and before any transaction.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.errors import Refused
from groupware.people.columns import COLUMNS
from groupware.people.entry import FORMULA, LONGEST, PHONES
from groupware.people.faults import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_OCTETS = 4 * 1024 * 1024
MOST_ROWS = 10_000
KEYS = ("external_id", "login")
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"
_OTHERS = {"|": "vertical bars", ":": "colons", "^": "carets", " ": "spaces"}
_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""The line before all others by which Excel is told, and tells, the delimiter."""
_HOW = 'In Excel, save it as "CSV UTF-8"; elsewhere, choose UTF-8 when you save it.'


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of the file; `column` is "" where it is the line as a whole."""

    line: int
    column: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Line:
    """An official as the file says: `number` is that of the first line in the file, from 1.

    `wrong`: the columns whose faults are told already, "" for that of nobody who could be meant.
    """

    number: int
    cells: Mapping[str, str]
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines that have as many cells as there are columns, and what is wrong with any."""

    lines: Sequence[Line]
    faults: Sequence[Fault]


def read(octets: bytes) -> Sheet:
    """What a file says. Raises Refused by the name of a rule for one that can't be read as a whole."""
    if len(octets) > MOST_OCTETS:
        raise Refused("file-too-large", f"A file has at most {MOST_OCTETS // 1024 // 1024} MiB.")
    rows = _rows(_decoded(octets))
    _, header = next(rows, (0, []))
    columns = _columns(header)
    lines: list[Line] = []
    faults: list[Fault] = []
    for count, (number, cells) in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise Refused("too-many-rows", f"A file has at most {MOST_ROWS:,} lines. Divide it, unit by unit.")
        if len(cells) != len(columns):
            text = f"{len(cells)} cells, but {len(columns)} columns."
            faults.append(Fault(number, "", Problem("wrong-number-of-cells", text)))
        else:
            line, wrong = _line(number, dict(zip(columns, cells, strict=True)))
            faults += wrong
            lines.append(line)
    return Sheet(lines, sorted([*faults, *_duplicates(lines)], key=lambda fault: fault.line))


def _decoded(octets: bytes) -> str:
    if octets.startswith(_UTF_32):
        raise Refused("not-utf-8", f"The file is UTF-32. {_HOW}")
    try:
        text = octets.decode("utf-16" if octets.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        number = octets.count(b"\n", 0, error.start) + 1
        raise Refused("not-utf-8", f"Line {number} is in another encoding than UTF-8. {_HOW}") from error
    if "\0" in text:
        raise Refused("not-utf-8", f"The file holds NUL characters: it is no text. {_HOW}")
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that isn't empty, with the number of its first line."""
    said = _SAID.match(text)
    lines = io.StringIO(text, newline="")
    lines.seek(said.end() if said else 0)
    delimiter = said[1] if said and said[1] in _DELIMITERS else _delimiter(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    above = 1 if said else 0
    begins = above + 1
    try:
        for cells in reader:
            if any(cells):
                yield begins, cells
            begins = above + reader.line_num + 1
    except csv.Error as error:
        raise Refused("bad-csv", f"From line {begins} on the file isn't CSV: {error}.") from error


def _delimiter(text: str) -> str:
    """What most often stands between column names: they hold neither commas, semicolons nor tabs themselves."""
    header = text.lstrip("\r\n").partition("\n")[0]
    return max(_DELIMITERS, key=header.count)


def _columns(header: Sequence[str]) -> list[str]:
    names = [cell.strip().lower().replace(" ", "_") for cell in header]
    if not names:
        raise Refused("empty-file", "The file is empty.")
    for mark, words in _OTHERS.items():
        if len(names) == 1 and mark in header[0].strip():
            text = f"The columns are separated by {words}. Save the file with commas, semicolons or tabs."
            raise Refused("wrong-delimiter", text)
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise Refused("unknown-column", f"No column is called {unknown[0][:40]!r}. They are: {', '.join(COLUMNS)}.")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise Refused("column-twice", f"The column {twice[0]} is there twice.")
    if not set(KEYS) & set(names):
        raise Refused("no-key-column", "A column external_id or login says who is meant.")
    return names


def _line(number: int, cells: Mapping[str, str]) -> tuple[Line, list[Fault]]:
    plain = {column: _bare(cell.strip()) for column, cell in cells.items()}
    faults = [Fault(number, column, problem) for column, cell in cells.items() if (problem := _objection(column, cell))]
    if not any(plain.get(key) for key in KEYS):
        faults.append(Fault(number, "", Problem("no-key", "Neither an external id nor a login says who is meant.")))
    return Line(number, plain, frozenset(fault.column for fault in faults)), faults


def _objection(column: str, cell: str) -> Problem | None:
    if len(cell) > LONGEST + 1:
        return Problem("too-long", f"At most {LONGEST} characters.")
    if cell.startswith(FORMULA) and not (column in PHONES and cell.startswith("+")):
        return Problem("formula", "A cell doesn't begin with = + - @, a tab or a carriage return.")
    return None


def _bare(cell: str) -> str:
    """An export puts an apostrophe before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell


def _duplicates(lines: Sequence[Line]) -> Iterator[Fault]:
    """Every line whose key another line has, too."""
    for key in KEYS:
        counts = Counter(_key(line, key) for line in lines)
        for line in lines:
            value = _key(line, key)
            if value and counts[value] > 1:
                yield Fault(line.number, key, Problem("duplicate-key", f"{value} is in {counts[value]} lines."))


def _key(line: Line, key: str) -> str:
    value = line.cells.get(key, "")
    return value.lower() if key == "login" else value
