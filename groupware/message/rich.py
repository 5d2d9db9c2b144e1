"""HTML mail as a Matrix room may show it: the few tags of Client-Server API m.room.message, and nothing else.

Every tag is written anew, with no attribute but a link's checked target; what is left open is closed.
"""

from __future__ import annotations

from html import escape

from groupware.message.markup import Pass, plain

LONGEST = 64 * 1024
"""Characters of HTML that are looked at; of a longer one the text alone is shown."""
_KEPT = frozenset(
    (
        "a", "b", "blockquote", "br", "caption", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "i", "li", "ol", "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u",
        "ul",
    )
)  # fmt: skip
_EMPTY = frozenset(("br", "hr"))
_DEEPEST = 100
"""Client-Server API: deeper nesting need not be shown."""


def reduced(html: str) -> str:
    """What of an HTML part a room shows; empty for one that is too long."""
    return "" if len(html) > LONGEST else _Reducer(html).reduce()


class _Reducer(Pass):
    def __init__(self, html: str) -> None:
        super().__init__(html)
        self.pieces: list[str] = []
        self.open: list[str] = []

    def reduce(self) -> str:
        self.go()
        closing = (f"</{tag}>" for tag in reversed(self.open))
        return "".join([*self.pieces, *closing]).strip()

    def words(self, text: str) -> None:
        self.pieces.append(escape(plain(text)))

    def tag(self, name: str, start: int, stop: int, *, ends: bool) -> None:
        if ends:
            self._close(name)
        elif name in _KEPT and len(self.open) < _DEEPEST:
            target = self.target(start, stop) if name == "a" else ""
            self.pieces.append(f'<{name} href="{escape(target)}">' if target else f"<{name}>")
            self.open += [] if name in _EMPTY else [name]

    def _close(self, name: str) -> None:
        if name in self.open:
            while (last := self.open.pop()) != name:
                self.pieces.append(f"</{last}>")
            self.pieces.append(f"</{name}>")
