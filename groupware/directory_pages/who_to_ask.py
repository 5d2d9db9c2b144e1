"""Contact points with their deputies and hours, and liaison officers abroad, as rows that are read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, false, or_, select

from directory.duty_tables import (
    contact_deputy,
    contact_point,
    duty_hours,
    posting,
    posting_area,
    posting_body,
    posting_interest,
)
from directory.tables import body

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Row, Select

    from groupware.cards.entry import Entry
    from groupware.directory_pages.sight import Area, Sight

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DASH = "\N{EN DASH}"
ALL_DAY = (0, 24 * 60)
_POINTS = (
    select(
        contact_point.c.id,
        contact_point.c.body,
        body.c.code,
        body.c.name,
        contact_point.c.area,
        contact_point.c.holder,
        contact_point.c.zone,
    )
    .join(body, body.c.id == contact_point.c.body)
    .where(body.c.suspended == false())
    .order_by(body.c.name, contact_point.c.area)
)
_DEPUTIES = select(contact_deputy.c.contact_point, contact_deputy.c.official).order_by(contact_deputy.c.place)
_HOURS = select(duty_hours.c.contact_point, duty_hours.c.weekday, duty_hours.c.opens, duty_hours.c.closes).order_by(
    duty_hours.c.weekday, duty_hours.c.opens
)
_POSTINGS = (
    select(posting)
    .where(posting.c.valid_until > bindparam("at"))
    .order_by(posting.c.host_country, posting.c.host_city, posting.c.valid_from, posting.c.id)
)
_POSTING_AREAS = select(posting_area.c.posting, posting_area.c.area)
_SERVED = select(posting_body.c.posting, body.c.name).join(body, body.c.id == posting_body.c.body).order_by(body.c.name)
_INTERESTED = (
    select(posting_interest.c.posting, body.c.name)
    .join(body, body.c.id == posting_interest.c.body)
    .order_by(body.c.name)
)


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """Whom to ask at a body about an area, or (None) about everything. Who may not be seen is left out.

    `hours` are lines for people, in the local time of `zone`; `open` says whether it is on duty now.
    """

    body_code: str
    body: str
    area: Area | None
    holder: Entry | None
    deputies: Sequence[Entry]
    hours: Sequence[str]
    zone: str
    open: bool


@dataclass(frozen=True, slots=True)
class Posting:
    """A liaison officer abroad. `country` is an ISO 3166-1 alpha-2 code; times in microseconds.

    `serves` are other bodies whom the officer works for, too; `interested` those who would like that of a planned one.
    """

    official: Entry
    country: str
    city: str
    seat: str
    duties: str
    areas: Sequence[str]
    serves: Sequence[str]
    interested: Sequence[str]
    planned: bool
    since: int
    until: int


def contact_points(sight: Sight, *, of_body: int = 0, about: int | None = None) -> list[ContactPoint]:
    """Of one body or all, about one area (0: everything) or any; of areas, those that the caller takes part in."""
    areas = {each.id: each for each in sight.areas()}
    rows = [
        row
        for row in sight.snapshot.connection.execute(_POINTS)
        if of_body in (0, row.body) and about in (None, row.area) and (row.area == 0 or row.area in areas)
    ]
    deputies, hours = _by_point(sight, _DEPUTIES), _by_point(sight, _HOURS)
    wanted = {row.holder for row in rows} | {each.official for row in rows for each in deputies[row.id]}
    seen = sight.entries_of(wanted)
    return [
        ContactPoint(
            row.code,
            row.name,
            areas.get(row.area),
            seen.get(row.holder),
            [seen[each.official] for each in deputies[row.id] if each.official in seen],
            spoken(hours[row.id]),
            row.zone,
            is_open(hours[row.id], row.zone, sight.snapshot.now),
        )
        for row in rows
    ]


def postings(sight: Sight, *, official: int = 0) -> list[Posting]:
    """Those that go on or are to come, of all whom the caller may see or of one official, by host country."""
    only: ColumnElement[bool] = or_(bindparam("of") == 0, posting.c.official == bindparam("of"))
    rows = sight.snapshot.connection.execute(_POSTINGS.where(only), {"at": sight.snapshot.now, "of": official}).all()
    seen, names = sight.entries_of({row.official for row in rows}), {each.id: each.name for each in sight.areas()}
    areas, served, interested = (_by_posting(sight, each) for each in (_POSTING_AREAS, _SERVED, _INTERESTED))
    return [
        Posting(
            seen[row.official],
            row.host_country,
            row.host_city,
            row.seat,
            row.duties,
            [names[number] for number in areas[row.id] if number in names],
            served[row.id],
            interested[row.id],
            row.planned or row.valid_from > sight.snapshot.now,
            row.valid_from,
            row.valid_until,
        )
        for row in rows
        if row.official in seen
    ]


def spoken(hours: Sequence[Row[Any]]) -> list[str]:
    """Lines like `Mon-Fri 09:00-17:00`, with dashes: days that follow each other and have the same hours are one."""
    days: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in hours:
        days[row.weekday].append((row.opens, row.closes))
    lines: list[tuple[int, int, list[tuple[int, int]]]] = []
    for day, spans in sorted(days.items()):
        if lines and lines[-1][1] == day - 1 and lines[-1][2] == spans:
            lines[-1] = (lines[-1][0], day, spans)
        else:
            lines.append((day, day, spans))
    return [_line(first, last, spans) for first, last, spans in lines]


def is_open(hours: Iterable[Row[Any]], zone: str, now: int) -> bool:
    """Whether somebody is on duty at this time (microseconds)."""
    local = datetime.fromtimestamp(now / 1_000_000, UTC).astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    return any(row.weekday == local.weekday() and row.opens <= minute < row.closes for row in hours)


def _line(first: int, last: int, spans: Sequence[tuple[int, int]]) -> str:
    days = WEEK[first] if first == last else f"{WEEK[first]}{DASH}{WEEK[last]}"
    if list(spans) == [ALL_DAY]:
        return f"{days} around the clock"
    return f"{days} " + ", ".join(f"{_clock(opens)}{DASH}{_clock(closes)}" for opens, closes in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _by_point(sight: Sight, statement: Select[Any]) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in sight.snapshot.connection.execute(statement):
        found[row.contact_point].append(row)
    return found


def _by_posting(sight: Sight, statement: Select[Any]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for number, value in sight.snapshot.connection.execute(statement):
        found[number].append(value)
    return found
