"""How the items of one FETCH become octets: worked out once, then applied to whole columns of a slice.

No object and no Python call a message where it can be helped: the items make one format, each item gives the columns
that fill it, and `zip` and `%` do the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from connectors.imap import flags, responses
from connectors.imap.conversation import No
from connectors.imap.fetching import Attribute, FetchItem, Part, Section
from connectors.imap.line import BadCommand
from groupware.folders.fetching import Want, columns
from groupware.message import sections

DAY = 86_400_000_000
SECOND = 1_000_000


MOST = 64 << 20
"""Octets of messages in the answer for one slice: a FETCH may name parts of one message a thousand times."""


class Allowance:
    """What an answer may still hold."""

    def __init__(self) -> None:
        self._left = MOST

    def take(self, octets: bytes) -> bytes:
        """`octets`, counted. Raises No."""
        self._left -= len(octets)
        if self._left < 0:
            raise No(b"[LIMIT]", "Ask for less at once")
        return octets


@dataclass(frozen=True, slots=True)
class Slice:
    """Some messages, column by column: `parts` what was read of them."""

    numbers: Sequence[int]
    uids: Sequence[int]
    flags: Sequence[int]
    parts: dict[Want, Sequence[Any]]
    allowance: Allowance = field(default_factory=Allowance)


Column = Callable[[Slice], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One item of the answer: its part of the format, what has to be read for it, what fills it."""

    text: bytes
    want: Want
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole answer. `marks_seen` says that reading these items sets the flag (RFC 9051 6.4.5, BODY[])."""

    line: bytes
    want: Want
    columns: tuple[Column, ...]
    marks_seen: bool
    bodies: int
    """How many of the items come from a message's bytes."""

    @property
    def step(self) -> int:
        """How many messages are answered at a time."""
        if self.want is Want.NOTHING:
            return 2000
        return 100 if self.want & Want.BYTES else 500

    def answer(self, part: Slice) -> bytes:
        """The FETCH responses of a slice."""
        rows = zip(part.numbers, *(column(part) for column in self.columns), strict=True)
        return b"".join(map(self.line.__mod__, rows))

    def parts_of(self, rows: Sequence[tuple[Any, ...]]) -> dict[Want, Sequence[Any]]:
        """Rows of `groupware.folders.fetching` as columns."""
        turned = list(zip(*rows, strict=True))
        return {want: turned[at] for want, at in columns(self.want).items()}


def plan(items: Iterable[FetchItem], *, uid: bool) -> Plan:
    """The plan for `items`; with `uid` the UID is answered even if it isn't among them (RFC 9051 6.4.9)."""
    wanted = list(dict.fromkeys(items))
    if uid and Attribute.UID not in wanted:
        wanted.insert(0, Attribute.UID)
    marks_seen = any(isinstance(item, Section) and not item.peek for item in wanted)
    if marks_seen and Attribute.FLAGS not in wanted:
        wanted.append(Attribute.FLAGS)
    cells = [_cell(item) for item in wanted]
    want = Want.NOTHING
    for cell in cells:
        want |= cell.want
    line = b"* %d FETCH (" + b" ".join(cell.text for cell in cells) + b")\r\n"
    bodies = sum(Want.BYTES in cell.want for cell in cells)
    return Plan(line, want, tuple(column for cell in cells for column in cell.columns), marks_seen, bodies)


def _cell(item: FetchItem) -> Cell:
    if isinstance(item, Section):
        return _section(item)
    cell = ATTRIBUTES.get(item)
    if cell is None:
        raise BadCommand("CONDSTORE isn't offered")
    return cell


def _part(want: Want) -> Column:
    return lambda part: part.parts[want]


def _dates(part: Slice) -> Iterable[bytes]:
    return map(_date, part.parts[Want.DATE])


def _date(at: int) -> bytes:
    """`responses.internal_date`, whose days are worked out once each."""
    day, rest = divmod(at, DAY)
    minutes, seconds = divmod(rest // SECOND, 60)
    return _day(day) % (*divmod(minutes, 60), seconds)


@lru_cache(maxsize=4096)
def _day(day: int) -> bytes:
    return responses.internal_date(day * DAY).replace(b"00:00:00", b"%02d:%02d:%02d")


ATTRIBUTES = {
    Attribute.UID: Cell(b"UID %d", Want.NOTHING, (lambda part: part.uids,)),
    Attribute.FLAGS: Cell(b"FLAGS %b", Want.NOTHING, (lambda part: map(flags.text_of, part.flags),)),
    Attribute.INTERNALDATE: Cell(b"INTERNALDATE %b", Want.DATE, (_dates,)),
    Attribute.SIZE: Cell(b"RFC822.SIZE %d", Want.SIZE, (_part(Want.SIZE),)),
    Attribute.ENVELOPE: Cell(b"ENVELOPE %b", Want.ENVELOPE, (_part(Want.ENVELOPE),)),
    Attribute.BODY: Cell(b"BODY %b", Want.BODY, (_part(Want.BODY),)),
    Attribute.BODYSTRUCTURE: Cell(b"BODYSTRUCTURE %b", Want.BODYSTRUCTURE, (_part(Want.BODYSTRUCTURE),)),
}


def _section(section: Section) -> Cell:
    label = section.label.replace(b"%", b"%%")
    want = Want.HEAD if _in_head(section) else Want.HEAD | Want.BYTES
    return Cell(label + b" %b", want, (_texts(section),))


def _in_head(section: Section) -> bool:
    return not section.path and section.part in (Part.HEADER, Part.FIELDS, Part.FIELDS_NOT)


def _texts(section: Section) -> Column:
    """The section of each message as a literal, NIL for parts that it hasn't."""
    cut = _cut(section)
    return lambda part: [
        responses.NIL if octets is None else responses.literal(part.allowance.take(octets)) for octets in cut(part)
    ]


def _cut(section: Section) -> Callable[[Slice], Iterable[bytes | None]]:
    found = _found(section)
    if section.partial is None:
        return found
    return lambda part: (None if octets is None else section.cut(octets) for octets in found(part))


def _found(section: Section) -> Callable[[Slice], Iterable[bytes | None]]:
    """How the octets are found; header fields by one expression for all messages."""
    if _in_head(section):
        pick = _picked(section)
        return lambda part: map(pick, part.parts[Want.HEAD])
    if not section.path and section.part is Part.WHOLE:
        return lambda part: map(bytes.__add__, part.parts[Want.HEAD], part.parts[Want.BYTES])
    named = sections.Section(section.path, sections.Text(section.part.value), section.fields)
    return lambda part: (
        sections.extract(named, head, body)
        for head, body in zip(part.parts[Want.HEAD], part.parts[Want.BYTES], strict=True)
    )


def _picked(section: Section) -> Callable[[bytes], bytes]:
    if section.part is Part.HEADER:
        return bytes
    return sections.picker(section.fields, negate=section.part is Part.FIELDS_NOT)
