"""Dates of mail (RFC 5322 3.3 and 4.3) as microseconds since 1970 UTC, and back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = {name.lower().encode(): number for number, name in enumerate(_MONTHS, 1)}
_DATE = re.compile(
    rb"\s*+(?:[A-Za-z]{2,9}+\s*+[,.]?\s*+)?"
    rb"([0-9]{1,2})(?:\s*+-\s*+|\s++)([A-Za-z]{3})[a-z]{0,6}+(?:\s*+-\s*+|\s++)([0-9]{2,4})\s++"
    rb"([0-9]{1,2})\s*+:\s*+([0-9]{2})(?:\s*+:\s*+([0-9]{2}))?+(?:\s*+([+-][0-9]{4}|[A-Za-z]{1,5}))?"
)
_COMMENT = re.compile(rb"\([^()]*+\)")
# RFC 5322 4.3; military and unknown zones count as -0000, which is what it tells readers to do.
_ZONES = {b"EST": -5, b"EDT": -4, b"CST": -6, b"CDT": -5, b"MST": -7, b"MDT": -6, b"PST": -8, b"PDT": -7}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LENGTH_MAX = 200
_MICROSECONDS = 1_000_000
REMEMBERED = 64
"""Moments whose text is remembered: under load many messages come within a second."""


def read(value: bytes) -> int | None:
    """The moment that a Date field names, None where it names none."""
    if b"(" in value:
        value = _COMMENT.sub(b" ", value[:_LENGTH_MAX])
    found = _DATE.match(value)
    month = _MONTH.get(found[2].lower()) if found else None
    if not found or not month:
        return None
    try:
        day = date(_year(found[3]), month, int(found[1])).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    return _moment(day, found)


def _moment(day: int, found: re.Match[bytes]) -> int | None:
    hour, minute, second = int(found[4]), int(found[5]), int(found[6] or 0)
    if hour > 23 or minute > 59 or second > 60:  # noqa: PLR2004 - a clock's face, and RFC 5322's leap second
        return None
    return (day * 86400 + hour * 3600 + minute * 60 + min(second, 59) - _offset(found[7])) * _MICROSECONDS


def _year(digits: bytes) -> int:
    """RFC 5322 4.3: two digits up to 49 belong to this century, other two and three digits count from 1900."""
    year = int(digits)
    if len(digits) == 4:  # noqa: PLR2004 - a year as it is written today
        return year
    return year + 2000 if len(digits) == 2 and year < 50 else year + 1900  # noqa: PLR2004 - RFC 5322 4.3


def _offset(zone: bytes | None) -> int:
    """Seconds east of UTC."""
    if not zone or zone[:1] not in b"+-":
        return _ZONES.get((zone or b"").upper(), 0) * 3600
    seconds = int(zone[1:3]) * 3600 + int(zone[3:5]) * 60
    return -seconds if zone[:1] == b"-" else seconds


def write(moment: int) -> str:
    """A moment (microseconds since 1970 UTC) as a Date field's value, in UTC."""
    return _write(moment // _MICROSECONDS)


@lru_cache(REMEMBERED)
def _write(seconds: int) -> str:
    when = _EPOCH + timedelta(seconds=seconds)
    return f"{_DAYS[when.weekday()]}, {when.day:02d} {_MONTHS[when.month - 1]} {when.year:04d} {when:%H:%M:%S} +0000"
