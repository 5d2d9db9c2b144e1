"""HTML mail reduced to text: one pass, no tree, nothing fetched, nothing kept that could run."""

from __future__ import annotations

import re
from html.entities import html5

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})")
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));?")
_HREF = re.compile(r"""\bhref\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|mailto:)\S{1,1000}", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")

_SILENT = frozenset(("script", "style", "title", "template", "iframe", "object", "svg", "math"))
_LINES = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
    )
)  # fmt: skip
_APART = frozenset(("p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre"))
_LAST_CODE_POINT = 0x10FFFF


def to_text(html: str) -> str:
    """The readable text of an HTML part; links are shown behind their words as `<https://...>`."""
    return _Reducer(html).reduce()


class _Reducer:
    def __init__(self, html: str) -> None:
        self.html = html
        self.pieces: list[str] = []
        self.link = ""
        self.at = 0

    def reduce(self) -> str:
        html = self.html
        while (mark := html.find("<", self.at)) >= 0:
            self._words(html[self.at : mark])
            self.at = self._behind(mark)
        self._words(html[self.at :])
        lines = (" ".join(line.split()) for line in "".join(self.pieces).split("\n"))
        return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()

    def _words(self, text: str) -> None:
        self.pieces.append(_ENTITY.sub(_character, text.replace("\n", " ")))

    def _behind(self, mark: int) -> int:
        """Act on what begins with the `<` at `mark`; where to go on."""
        found = _TAG.match(self.html, mark)
        if found:
            return self._tag(found)
        if self.html.startswith("<!--", mark):
            return self._after("-->", mark + 4)
        if self.html.startswith(("<!", "<?", "</"), mark):
            return self._after(">", mark)
        self.pieces.append("<")
        return mark + 1

    def _after(self, closing: str, start: int) -> int:
        """Behind the next `closing`; the end without one, so that nothing is searched for twice."""
        place = self.html.find(closing, start)
        return len(self.html) if place < 0 else place + len(closing)

    def _tag(self, found: re.Match[str]) -> int:
        name, ends = found[2].lower(), bool(found[1])
        behind = self._after(">", found.end())
        if name in _SILENT and not ends:
            return self._after_element(name, behind)
        if name == "a":
            self._anchor(found.end(), behind, ends=ends)
        elif name in _LINES:
            self.pieces.append("\n\n" if name in _APART else "\n")
        elif name in ("td", "th"):
            self.pieces.append(" ")
        return behind

    def _after_element(self, name: str, start: int) -> int:
        closing = re.compile(rf"</{name}\b", re.IGNORECASE).search(self.html, start)
        return self._after(">", closing.end()) if closing else len(self.html)

    def _anchor(self, start: int, stop: int, *, ends: bool) -> None:
        if self.link:
            self.pieces.append(f" <{self.link}>")
        found = None if ends else _HREF.search(self.html, start, stop)
        target = _ENTITY.sub(_character, found[1] or found[2] or found[3] or "").strip() if found else ""
        self.link = target if _LINK.fullmatch(target) else ""


def _character(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return html5.get(name + ";", found[0])
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if 0 < number <= _LAST_CODE_POINT else "\ufffd"
