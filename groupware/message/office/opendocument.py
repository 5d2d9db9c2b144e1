"""Texts of OpenDocument (OASIS OpenDocument 1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.message.office.part import GAP_MAX, Part, Place, Row, attribute, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.message.office.part import Workbook


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
            self.rows.append(Row())
        elif name in self._CELLS and self.rows:
            self.repeated = number(attribute(given, "number-columns-repeated"), GAP_MAX)
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
        elif name in self._CELLS and self.rows:
            cells = self.rows[-1].cells
            self.rows[-1].end_cell()
            if not cells[-1]:
                self.book.budget.say(self.repeated)
                cells.extend([""] * (self.repeated - 1))
        elif name == "table-row":
            self.end_row()


class OpenHead(Open):
    """Headers and footers, which OpenDocument keeps with the styles of pages."""

    place = Place.HEAD
    is_body = False
