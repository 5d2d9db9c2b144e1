"""iCalendar's dates, times and durations (RFC 5545 3.3.4 to 3.3.6) as they stand: a zone is named, not looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from groupware.meetings.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.meetings.lines import Line

MICROSECONDS: Final = 1_000_000
FLOATING, UTC_NAME = "", "UTC"
VALUES_MAX = 1_000
_MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,5})W|(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})S)?)?)"
)
_FIRST_YEAR, _LAST_YEAR = 1600, 9000
_LAST_SECOND = 59


@dataclass(frozen=True, slots=True)
class Moment:
    """A local time and the name of its zone: `UTC`, a TZID, or nothing where it floats; `whole_day` has no time."""

    local: datetime
    zone: str = FLOATING
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """A duration: days are counted in local time, `rest` is exact (RFC 5545 3.3.6)."""

    days: int
    rest: timedelta


def moment(value: str, zone: str = FLOATING) -> Moment:
    """A DATE or DATE-TIME. Raises UnreadableError."""
    found = _MOMENT.fullmatch(value.strip().upper())
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise UnreadableError("the calendar holds a malformed date or time")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:  # a leap second counts as the one before it
        local = datetime(year, month, day, hour, minute, min(second, _LAST_SECOND))  # noqa: DTZ001 -- its zone is beside it
    except ValueError as error:
        raise UnreadableError("the calendar holds a date or time that doesn't exist") from error
    return Moment(local, UTC_NAME if found[7] else zone, whole_day=found[4] is None)


def of_line(line: Line) -> Moment:
    """The one moment of a DTSTART, DTEND, DTSTAMP or RECURRENCE-ID."""
    return moment(line.value, line.parameters.get("TZID", FLOATING))


def several(line: Line) -> Iterator[Moment]:
    """Those of an EXDATE or RDATE; a period's first one would not tell its end, and is refused."""
    values = line.value.split(",")
    if len(values) > VALUES_MAX:
        raise UnreadableError(f"the calendar's {line.name} has more than {VALUES_MAX} values")
    return (moment(value, line.parameters.get("TZID", FLOATING)) for value in values)


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
