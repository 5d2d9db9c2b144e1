"""HTML mail reduced to text: nothing fetched, nothing kept that could run."""

from __future__ import annotations

import re

from groupware.message.markup import Pass, plain

_BLANK_LINES = re.compile(r"\n{3,}")
_LINES = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
    )
)  # fmt: skip
_APART = frozenset(("p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre"))


def to_text(html: str) -> str:
    """The readable text of an HTML part; links are shown behind their words as `<https://...>`."""
    return _Reducer(html).reduce()


class _Reducer(Pass):
    def __init__(self, html: str) -> None:
        super().__init__(html)
        self.pieces: list[str] = []
        self.link = ""

    def reduce(self) -> str:
        self.go()
        lines = (" ".join(line.split()) for line in "".join(self.pieces).split("\n"))
        return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()

    def words(self, text: str) -> None:
        self.pieces.append(plain(text.replace("\n", " ")))

    def tag(self, name: str, start: int, stop: int, *, ends: bool) -> None:
        if name == "a":
            self._anchor(start, stop, ends=ends)
        elif name in _LINES:
            self.pieces.append("\n\n" if name in _APART else "\n")
        elif name in ("td", "th"):
            self.pieces.append(" ")

    def _anchor(self, start: int, stop: int, *, ends: bool) -> None:
        if self.link:
            self.pieces.append(f" <{self.link}>")
        self.link = "" if ends else self.target(start, stop)
