"""One pass through HTML, whatever it is like: no tree, nothing searched for twice, so as long as its length says."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from html.entities import html5

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})")
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));?")
_HREF = re.compile(r"""\bhref\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|mailto:)\S{1,1000}", re.IGNORECASE)
_SILENT = frozenset(("script", "style", "title", "template", "iframe", "object", "svg", "math"))
_LAST_CODE_POINT = 0x10FFFF


class Pass(ABC):
    """Calls `words` with text as it is written and `tag` with each tag; what could run is passed over."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.at = 0

    def go(self) -> None:
        """From the beginning to the end."""
        html = self.html
        while (mark := html.find("<", self.at)) >= 0:
            self.words(html[self.at : mark])
            self.at = self._behind(mark)
        self.words(html[self.at :])

    @abstractmethod
    def words(self, text: str) -> None:
        """Text with its entities."""

    @abstractmethod
    def tag(self, name: str, start: int, stop: int, *, ends: bool) -> None:
        """A tag whose attributes are from `start` to `stop`; `name` is in small letters."""

    def target(self, start: int, stop: int) -> str:
        """The link among a tag's attributes, if it is one that can be followed; else empty."""
        found = _HREF.search(self.html, start, stop)
        wanted = plain(found[1] or found[2] or found[3] or "").strip() if found else ""
        return wanted if _LINK.fullmatch(wanted) else ""

    def _behind(self, mark: int) -> int:
        """Act on what begins with the `<` at `mark`; where to go on."""
        found = _TAG.match(self.html, mark)
        if found:
            return self._tag(found)
        if self.html.startswith("<!--", mark):
            return self._after("-->", mark + 4)
        if self.html.startswith(("<!", "<?", "</"), mark):
            return self._after(">", mark)
        self.words("<")
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
        self.tag(name, found.end(), behind, ends=ends)
        return behind

    def _after_element(self, name: str, start: int) -> int:
        closing = re.compile(rf"</{name}\b", re.IGNORECASE).search(self.html, start)
        return self._after(">", closing.end()) if closing else len(self.html)


def plain(text: str) -> str:
    """Text without entities."""
    return _ENTITY.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return html5.get(name + ";", found[0])
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if 0 < number <= _LAST_CODE_POINT else "\ufffd"
