"""When a meeting takes place: series, exceptions and zones as moments, within a window and with caps.

Rules run on naive local days; each instance is then given its zone, so that both changes of the clock fall into place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from groupware.meetings import recurrence, times
from groupware.meetings.errors import DeclinedError, UnreadableError
from groupware.meetings.invitation import start_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import tzinfo

    from groupware.meetings.invitation import Event
    from groupware.meetings.recurrence import Rule
    from groupware.meetings.times import Moment
    from groupware.meetings.zones import Zones

INSTANCES_MAX = 1_000
LONGEST_DAYS = 31
LONGEST = LONGEST_DAYS * 86_400 * times.MICROSECONDS
"""Of one meeting, in microseconds; the tables hold it too: nothing that begins longer before reaches into a time."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """From `start` to before `end`; `recurrence` is when the series alone would have it. Microseconds, UTC."""

    start: int
    end: int
    recurrence: int


@dataclass(frozen=True, slots=True)
class Window:
    """What may be booked: what ends behind `now` and begins before `horizon`."""

    now: int
    horizon: int


def single(event: Event, zones: Zones) -> tuple[int, int]:
    """When an event takes place that doesn't repeat. Raises DeclinedError."""
    start = start_of(event)
    began = zones.moment(start)
    return began, _ending(event, start, began, zones)(start.local, began)


def moments(event: Event, zones: Zones, window: Window) -> list[Occurrence]:
    """Every instance that is not over, EXDATEs left out, in order. Raises DeclinedError or UnreadableError.

    A series that goes on behind the horizon is declined whole, as is one with too many instances.
    """
    start = start_of(event)
    began = zones.moment(start)
    end = _ending(event, start, began, zones)
    gone, gone_days = _without(event, zones)
    zone = zones.of(start.zone)
    found: dict[int, Occurrence] = {}
    for local in _locals(event, start, zone, window):
        at = times.micro(local.replace(tzinfo=zone))
        if at >= window.horizon:
            raise _beyond_horizon()
        if at not in gone and local.date() not in gone_days and at not in found:
            _count(found)
            found[at] = Occurrence(at, end(local, at), at)
    for extra in event.more:
        at = zones.moment(extra)
        if at not in gone and at not in found:
            _count(found)
            found[at] = Occurrence(at, end(extra.local, at), at)
    return sorted(each for each in found.values() if each.end > window.now)


def _count(found: dict[int, Occurrence]) -> None:
    if len(found) >= INSTANCES_MAX:
        raise DeclinedError("too-many-instances", f"a series has at most {INSTANCES_MAX} meetings")


def _locals(event: Event, start: Moment, zone: tzinfo, window: Window) -> Iterator[datetime]:
    """Local beginnings, DTSTART always first (RFC 5545 3.8.5.3), up to one behind the horizon."""
    if not event.rule:
        yield start.local
        return
    rule = recurrence.parse(event.rule)
    since = times.utc(window.now).astimezone(zone).date() - timedelta(days=LONGEST_DAYS + 1)
    bound = times.utc(window.horizon).astimezone(zone).date() + 2 * _DAY
    last = _until(rule, start, zone)
    clock, first = start.local.time(), start.local.date()
    yielded = 1
    yield start.local
    for day in recurrence.days(rule, first, since, min(bound, last.date())):
        local = datetime.combine(day, clock)
        if day == first:
            continue
        if local > last or yielded == rule.count:
            return
        yielded += 1
        yield local
    if last.date() > bound and yielded != rule.count:
        raise _beyond_horizon()


def _beyond_horizon() -> DeclinedError:
    return DeclinedError("beyond-horizon", "it lies, or goes on, farther ahead than can be booked")


def _until(rule: Rule, start: Moment, zone: tzinfo) -> datetime:
    """The last local moment of the rule; UNTIL with a Z is UTC, a date is the whole day."""
    if not rule.until:
        return datetime.max  # noqa: DTZ901 -- local, as all that it is compared with
    until = times.moment(rule.until)
    if until.whole_day and not start.whole_day:
        return datetime.combine(until.local.date(), datetime.max.time())
    if until.zone == times.UTC_NAME:
        return until.local.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return until.local


def _without(event: Event, zones: Zones) -> tuple[set[int], set[date]]:
    """EXDATEs as moments; an EXDATE that is a mere date takes the whole local day of a timed event."""
    timed = event.start is not None and not event.start.whole_day
    days = {each.local.date() for each in event.without if each.whole_day and timed}
    return {zones.moment(each) for each in event.without if not (each.whole_day and timed)}, days


def _ending(event: Event, start: Moment, began: int, zones: Zones) -> Callable[[datetime, int], int]:
    """How the end follows from the beginning: exact for times (RFC 5545 3.8.5.3), by local days for whole days."""
    if start.whole_day or (event.length and event.length.days):
        zone, days, rest = zones.of(start.zone), *_nominal(event, start)
        fixed = int(rest.total_seconds()) * times.MICROSECONDS
        _check_length(_local_end(start.local, days, zone) + fixed - began)
        return lambda local, _at: _local_end(local, days, zone) + fixed
    exact = _exact(event, began, zones)
    _check_length(exact)
    return lambda _local, at: at + exact


def _nominal(event: Event, start: Moment) -> tuple[int, timedelta]:
    if event.end is not None:
        return (event.end.local.date() - start.local.date()).days, timedelta(0)
    if event.length is not None:
        return event.length.days, event.length.rest
    return 1, timedelta(0)  # RFC 5545 3.6.1: a whole day


def _exact(event: Event, began: int, zones: Zones) -> int:
    if event.end is not None:
        return zones.moment(event.end) - began
    return int(event.length.rest.total_seconds()) * times.MICROSECONDS if event.length else 0


def _local_end(local: datetime, days: int, zone: tzinfo) -> int:
    if abs(days) > LONGEST_DAYS:
        _check_length(days * LONGEST)
    return times.micro((local + timedelta(days=days)).replace(tzinfo=zone))


def _check_length(length: int) -> None:
    if length <= 0:
        raise DeclinedError("ends-before-it-begins", "the meeting doesn't end after it begins")
    if length > LONGEST:
        raise DeclinedError("too-long", f"a meeting lasts at most {LONGEST_DAYS} days")


def check(occurrences: Iterable[Occurrence], window: Window) -> None:
    """Raise DeclinedError for what can't be booked at any time."""
    found = list(occurrences)
    if not found:
        raise DeclinedError("over", "the meeting is over, or has no date left")
    if any(each.start >= window.horizon for each in found):
        raise _beyond_horizon()
    if any(each.end - each.start > LONGEST or each.end <= each.start for each in found):
        raise UnreadableError("a meeting of the series ends before it begins")
