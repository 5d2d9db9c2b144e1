"""iCalendar's content lines and components (RFC 5545 3.1, 3.6): one linear pass, bounded, nothing shared.

Only lines with the names that somebody asks for are taken apart: the attendees of a large meeting cost a look each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from groupware.meetings.errors import UnreadableError
from groupware.message.charsets import codec_of, to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OCTETS_MAX = 1 << 20
LINES_MAX = 25_000
COMPONENTS_MAX = 1_000
DEPTH_MAX = 4

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_VALUE = r'(?:"[^"]*"|[^";:,]*)'
_PARAMETER = re.compile(rf";([A-Za-z0-9-]{{1,64}})=({_VALUE}(?:,{_VALUE})*)")
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_WIDE = ("utf-16", "utf-32")
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Line:
    """`DTSTART;TZID=Europe/Brussels:20270104T100000`: names are upper case, values as they stand."""

    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """A TEXT value without its escapes (RFC 5545 3.3.11)."""
        return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)


@dataclass(slots=True)
class Component:
    """A `BEGIN:NAME` with the lines that are asked for, and the components in it."""

    name: str
    lines: list[Line] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        """The first line of that name. A second one of what may stand once is never looked at."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Line]:
        """Every line of that name."""
        return (line for line in self.lines if line.name == name)

    def inner(self, name: str) -> Iterator[Component]:
        """The components of that name directly within."""
        return (part for part in self.parts if part.name == name)


def read(octets: bytes, charset: str, wanted: frozenset[str]) -> Component:
    """The calendar, with those lines whose name is wanted. Raises UnreadableError."""
    if len(octets) > OCTETS_MAX:
        raise UnreadableError(f"the calendar part is larger than {OCTETS_MAX >> 10} KiB")
    lines = _LINE_END.split(_text(octets, charset))
    if len(lines) > LINES_MAX:
        raise UnreadableError(f"the calendar has more than {LINES_MAX} lines")
    return _Reader(wanted).calendar(lines)


def _text(octets: bytes, charset: str) -> str:
    """Unfolded before it is decoded: a fold may fall into the middle of a character (RFC 5545 3.1)."""
    codec = _BYTE_ORDER_MARKS.get(octets[:2]) or codec_of(charset) or "utf-8"
    if codec.startswith(_WIDE):
        octets, codec = to_text(octets, codec).encode("utf-8", "replace"), "utf-8"
    return to_text(_FOLD.sub(b"", octets), codec).removeprefix("\ufeff")


class _Reader:
    """Builds one calendar; a component that is never closed ends with what is around it."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._open: list[Component] = []
        self._made = 0

    def calendar(self, lines: list[str]) -> Component:
        """The first VCALENDAR. Whatever stands before and behind it is passed over."""
        for text in lines:
            name = _NAME.match(text)
            word = name[0].upper() if name else ""
            if word == "BEGIN":
                self._begin(_value(text))
            elif word == "END" and self._open:
                if _value(text) == self._open[-1].name and len(self._open) == 1:
                    return self._open[0]
                self._end(_value(text))
            elif self._open and word in self._wanted:
                self._open[-1].lines.append(_line(text, word))
        raise UnreadableError("the calendar has no end" if self._open else "the calendar part holds no calendar")

    def _begin(self, name: str) -> None:
        if not self._open and name != "VCALENDAR":
            return
        self._made += 1
        if self._made > COMPONENTS_MAX or len(self._open) >= DEPTH_MAX:
            raise UnreadableError("the calendar has too many components, or too deep ones")
        made = Component(name)
        if self._open:
            self._open[-1].parts.append(made)
        self._open.append(made)

    def _end(self, name: str) -> None:
        if self._open[-1].name != name:
            raise UnreadableError("the calendar's components aren't closed in order")
        self._open.pop()


def _value(text: str) -> str:
    return text.partition(":")[2].strip().upper()


def _line(text: str, name: str) -> Line:
    at = len(name)
    parameters: dict[str, str] = {}
    while found := _PARAMETER.match(text, at):
        parameters.setdefault(found[1].upper(), found[2].strip('"'))
        at = found.end()
    if text[at : at + 1] != ":":
        raise UnreadableError(f"the calendar's {name} is malformed")
    return Line(name, parameters, text[at + 1 :])
