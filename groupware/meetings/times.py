"""iCalendar's dates, times and durations (RFC 5545 3.3.4 to 3.3.6) as they stand: a zone is named, not looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from icalendar.prop import vDDDTypes

from groupware.meetings.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.meetings.lines import Line

MICROSECONDS: Final = 1_000_000
FLOATING, UTC_NAME = "", "UTC"
VALUES_MAX = 1_000
_MOMENT = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?")
_LEAP_SECOND = re.compile(r"(?<=T[0-9]{4})60(?=Z?$)")
"""Counts as the one before it: Python knows no other."""
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,5})W|(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})S)?)?)"
)
_FIRST_YEAR, _LAST_YEAR = 1600, 9000


@dataclass(frozen=True, slots=True)
class Moment:
    """A local time and the name of its zone: `UTC`, a TZID, or nothing where it floats; `whole_day` has no time."""

    local: datetime
    zone: str = FLOATING
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """A duration: days are counted in local time, `rest` is exact (RFC 5545 3.3.6). icalendar makes them one."""

    days: int
    rest: timedelta


def moment(value: str, zone: str = FLOATING) -> Moment:
    """A DATE or DATE-TIME. Raises UnreadableError."""
    text = _LEAP_SECOND.sub("59", value.strip().upper())
    if not _MOMENT.fullmatch(text):  # icalendar takes digits of other scripts too
        raise UnreadableError("the calendar holds a malformed date or time")
    try:  # without a zone's name, for icalendar would look it up
        found = vDDDTypes.from_ical(text)
    except ValueError as error:
        raise UnreadableError("the calendar holds a date or time that doesn't exist") from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise UnreadableError("the calendar holds a date or time of another age")
    if not isinstance(found, datetime):
        return Moment(datetime.combine(found, time()), zone, whole_day=True)
    return Moment(found.replace(tzinfo=None), UTC_NAME if found.tzinfo else zone)


def of_line(line: Line) -> Moment:
    """The one moment of a DTSTART, DTEND, DTSTAMP or RECURRENCE-ID."""
    return moment(line.value, _zone(line))


def _zone(line: Line) -> str:
    zone = line.parameter("TZID")
    if not zone.isprintable():
        raise UnreadableError(f"the calendar's {line.name} has a time zone that isn't printable")
    return zone


def several(line: Line) -> Iterator[Moment]:
    """Those of an EXDATE or RDATE; a period's first one would not tell its end, and is refused."""
    values = line.value.split(",")
    if len(values) > VALUES_MAX:
        raise UnreadableError(f"the calendar's {line.name} has more than {VALUES_MAX} values")
    zone = _zone(line)
    return (moment(value, zone) for value in values)


def length(value: str) -> Length:
    """A DURATION, which may be negative. Raises UnreadableError."""
    found = _DURATION.fullmatch(value.strip().upper())
    if found is None:
        raise UnreadableError("the calendar holds a malformed duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    rest = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Length(sign * (7 * weeks + days), sign * rest)


def micro(when: datetime) -> int:
    """A time with a zone, in microseconds since 1970 UTC."""
    return int(when.timestamp()) * MICROSECONDS


def utc(at: int) -> datetime:
    """The other way."""
    return datetime.fromtimestamp(at // MICROSECONDS, UTC)
