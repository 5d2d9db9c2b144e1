"""iCalendar's content lines and components (RFC 5545 3.1, 3.6): icalendar takes lines apart, within our bounds.

It unfolds them, reads names and parameters and undoes escapes; its components, which keep what a message says of a zone
for the whole process, are not used. Only lines with the names that somebody asks for are taken apart: the attendees of
a large meeting cost a look each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from icalendar.parser import Contentline, Contentlines, unescape_backslash

from groupware.meetings.errors import UnreadableError
from groupware.message.charsets import codec_of, to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OCTETS_MAX = 1 << 20
LINES_MAX = 25_000
"""Before they are unfolded."""
HEADS_MAX = 256 << 10
"""Octets of names and parameters in all lines that are asked for: icalendar takes up to a microsecond for each."""
COMPONENTS_MAX = 1_000
DEPTH_MAX = 4

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_BREAK = re.compile(r"[\r\n]")
_WIDE = ("utf-16", "utf-32")
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UTF_8_MARK = b"\xef\xbb\xbf"
_OCTETS = "latin-1"
"""A character for each octet: a fold may fall into the middle of a letter, so lines are decoded when they are whole."""


@dataclass(frozen=True, slots=True)
class Line:
    """`DTSTART;TZID=Europe/Brussels:20270104T100000`: the name is upper case, the value as it stands."""

    name: str
    parameters: Mapping[str, str | list[str]]
    value: str

    @property
    def text(self) -> str:
        """A TEXT value without its escapes (RFC 5545 3.3.11)."""
        text: str = unescape_backslash(self.value)
        return text

    def parameter(self, name: str) -> str:
        """A parameter's value, empty where there is none. Some programs write a comma without quotes."""
        value = self.parameters.get(name, "")
        return value if isinstance(value, str) else ",".join(value)


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
    codec = _BYTE_ORDER_MARKS.get(octets[:2]) or codec_of(charset) or "utf-8"
    if codec.startswith(_WIDE):
        octets, codec = to_text(octets, codec).encode("utf-8", "replace"), "utf-8"
    return _Reader(wanted, codec).calendar(_unfolded(octets.removeprefix(_UTF_8_MARK)))


def _unfolded(octets: bytes) -> Contentlines:
    octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if octets.count(b"\n") > LINES_MAX:
        raise UnreadableError(f"the calendar has more than {LINES_MAX} lines")
    found: Contentlines = Contentlines.from_ical(octets.decode(_OCTETS))  # type: ignore[no-untyped-call] # theirs
    return found


class _Reader:
    """Builds one calendar; a component that is never closed ends with what is around it."""

    def __init__(self, wanted: frozenset[str], codec: str) -> None:
        self._wanted = wanted
        self._codec = codec
        self._open: list[Component] = []
        self._made = 0
        self._heads = 0

    def calendar(self, lines: list[Contentline]) -> Component:
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
                self._open[-1].lines.append(self._line(text, word))
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

    def _line(self, octets: str, name: str) -> Line:
        """A head ends with a colon, at the last one of the line at the latest; without one, all of it is head."""
        self._heads += len(octets[: octets.rfind(":")])
        if self._heads > HEADS_MAX:
            raise UnreadableError("the calendar has too many parameters, or too long ones")
        text = to_text(octets.encode(_OCTETS), self._codec)
        if _BREAK.search(text):  # UTF-7 can hide them
            raise UnreadableError(f"the calendar's {name} has a line end in it")
        try:
            found, parameters, value = Contentline(text).raw_parts()
        except ValueError as error:
            raise UnreadableError(f"the calendar's {name} is malformed") from error
        if found.upper() != name:
            raise UnreadableError(f"the calendar's {name} is malformed")
        return Line(name, parameters, value)


def _value(text: str) -> str:
    return text.partition(":")[2].strip().upper()
