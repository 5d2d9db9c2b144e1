"""Hours of duty as people type them: `Mon-Fri 9:00-17:00`, over midnight too, with any dash that a program makes."""

from __future__ import annotations

import re

from groupware.duties.arranging import Hours
from groupware.errors import Refused

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = 24 * 60
"""Minutes."""
_DASH = r"\s*[-\u2010-\u2015\u2212]\s*"
_TIME = r"([01]?[0-9]|2[0-4]):([0-5][0-9])"
_NAMES = "|".join(WEEKDAYS)
_LINE = re.compile(rf"({_NAMES})(?:{_DASH}({_NAMES}))?\s+{_TIME}{_DASH}{_TIME}", re.IGNORECASE)


def read(text: str) -> tuple[Hours, ...]:
    """One or more days and hours a line. Raises Refused(unknown-hours), which names all lines that are none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = {line: _line(line) for line in lines}
    if wrong := [repr(line[:40]) for line, some in found.items() if not some]:
        raise Refused("unknown-hours", f"hours of duty are lines such as Mon-Fri 09:00-17:00, not {', '.join(wrong)}")
    return tuple(sorted((each for line in lines for each in found[line]), key=_order))


def shown(found: tuple[Hours, ...]) -> str:
    """The same the other way round, a line a day; what goes on over midnight is two."""
    return "\n".join(f"{WEEKDAYS[each.weekday]} {_time(each.opens)}-{_time(each.closes)}" for each in found)


def _line(line: str) -> list[Hours]:
    match = _LINE.fullmatch(line)
    if match is None:
        return []
    first = WEEKDAYS.index(match[1].title())
    last = WEEKDAYS.index(match[2].title()) if match[2] else first
    opens, closes = (int(match[at]) * 60 + int(match[at + 1]) for at in (3, 5))
    days = range(first, last + 1 if last >= first else last + 1 + len(WEEKDAYS))
    return [each for day in days for each in _of_day(day % len(WEEKDAYS), opens, closes or DAY)]


def _of_day(day: int, opens: int, closes: int) -> list[Hours]:
    """Those that begin on a day; over midnight they go on the next. Empty for what are no hours."""
    if opens >= DAY or closes > DAY or opens == closes:
        return []
    if opens < closes:
        return [Hours(day, opens, closes)]
    return [Hours(day, opens, DAY), Hours((day + 1) % len(WEEKDAYS), 0, closes)]


def _order(each: Hours) -> tuple[int, int]:
    return each.weekday, each.opens


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
