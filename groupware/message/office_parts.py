"""The XML parts of office documents: paragraphs and cells as lines, whatever words were split over.

ECMA-376 (Word, Excel, PowerPoint) and OASIS OpenDocument 1.3. A part is read by what its root element says it is; names
count without their prefixes, so that the strict and the transitional vocabularies are one. Expat is told to refuse
document types, so no entity is ever declared.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.parsers import expat  # noqa: S407 -- document types, the way of all its bombs, are refused below

from groupware.message.packed import BeyondError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from groupware.message.packed import Budget

CELL, PARAGRAPH = "\x1f", "\x1e"
"""Between the cells of a row, and the paragraphs of a cell: signs that no XML can hold."""
DEPTH_MAX = 250
TOKEN_MAX = 256 * 1024
"""Octets of one tag or comment: expat looks at an unfinished one anew with every piece."""
GAP_MAX = 30
"""Empty cells of a row that are kept one behind the other."""
LONG = 16 * 1024
"""Characters of a line that isn't tidied up: that would take long."""
_SPACES = re.compile(r"[ \r\n\xa0]+")
_HEADER_CODES = re.compile(r'&"[^"]*"|&K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|&\d+|&[A-Za-z&]')  # ECMA-376 18.3.1.46
_COLUMN = re.compile("[A-Z]{1,3}")
_DATE_FORMATS = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))  # ECMA-376 18.8.30
_NO_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- Excel's days have no zone
_LAST_DAY = 2_958_465


class Place(StrEnum):
    """Where in a document a text stands."""

    HEAD = "head"
    BODY = "body"
    NOTE = "note"


class OtherError(Exception):
    """A part in which nothing is of interest."""


class LaterError(Exception):
    """A part that is to be read behind the others: a body."""


class Workbook:
    """What the sheets of a workbook share: its strings, the formats of cells that show a date, and the budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.strings: list[str] = []
        self.dates: set[int] = set()


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
        self.rows: list[list[list[str]]] = []

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """It ends."""

    def emit(self, text: str, place: Place | None = None) -> None:
        """A paragraph: a line, or one of the cell it is in."""
        line = text.replace("\n", PARAGRAPH).strip(f" \t{PARAGRAPH}")
        if len(line) <= LONG:
            line = _SPACES.sub(" ", line)
        if self.rows and self.rows[-1]:
            self.rows[-1][-1].append(line)
        elif line.strip(CELL):
            self.lines.setdefault(place or self.place, []).append(line)

    def end_row(self) -> None:
        """Its cells become one line."""
        row = self.rows.pop() if self.rows else []
        self.emit(CELL.join(PARAGRAPH.join(filter(None, cell)) for cell in row).rstrip(CELL))


class Flowing(Part):
    """Word's and PowerPoint's texts, drawings, charts, comments."""

    _SAYING = frozenset(("t", "delText", "v", "text"))
    _SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}  # noqa: RUF012 -- read only
    _ENDING = frozenset(("v", "text", "comment"))

    def __init__(self, book: Workbook) -> None:
        super().__init__(book)
        self.outside: list[list[str]] = []

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """Paragraphs may hold others: those of a text box."""
        if name in self._SAYING:
            self.taking += 1
        elif name == "p":
            self.outside.append(self.said)
            self.said = []
        elif name in self._SIGNS:
            self.said.append(self._SIGNS[name])
        elif name == "tr":
            self.rows.append([])
        elif name == "tc" and self.rows:
            self.rows[-1].append([])
        elif name == "textpath":  # a watermark
            self.emit(given.get("string", ""))
        elif name == "altChunk":  # text in another format
            self.whole = False

    def end(self, name: str) -> None:
        """What is open ends."""
        if name in self._SAYING:
            self.taking -= 1
        if name == "p" and self.outside:
            self.emit("".join(self.said))
            self.said = self.outside.pop()
        elif name == "tr":
            self.end_row()
        elif name in self._ENDING and not self.outside:
            self.emit("".join(self.said))
            self.said = []


class Body(Flowing):
    """Of a text or a slide."""

    is_body = True


class Head(Flowing):
    """Headers and footers, and what all slides share."""

    place = Place.HEAD


class Note(Flowing):
    """Footnotes, comments, a speaker's notes."""

    place = Place.NOTE


class Open(Part):
    """OpenDocument's: every paragraph says what stands in it, but for what is anchored there."""

    is_body = True
    _PARAGRAPHS = frozenset(("p", "h"))
    _APART = frozenset(("note", "annotation", "frame", "custom-shape", "ruby-text"))
    _CELLS = frozenset(("table-cell", "covered-table-cell"))

    def __init__(self, book: Workbook) -> None:
        super().__init__(book)
        self.outside: list[tuple[list[str], int]] = []
        self.repeated = 1

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """What is anchored in a paragraph has its own, and says nothing beside them."""
        if name in self._PARAGRAPHS or name in self._APART:
            self.outside.append((self.said, self.taking))
            self.said, self.taking = [], int(name in self._PARAGRAPHS)
        elif name == "table-row":
            self.rows.append([])
        elif name in self._CELLS and self.rows:
            self.repeated = _number(_of(given, "number-columns-repeated"), GAP_MAX)
            self.rows[-1].append([])
        elif name == "s" and self.taking:
            self.said.append(" ")
        elif name in ("tab", "line-break") and self.taking:
            self.said.append("\t" if name == "tab" else "\n")

    def end(self, name: str) -> None:
        """What is open ends."""
        if (name in self._PARAGRAPHS or name in self._APART) and self.outside:
            if name in self._PARAGRAPHS:
                self.emit("".join(self.said))
            self.said, self.taking = self.outside.pop()
        elif name in self._CELLS and self.rows and self.rows[-1] and not any(self.rows[-1][-1]):
            self.book.budget.build(self.repeated)
            self.rows[-1].extend([] for _ in range(self.repeated - 1))
        elif name == "table-row":
            self.end_row()


class OpenHead(Open):
    """Headers and footers, which OpenDocument keeps with the styles of pages."""

    place = Place.HEAD
    is_body = False


class Sheet(Part):
    """Rows of cells."""

    is_body = True
    _AROUND = frozenset(("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"))

    def __init__(self, book: Workbook) -> None:
        super().__init__(book)
        self.kind, self.style, self.column = "", -1, 0

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """ECMA-376 18.3.1.4: `r` is the cell's place, `t` what its value is."""
        if name == "row":
            self.rows = [[]]
        elif name == "c":
            self.said, self.kind = [], given.get("t", "n")
            self.style = _number(given.get("s"), 1 << 16, 0)
            self._reach(_COLUMN.match(given.get("r", "")))
        elif name in ("v", "t") or name in self._AROUND:
            self.taking += 1

    def end(self, name: str) -> None:
        """What is open ends."""
        if name in ("v", "t"):
            self.taking -= 1
        elif name in self._AROUND:
            self.taking -= 1
            self._around("".join(self.said))
            self.said = []
        elif name == "c" and self.rows:
            self.rows[-1].append([_within(self._value("".join(self.said)))])
            self.said = []
        elif name == "row":
            self.end_row()
            self.rows = []

    def _reach(self, place: re.Match[str] | None) -> None:
        """Cells that are empty aren't there at all."""
        letters = place[0] if place else ""
        column = sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(letters)))
        row = self.rows[-1] if self.rows else []
        gap = max(0, min(column - 1 - len(row), GAP_MAX))
        self.book.budget.build(gap)
        row.extend([] for _ in range(gap))

    def _value(self, text: str) -> str:
        if self.kind == "s":
            at = _number(text, len(self.book.strings), -1)
            found = self.book.strings[at] if 0 <= at < len(self.book.strings) else ""
            self.book.budget.say(len(found))
            return found
        return _day(text) if self.kind == "n" and self.style in self.book.dates else text

    def _around(self, text: str) -> None:
        for piece in re.split("&[LCR]", text):
            self.lines.setdefault(Place.HEAD, []).append(_HEADER_CODES.sub("", piece).strip())


class Strings(Part):
    """ECMA-376 18.4: what cells name by number; how a word is pronounced isn't one."""

    def __init__(self, book: Workbook) -> None:
        super().__init__(book)
        self.spoken = False

    def start(self, name: str, given: Mapping[str, str]) -> None:  # noqa: ARG002 -- Part's
        """A text may be in several runs."""
        if name == "rPh":
            self.spoken = True
        elif name == "t" and not self.spoken:
            self.taking += 1

    def end(self, name: str) -> None:
        """What is open ends."""
        if name == "rPh":
            self.spoken = False
        elif name == "t" and not self.spoken:
            self.taking -= 1
        elif name == "si":
            self.book.strings.append("".join(self.said))
            self.said = []


class Styles(Part):
    """ECMA-376 18.8: the formats of cells, of which only those of dates are of interest."""

    def __init__(self, book: Workbook) -> None:
        super().__init__(book)
        self.own: set[int] = set()
        self.formats = -1

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """Formats of a workbook's own are listed first."""
        if name == "numFmt" and re.search("[dDyY]", _NO_DATE.sub("", given.get("formatCode", ""))):
            self.own.add(_number(given.get("numFmtId"), 1 << 16))
        elif name == "cellXfs":
            self.formats = 0
        elif name == "xf" and self.formats >= 0:
            shown = _number(given.get("numFmtId"), 1 << 16, 0)
            if shown in _DATE_FORMATS or shown in self.own:
                self.book.dates.add(self.formats)
            self.formats += 1

    def end(self, name: str) -> None:
        """What is open ends."""
        if name == "cellXfs":
            self.formats = -1


class Properties(Part):
    """What is said of a document: its title, subject, key words, and what others, as labelling programs, have put there."""

    _KEPT = frozenset(("title", "subject", "keywords", "keyword", "category", "description", "contentStatus"))

    def __init__(self, book: Workbook) -> None:
        super().__init__(book)
        self.name = ""

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """A property of somebody's own has its name in an attribute."""
        if name in ("property", "user-defined"):
            self.name = _of(given, "name")
        elif name in self._KEPT and not self.name:
            self.name = name
        self.taking = int(bool(self.name))

    def end(self, name: str) -> None:
        """What is open ends."""
        if name in ("property", "user-defined") or name == self.name:
            value = _SPACES.sub(" ", "".join(self.said)).strip()
            if value:
                self.properties.append((self.name, value))
            self.name, self.said, self.taking = "", [], 0


ROOTS: Mapping[str, type[Part]] = {
    **dict.fromkeys(("document", "sld"), Body),
    **dict.fromkeys(("wsDr", "userShapes", "chartSpace", "dataModel"), Flowing),
    **dict.fromkeys(("hdr", "ftr", "sldMaster", "sldLayout", "xml"), Head),
    **dict.fromkeys(
        ("footnotes", "endnotes", "comments", "notes", "cmLst", "ThreadedComments", "notesMaster", "handoutMaster"), Note
    ),
    "worksheet": Sheet,
    "sst": Strings,
    "styleSheet": Styles,
    **dict.fromkeys(("coreProperties", "Properties", "document-meta"), Properties),
    "document-content": Open,
    "document-styles": OpenHead,
}
"""How the part is read that has this root."""


class Reading:
    """One part, given a piece at a time; `bodies` says that it may be one."""

    def __init__(self, book: Workbook, *, bodies: bool) -> None:
        self._budget, self._book, self._bodies = book.budget, book, bodies
        self._depth = self._fed = 0
        self.part: Part | None = None
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Raises UnreadableError, BeyondError, OtherError, LaterError."""
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise UnreadableError from error
        self._fed += len(piece)
        if self._fed - self._parser.CurrentByteIndex > TOKEN_MAX:
            raise BeyondError

    def _start(self, tag: str, given: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._depth += 1
        self._budget.build()
        if self._depth > DEPTH_MAX:
            raise BeyondError
        if self.part is None:
            self.part = self._begun(name)
        else:
            self.part.start(name, given)

    def _begun(self, root: str) -> Part:
        kind = ROOTS.get(root)
        if kind is None:
            raise OtherError
        if kind.is_body and not self._bodies:
            raise LaterError
        return kind(self._book)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self.part is not None:
            self.part.end(tag.rpartition(":")[2])

    def _say(self, text: str) -> None:
        if self.part is not None and self.part.taking > 0:
            self._budget.say(len(text))
            self.part.said.append(text)


def _refuse(*_: object) -> None:
    raise UnreadableError


def _of(given: Mapping[str, str], name: str) -> str:
    """An attribute by its name without a prefix."""
    return next((value for key, value in given.items() if key.rpartition(":")[2] == name), "")


def _number(text: str | None, most: int, otherwise: int = 1) -> int:
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise  # noqa: PLR2004 -- digits of a number


def _within(text: str) -> str:
    return text.strip().replace("\r\n", "\n").replace("\n", PARAGRAPH)


def _day(text: str) -> str:
    """ECMA-376 18.17.4.1: a date is kept as days since the end of 1899."""
    days = _number(text.partition(".")[0], _LAST_DAY, -1)
    return text if days < 0 else f"{_EPOCH + timedelta(days=days):%Y-%m-%d}"
