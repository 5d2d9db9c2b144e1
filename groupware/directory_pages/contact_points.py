"""Contact points with their deputies and hours, as everybody reads them who may see the people in them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import contact_points as rows
from groupware.directory_pages import structure
from groupware.duties import on_duty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directory.contact_points import ContactPoint as Row
    from directory.contact_points import Hours
    from groupware.cards.entry import Entry
    from groupware.directory_pages.sight import Area, Sight
    from groupware.directory_pages.structure import Body

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DASH = "\N{EN DASH}"
ALL_DAY = (0, 24 * 60)


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """Whom to ask at a body about an area, or (None) about everything.

    Who may not be seen is left out, and so is who isn't in office, but for those who keep the body's entries.

    `answers` is who does at present: the holder, else the first deputy. `open` says whether it is within the hours of
    duty, `opens` when these begin next (microseconds; 0: never, or now). `keeps`: the caller keeps the body's entries.
    """

    body: Body
    area: Area | None
    holder: Entry | None
    deputies: Sequence[Entry]
    answers: Entry | None
    open: bool
    opens: int
    keeps: bool
    point: Row

    @property
    def hours(self) -> Sequence[str]:
        """Lines for people, in the local time of the zone; none where no hours are set."""
        return spoken(self.point.hours)

    @property
    def zone(self) -> str:
        """The name of the time zone, as in Europe/Tallinn."""
        return self.point.zone


def contact_points(sight: Sight, *, of_body: int = 0, about: int | None = None) -> list[ContactPoint]:
    """Of one body or all, about one area (0: everything) or any, by body and area.

    Those for an area are told to who takes part in it, and to the keepers of their own body.
    """
    bodies, areas, kept = structure.by_id(sight.snapshot), sight.named_areas(), sight.kept()
    entered = {0, *(each.id for each in sight.areas())}
    found = [
        each
        for each in rows.everywhere(sight.snapshot.connection)
        if each.body in bodies
        and of_body in (0, each.body)
        and about in (None, each.area)
        and (each.area in entered or each.body == kept)
    ]
    seen = sight.entries_of(_people(found))
    known = {**sight.kept_of(_people([each for each in found if each.body == kept])), **seen}
    now = sight.snapshot.now
    told = [
        _told(each, bodies[each.body], areas.get(each.area), known, seen, now=now, keeps=each.body == kept)
        for each in found
    ]
    return sorted(told, key=lambda each: (each.body.name, each.area.name if each.area else ""))


def _told(
    row: Row,
    body: Body,
    area: Area | None,
    known: Mapping[int, Entry],
    seen: Mapping[int, Entry],
    *,
    now: int,
    keeps: bool,
) -> ContactPoint:
    deputies = [known[each] for each in row.deputies if each in known]
    answers = next((seen[each] for each in (row.holder, *row.deputies) if each in seen), None)
    is_open, opens = on_duty.is_open(row, now), on_duty.opens_next(row, now)
    return ContactPoint(body, area, known.get(row.holder), deputies, answers, is_open, opens, keeps, row)


def _people(some: Sequence[Row]) -> set[int]:
    return {official for each in some for official in (each.holder, *each.deputies)}


def spoken(hours: Sequence[Hours]) -> list[str]:
    """Lines like `Mon-Fri 09:00-17:00`, with dashes: days that follow each other and have the same hours are one."""
    days: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for each in hours:
        days[each.weekday].append((each.opens, each.closes))
    lines: list[tuple[int, int, list[tuple[int, int]]]] = []
    for day, spans in sorted(days.items()):
        if lines and lines[-1][1] == day - 1 and lines[-1][2] == spans:
            lines[-1] = (lines[-1][0], day, spans)
        else:
            lines.append((day, day, spans))
    return [_line(first, last, spans) for first, last, spans in lines]


def _line(first: int, last: int, spans: Sequence[tuple[int, int]]) -> str:
    days = WEEK[first] if first == last else f"{WEEK[first]}{DASH}{WEEK[last]}"
    if list(spans) == [ALL_DAY]:
        return f"{days} around the clock"
    return f"{days} " + ", ".join(f"{_clock(opens)}{DASH}{_clock(closes)}" for opens, closes in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
