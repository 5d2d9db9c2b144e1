"""Texts of Word and PowerPoint, drawings and charts (ECMA-376), and the properties of all documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.message.office.part import Part, Place, Row, attribute, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.message.office.part import Workbook


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
            self.rows.append(Row())
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
        elif name == "tc" and self.rows:
            self.rows[-1].end_cell()
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


class Properties(Part):
    """What is said of a document: its title, subject, key words, and what labelling programs have put there."""

    _KEPT = frozenset(("title", "subject", "keywords", "keyword", "category", "description", "contentStatus"))

    def __init__(self, book: Workbook) -> None:
        super().__init__(book)
        self.name = ""

    def start(self, name: str, given: Mapping[str, str]) -> None:
        """A property of somebody's own has its name in an attribute."""
        if name in ("property", "user-defined"):
            self.name = attribute(given, "name")
        elif name in self._KEPT and not self.name:
            self.name = name
        self.taking = int(bool(self.name))

    def end(self, name: str) -> None:
        """What is open ends."""
        if name in ("property", "user-defined") or name == self.name:
            value = tidy("".join(self.said).strip())
            if value:
                self.properties.append((self.name, value))
            self.name, self.said, self.taking = "", [], 0
