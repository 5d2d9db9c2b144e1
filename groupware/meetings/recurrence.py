"""Recurrence rules by days (RFC 5545 3.3.10): bounded in time by construction, whatever the rule says.

DAILY to YEARLY with BYMONTH, BYMONTHDAY, BYDAY and BYSETPOS, which is what calendar programs offer; any other part, and
every frequency below a day, is declined. A rule that matches nothing ends with the days that were asked about.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from groupware.meetings.errors import DeclinedError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UNDERSTOOD: Final = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"}
)
COUNT_MAX = INTERVAL_MAX = 100_000
VALUES_MAX = 400
"""Of one part: a day of the year each."""
NAMED_MAX = 5
"""Parts that aren't taken, in an answer."""
_BY_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as parsed. `until` is as written, to be compared in the event's own time; 0 as ordinal is every one."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    week_start: int = 0
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    days: frozenset[tuple[int, int]] = frozenset()
    positions: tuple[int, ...] = ()


def parse(text: str) -> Rule:
    """A RRULE's value. Raises UnreadableError for what is none, DeclinedError for what isn't taken."""
    given = dict(_parts(text))
    frequency = given.get("FREQ", "")
    if frequency not in FREQUENCIES:
        raise DeclinedError("rule-not-taken", f"a series repeats daily, weekly, monthly or yearly, not {frequency}")
    unknown = sorted(given.keys() - UNDERSTOOD)
    if unknown:
        raise DeclinedError("rule-not-taken", f"a series with {', '.join(unknown[:NAMED_MAX])} isn't taken")
    return _rule(frequency, given)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for part in text.strip().rstrip(";").upper().split(";"):
        name, equals, value = part.partition("=")
        if not equals or not re.fullmatch(r"[A-Z-]{1,20}", name) or not re.fullmatch(r"[A-Z0-9,+:-]{1,2000}", value):
            raise UnreadableError("the recurrence rule is malformed")
        yield name, value


def _rule(frequency: str, given: Mapping[str, str]) -> Rule:
    days = frozenset(_by_day(value) for value in _values(given, "BYDAY"))
    if frequency in ("DAILY", "WEEKLY") and any(nth for nth, _ in days):  # RFC 5545 3.3.10: MUST NOT
        raise UnreadableError("the recurrence rule counts weekdays where it can't")
    return Rule(
        frequency,
        interval=_one(given, "INTERVAL", INTERVAL_MAX) or 1,
        count=_one(given, "COUNT", COUNT_MAX),
        until=given.get("UNTIL", ""),
        week_start=_week_start(given.get("WKST", "MO")),
        months=frozenset(_numbers(given, "BYMONTH", 1, 12)),
        month_days=frozenset(_numbers(given, "BYMONTHDAY", -31, 31)),
        days=days,
        positions=tuple(_numbers(given, "BYSETPOS", -366, 366)),
    )


def _values(given: Mapping[str, str], name: str) -> list[str]:
    values = given[name].split(",") if name in given else []
    if len(values) > VALUES_MAX:
        raise UnreadableError(f"the recurrence rule has too many values for {name}")
    return values


def _numbers(given: Mapping[str, str], name: str, low: int, high: int) -> Iterator[int]:
    for value in _values(given, name):
        if not _NUMBER.fullmatch(value) or not low <= int(value) <= high or int(value) == 0:
            raise UnreadableError(f"the recurrence rule's {name} is malformed")
        yield int(value)


def _one(given: Mapping[str, str], name: str, high: int) -> int | None:
    return next(_numbers(given, name, 1, high), None)


def _by_day(value: str) -> tuple[int, int]:
    found = _BY_DAY.fullmatch(value)
    if found is None:
        raise UnreadableError("the recurrence rule's BYDAY is malformed")
    return int(found[1] or 0), DAYS.index(found[2])


def _week_start(value: str) -> int:
    if value not in DAYS:
        raise UnreadableError("the recurrence rule's WKST is malformed")
    return DAYS.index(value)


def days(rule: Rule, first: date, since: date, until: date) -> Iterator[date]:
    """The days of a rule that begins on `first`: in order, none before `first` or behind `until`.

    Without a COUNT those long before `since` are passed over. A day that the rule doesn't match isn't among them,
    `first` included.
    """
    since = first if rule.count else max(first, since)
    low, high, left = first.toordinal(), until.toordinal(), rule.count or -1
    for found in _PERIODS[rule.frequency](rule, first, since, until):
        for day in _at_positions(found, rule.positions):
            if day < low:
                continue
            if day > high or not left:
                return
            left -= 1
            yield date.fromordinal(day)


def _at_positions(found: list[int], positions: tuple[int, ...]) -> list[int]:
    if not positions:
        return found
    size = len(found)
    places = {at - 1 if at > 0 else size + at for at in positions}
    return [found[at] for at in sorted(places) if 0 <= at < size]


def _daily(rule: Rule, first: date, since: date, until: date) -> Iterator[list[int]]:
    skipped = (since.toordinal() - first.toordinal()) // rule.interval
    for day in range(first.toordinal() + skipped * rule.interval, until.toordinal() + 1, rule.interval):
        when = date.fromordinal(day)
        if _in_month(rule, when.month) and _on_month_day(rule, when) and _on_weekday(rule, day):
            yield [day]


def _weekly(rule: Rule, first: date, since: date, until: date) -> Iterator[list[int]]:
    begin = first.toordinal() - (first.weekday() - rule.week_start) % 7
    step = 7 * rule.interval
    wanted = {weekday for _, weekday in rule.days} or {first.weekday()}
    offsets = sorted((weekday - rule.week_start) % 7 for weekday in wanted)
    skipped = max(0, since.toordinal() - begin) // step
    for week in range(begin + skipped * step, until.toordinal() + 1, step):
        found = [week + offset for offset in offsets]
        if rule.months or rule.month_days:
            found = [day for day in found if _fits(rule, date.fromordinal(day))]
        yield found


def _fits(rule: Rule, when: date) -> bool:
    return _in_month(rule, when.month) and _on_month_day(rule, when)


def _monthly(rule: Rule, first: date, since: date, until: date) -> Iterator[list[int]]:
    begin, last = first.year * 12 + first.month - 1, until.year * 12 + until.month - 1
    skipped = (since.year * 12 + since.month - 1 - begin) // rule.interval
    own = rule.month_days or rule.days
    for number in range(begin + skipped * rule.interval, last + 1, rule.interval):
        year, month = divmod(number, 12)
        if _in_month(rule, month + 1):
            yield _in_a_month(rule, year, month + 1) if own else _same_day(year, month + 1, first.day)


def _yearly(rule: Rule, first: date, since: date, until: date) -> Iterator[list[int]]:
    skipped = (since.year - first.year) // rule.interval
    for year in range(first.year + skipped * rule.interval, until.year + 1, rule.interval):
        yield _in_a_year(rule, year, first)


def _in_a_year(rule: Rule, year: int, first: date) -> list[int]:
    if not rule.month_days and not rule.days:
        months = rule.months or {first.month}
        return [day for month in sorted(months) for day in _same_day(year, month, first.day)]
    if rule.months:
        return [day for month in sorted(rule.months) for day in _in_a_month(rule, year, month)]
    begin = date(year, 1, 1).toordinal()
    return _in_a_span(rule, begin, date(year + 1, 1, 1).toordinal() - begin)


def _in_a_month(rule: Rule, year: int, month: int) -> list[int]:
    return _in_a_span(rule, date(year, month, 1).toordinal(), monthrange(year, month)[1])


def _in_a_span(rule: Rule, begin: int, size: int) -> list[int]:
    """The matching days of a month or a year, within which weekdays are counted."""
    counted = rule.days and _counted(rule, begin, size)
    return [
        day
        for day in range(begin, begin + size)
        if (not rule.days or day in counted) and (not rule.month_days or _on_month_day(rule, date.fromordinal(day)))
    ]


def _counted(rule: Rule, begin: int, size: int) -> set[int]:
    found: set[int] = set()
    for nth, weekday in rule.days:
        every = range(begin + (weekday - _weekday(begin)) % 7, begin + size, 7)
        if nth == 0:
            found.update(every)
        elif abs(nth) <= len(every):
            found.add(every[nth - 1] if nth > 0 else every[nth])
    return found


def _same_day(year: int, month: int, day: int) -> list[int]:
    """A month without that day has none (RFC 5545 3.3.10: invalid dates are ignored)."""
    return [date(year, month, day).toordinal()] if day <= monthrange(year, month)[1] else []


def _in_month(rule: Rule, month: int) -> bool:
    return not rule.months or month in rule.months


def _on_month_day(rule: Rule, when: date) -> bool:
    if not rule.month_days:
        return True
    return when.day in rule.month_days or when.day - monthrange(when.year, when.month)[1] - 1 in rule.month_days


def _on_weekday(rule: Rule, day: int) -> bool:
    return not rule.days or (0, _weekday(day)) in rule.days


def _weekday(day: int) -> int:
    return (day + 6) % 7


_PERIODS: Mapping[str, Callable[[Rule, date, date, date], Iterator[list[int]]]] = {
    "DAILY": _daily,
    "WEEKLY": _weekly,
    "MONTHLY": _monthly,
    "YEARLY": _yearly,
}
