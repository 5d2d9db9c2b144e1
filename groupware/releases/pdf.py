"""The page that leaves: numbered, and marked on each sheet with whom it is for. The same bytes for the same release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fpdf import FPDF
from fpdf.enums import XPos, YPos

if TYPE_CHECKING:
    from collections.abc import Sequence

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
"""Letters of all languages of the Union; it is embedded, so every reader shows the same."""
MOST_LETTERS = 60_000
"""Of the text on the sheets: some thirty. All of it is in the enclosed message."""
_FAMILY = "DejaVu"
_GREY, _BLACK = 110, 0
_STEEP = 50
"""Degrees of the watermark."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that stands on the sheets. `mark` is written across each; `foot` below; times in microseconds."""

    title: str
    level: str
    facts: Sequence[tuple[str, str]]
    text: str
    mark: str
    foot: str
    made: int


class _Pages(FPDF):
    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self.sheet = sheet
        self.add_font(_FAMILY, fname=FONT)
        self.set_auto_page_break(auto=True, margin=30)
        self.set_margins(20, 22, 20)

    def header(self) -> None:
        """The watermark, and the level as TLP wants it: in the header, on each page."""
        self.set_font(_FAMILY, size=26)
        with self.local_context(fill_opacity=0.13), self.rotation(_STEEP, self.w / 2, self.h / 2):
            for line, shift in ((self.sheet.mark, -14), (self.sheet.title, 14)):
                self.text((self.w - self.get_string_width(line)) / 2, self.h / 2 + shift, line)
        self.set_font(_FAMILY, size=9)
        self.set_y(10)
        self.cell(w=0, text=f"{self.sheet.title}    {self.sheet.level}", align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(22)

    def footer(self) -> None:
        """For whom it is and what holds for it, on each page."""
        self.set_font(_FAMILY, size=7)
        self.set_y(-26)
        self.multi_cell(w=0, h=3.2, text=f"{self.sheet.foot}\n{self.page_no()}", align="L")


def made(sheet: Sheet) -> bytes:
    """The document. Takes up to a second of CPU: not for the event loop."""
    pages = _Pages(sheet)
    pages.set_creation_date(datetime.fromtimestamp(sheet.made / 1_000_000, UTC))
    pages.set_title(sheet.title)
    pages.set_producer("ICONet")
    pages.add_page()
    pages.set_font(_FAMILY, size=15)
    pages.multi_cell(w=0, h=8, text=sheet.title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    for name, said in sheet.facts:
        _fact(pages, name, said)
    pages.ln(4)
    pages.set_font(_FAMILY, size=10)
    cut = sheet.text[:MOST_LETTERS]
    more = "\n[...] The text goes on in the enclosed message." if len(cut) < len(sheet.text) else ""
    pages.multi_cell(w=0, h=5, text=cut + more, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(pages.output())


def _fact(pages: FPDF, name: str, said: str) -> None:
    pages.set_font(_FAMILY, size=9)
    pages.set_text_color(_GREY)
    pages.cell(w=38, h=5, text=name)
    pages.set_text_color(_BLACK)
    pages.multi_cell(w=0, h=5, text=said or "-", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
