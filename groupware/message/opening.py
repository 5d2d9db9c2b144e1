"""Where what an HTML page shows begins."""

from __future__ import annotations

import re

from groupware.message.markup import Pass

LOOKED_AT = 256 * 1024
"""Characters from the beginning; styles of word processors take some ten thousand."""
_TAG_END = re.compile(r"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")


def opening(html: str) -> int:
    """The offset behind `<body>`; without one behind the head, behind `<html>`, or the beginning."""
    found = _Opening(html[:LOOKED_AT])
    found.go()
    return next((found.behind[name] for name in ("body", "/head", "html") if name in found.behind), 0)


class _Opening(Pass):
    def __init__(self, html: str) -> None:
        super().__init__(html)
        self.behind: dict[str, int] = {}

    def words(self, text: str) -> None:
        """Nothing of it is of interest."""

    def tag(self, name: str, start: int, stop: int, *, ends: bool) -> None:  # noqa: ARG002 -- Pass's; an attribute may hold a `>`
        end = _TAG_END.match(self.html, start) if name in ("html", "head", "body") else None
        if end:
            self.behind.setdefault(f"/{name}" if ends else name, end.end())
