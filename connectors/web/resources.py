"""Resources: what can be booked, and the calendar of each by weeks and months, in its own local time."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from groupware import clock
from groupware.errors import NotFound
from groupware.meetings.calendar import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.meetings.calendar import Slot

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_FIRST_YEAR, _LAST_YEAR = 1971, 8999
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking as one day shows it: clock times, and `slot` for what else may be shown."""

    begins: str
    ends: str
    slot: Slot


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its bookings; one that goes on over midnight stands on each of its days."""

    date: date
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Period:
    """A week (`2026-W48`) or a month (`2026-11`), with its neighbours as queries of the page."""

    span: Span
    title: str
    before: str
    after: str
    other: str
    is_month: bool


async def all_of_them(visit: Visit) -> Response:
    """Every resource that the caller may book."""
    return await visit.page("resources.html", cards=await visit.portal.groupware.resources(visit.caller))


async def show(visit: Visit) -> Response:
    """One resource's week or month; without a query the week of today. 404 for what is none."""
    period = _period(visit.query("week"), visit.query("month"))
    found = await visit.portal.groupware.timetable(visit.caller, visit.path["address"], period.span)
    zone = ZoneInfo(found.card.resource.zone)
    days = [_day(day, found.slots, zone) for day in _days(period.span)]
    level = max((slot.marking for slot in found.slots if slot.marking is not None), default=None)
    return await visit.page("resource.html", card=found.card, period=period, days=days, level_shown=level)


def _period(week: str, month: str) -> Period:
    if month:
        return _month(month)
    today = datetime.fromtimestamp(clock.now() // clock.MICROSECONDS, UTC).date()
    return _week(week or f"{today:%G-W%V}")


def _week(text: str) -> Period:
    found = _WEEK.fullmatch(text)
    try:
        first = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else date.min
    except ValueError:
        first = date.min
    _check(first)
    title = f"Week {first:%V} of {first:%G}"
    before, after = (f"?week={first + 7 * step * _DAY:%G-W%V}" for step in (-1, 1))
    thursday = first + 3 * _DAY
    return Period(Span(first, first + 7 * _DAY), title, before, after, f"?month={thursday:%Y-%m}", is_month=False)


def _month(text: str) -> Period:
    found = _MONTH.fullmatch(text)
    try:
        first = date(int(found[1]), int(found[2]), 1) if found else date.min
    except ValueError:
        first = date.min
    _check(first)
    after = first + timedelta(days=monthrange(first.year, first.month)[1])
    before, title = first - _DAY, f"{first:%B %Y}"
    queries = f"?month={before:%Y-%m}", f"?month={after:%Y-%m}", f"?week={first:%G-W%V}"
    return Period(Span(first, after), title, *queries, is_month=True)


def _check(first: date) -> None:
    if not _FIRST_YEAR <= first.year <= _LAST_YEAR:
        raise NotFound(str(first))


def _days(span: Span) -> list[date]:
    return [span.first + number * _DAY for number in range((span.last - span.first).days)]


def _day(day: date, slots: Sequence[Slot], zone: ZoneInfo) -> Day:
    begins, ends = (datetime.combine(each, datetime.min.time(), zone) for each in (day, day + _DAY))
    entries = []
    for slot in slots:
        start, end = (datetime.fromtimestamp(at / clock.MICROSECONDS, zone) for at in (slot.start, slot.end))
        if start < ends and end > begins:
            from_ = "00:00" if start < begins else f"{start:%H:%M}"
            entries.append(Entry(from_, "24:00" if end >= ends else f"{end:%H:%M}", slot))
    return Day(day, entries)
