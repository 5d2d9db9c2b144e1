"""A calendar message as read from a mail (RFC 6047): its method, its organiser, and the events with what is asked.

All of one message is about one UID (RFC 5546 3.2). Attendees, alarms and descriptions are not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from groupware.meetings import lines, marked, times
from groupware.meetings.errors import DeclinedError, UnreadableError
from groupware.message import parameters
from groupware.message.charsets import one_line
from groupware.message.markings import UNMARKED, Marks, strictest
from groupware.message.text import decode_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupware.meetings.lines import Component
    from groupware.meetings.times import Length, Moment
    from groupware.message.parts import Part

WANTED = frozenset(
    {
        "METHOD",
        *("UID", "SEQUENCE", "DTSTAMP", "ORGANIZER", "STATUS", "SUMMARY", "RECURRENCE-ID"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO"),
        *marked.NAMES,
    }
)
CALENDARS = (b"text/calendar", b"application/ics")
EVENTS_MAX = 400
EXTRAS_MAX = 1_000
"""RDATEs or EXDATEs of one event."""
UID_MAX = 500
ADDRESS_MAX = 320
SUMMARY_MAX = 200
SEQUENCE_MAX = 2**31 - 1
_NUMBER = re.compile(r"[0-9]{1,10}")
_MAILTO = "mailto:"


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT: a single meeting, a series, or, with `recurrence`, one of a series' instances."""

    sequence: int
    stamp: int
    summary: str
    start: Moment | None
    end: Moment | None
    length: Length | None
    rule: str
    more: tuple[Moment, ...]
    without: tuple[Moment, ...]
    recurrence: Moment | None
    and_future: bool
    cancelled: bool
    marks: Marks = UNMARKED

    @property
    def repeats(self) -> bool:
        """Whether it stands for more than one meeting."""
        return bool(self.rule or self.more)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A whole message. `organiser` is an address in lower case; `method` is upper case."""

    method: str
    uid: str
    organiser: str
    events: tuple[Event, ...]
    calendar: Component

    @property
    def whole(self) -> Event | None:
        """The event itself, where the message is not only about single instances."""
        return next((event for event in self.events if event.recurrence is None), None)

    @property
    def marks(self) -> Marks:
        """The strictest of its events."""
        return strictest(*(event.marks for event in self.events))

    @property
    def instances(self) -> tuple[Event, ...]:
        """What differs from the series."""
        return tuple(event for event in self.events if event.recurrence is not None)


def find(root: Part) -> Part | None:
    """The calendar part: a version of the text, else an attachment; None in a message without one."""
    leaves = list(_leaves(root))
    return next((leaf for kind in CALENDARS for leaf in leaves if _kind(leaf) == kind), None)


def _leaves(part: Part) -> Iterator[Part]:
    """Not those of a message within the message: a forwarded invitation invites nobody."""
    if part.is_multipart:
        for child in part.children:
            yield from _leaves(child)
    elif not part.is_message:
        yield part


def _kind(part: Part) -> bytes:
    return (part.main + b"/" + part.sub).lower()


def read(raw: bytes, part: Part) -> Invitation:
    """The invitation in a part of a message. Raises UnreadableError, which says what is wrong with it."""
    if part.end - part.body_at > 2 * lines.OCTETS_MAX:
        raise UnreadableError(f"the calendar part is larger than {lines.OCTETS_MAX >> 10} KiB")
    charset = parameters.decoded(part.parameters, b"charset") or "utf-8"
    return parse(decode_part(raw, part), charset)


def parse(octets: bytes, charset: str = "utf-8") -> Invitation:
    """The invitation in a calendar's octets. Raises UnreadableError."""
    calendar = lines.read(octets, charset, WANTED)
    found = list(calendar.inner("VEVENT"))
    if not 0 < len(found) <= EVENTS_MAX:
        raise UnreadableError("the calendar holds no event, or too many")
    method = calendar.first("METHOD")
    return Invitation(
        method=method.value.strip().upper() if method else "",
        uid=_same(found, "UID", _uid),
        organiser=_same(found, "ORGANIZER", _address),
        events=tuple(_event(part) for part in found),
        calendar=calendar,
    )


def _same(found: list[Component], name: str, read_value: Callable[[str], str]) -> str:
    """What all events of one message share."""
    values = {_needed(part, name).value for part in found}
    if len(values) > 1:
        raise UnreadableError(f"the calendar's events differ in {name}")
    return read_value(values.pop())


def _needed(part: Component, name: str) -> lines.Line:
    line = part.first(name)
    if line is None:
        raise UnreadableError(f"an event of the calendar has no {name}")
    return line


def _uid(value: str) -> str:
    uid = value.strip()
    if not uid or len(uid) > UID_MAX or not uid.isprintable():
        raise UnreadableError("the event's UID is empty, too long or not printable")
    return uid


def _address(value: str) -> str:
    address = value.strip()
    plain = address[len(_MAILTO) :] if address[: len(_MAILTO)].lower() == _MAILTO else address
    if len(plain) > ADDRESS_MAX or not plain.isprintable():
        raise UnreadableError("the event's ORGANIZER is too long or not printable")
    return plain.strip().lower()


def _event(part: Component) -> Event:
    start, end, spans = part.first("DTSTART"), part.first("DTEND"), part.first("DURATION")
    recurrence, rule, status = part.first("RECURRENCE-ID"), part.first("RRULE"), part.first("STATUS")
    line = part.first("SUMMARY")
    summary = one_line(line.text).strip()[:SUMMARY_MAX] if line else ""
    return Event(
        sequence=_sequence(part),
        stamp=_stamp(part),
        summary=summary,
        start=times.of_line(start) if start else None,
        end=times.of_line(end) if end else None,
        length=times.length(spans.value) if spans else None,
        rule=_rule(rule) if rule else "",
        more=_extras(part, "RDATE"),
        without=_extras(part, "EXDATE"),
        recurrence=times.of_line(recurrence) if recurrence else None,
        and_future=recurrence is not None and "RANGE" in recurrence.parameters,
        cancelled=status is not None and status.value.strip().upper() == "CANCELLED",
        marks=marked.of(part, summary),
    )


def _rule(line: lines.Line) -> str:
    if not line.value.isprintable():
        raise UnreadableError("the event's RRULE isn't printable")
    return line.value.strip()


def _sequence(part: Component) -> int:
    """RFC 5545 3.8.7.4: 0 where there is none."""
    line = part.first("SEQUENCE")
    text = line.value.strip() if line else "0"
    if not _NUMBER.fullmatch(text) or int(text) > SEQUENCE_MAX:
        raise UnreadableError("the event's SEQUENCE is malformed")
    return int(text)


def _stamp(part: Component) -> int:
    """RFC 5545 3.8.7.2: UTC; one that floats is taken for it."""
    when = times.of_line(_needed(part, "DTSTAMP"))
    return times.micro(when.local.replace(tzinfo=UTC))


def _extras(part: Component, name: str) -> tuple[Moment, ...]:
    if any(line.parameter("VALUE").upper() == "PERIOD" for line in part.all(name)):
        raise UnreadableError(f"{name} with periods isn't taken")
    found = tuple(each for line in part.all(name) for each in times.several(line))
    if len(found) > EXTRAS_MAX:
        raise UnreadableError(f"the event has more than {EXTRAS_MAX} values for {name}")
    return found


def start_of(event: Event) -> Moment:
    """Its first moment. Raises DeclinedError for an event without one."""
    if event.start is None:
        raise DeclinedError("no-beginning", "the invitation doesn't say when it begins")
    return event.start
