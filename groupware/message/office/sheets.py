"""Excel's sheets (ECMA-376 18): rows of cells, whose strings and formats stand elsewhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from groupware.message.office.part import GAP_MAX, LONG, PARAGRAPH, Part, Place, Row, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.message.office.part import Workbook

_HEADER_CODES = re.compile(r'&"[^"]*"|&K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|&\d+|&[A-Za-z&]')  # ECMA-376 18.3.1.46
_COLUMN = re.compile("[A-Z]{1,3}")
_DATE_FORMATS = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))  # ECMA-376 18.8.30
_NO_DATE = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]')
_FORMAT_MAX = 255
"""Characters of a format, as Excel has it."""
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- Excel's days have no zone
_LAST_DAY = 2_958_465
_IDS = 1 << 16


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
            self.rows = [Row()]
        elif name == "c":
            self.said, self.kind = [], given.get("t", "n")
            self.style = number(given.get("s"), _IDS, 0)
            self._reach(_column(given.get("r", "")) - 1)
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
            self.rows[-1].cells.append(_within(self._value("".join(self.said))))
            self.said = []
        elif name == "row":
            self._reach(min(self.width, GAP_MAX))
            self.end_row()
            self.rows = []

    def _reach(self, columns: int) -> None:
        """Cells that are empty aren't there at all."""
        cells = self.rows[-1].cells if self.rows else []
        gap = max(0, min(columns - len(cells), GAP_MAX))
        self.book.budget.say(gap)
        cells.extend([""] * gap)

    def _value(self, text: str) -> str:
        if self.kind == "s":
            at = number(text, len(self.book.strings), -1)
            found = self.book.strings[at] if 0 <= at < len(self.book.strings) else ""
            self.book.budget.say(len(found))
            return found
        return _day(text) if self.kind == "n" and self.style in self.book.dates else text

    def _around(self, text: str) -> None:
        """Excel has 255 characters at most."""
        self.whole &= len(text) <= LONG
        for piece in re.split("&[LCR]", text[:LONG]):
            self.emit(_HEADER_CODES.sub("", piece), Place.HEAD)


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
        if name == "numFmt" and re.search("[dDyY]", _NO_DATE.sub("", given.get("formatCode", "")[:_FORMAT_MAX])):
            self.own.add(number(given.get("numFmtId"), _IDS))
        elif name == "cellXfs":
            self.formats = 0
        elif name == "xf" and self.formats >= 0:
            shown = number(given.get("numFmtId"), _IDS, 0)
            if shown in _DATE_FORMATS or shown in self.own:
                self.book.dates.add(self.formats)
            self.formats += 1

    def end(self, name: str) -> None:
        """What is open ends."""
        if name == "cellXfs":
            self.formats = -1


def _column(place: str) -> int:
    letters = found[0] if (found := _COLUMN.match(place)) else ""
    return sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(letters)))


def _within(text: str) -> str:
    return text.strip().replace("\r\n", "\n").replace("\n", PARAGRAPH)


def _day(text: str) -> str:
    """ECMA-376 18.17.4.1: a date is kept as days since the end of 1899."""
    days = number(text.partition(".")[0], _LAST_DAY, -1)
    return text if days < 0 else f"{_EPOCH + timedelta(days=days):%Y-%m-%d}"
