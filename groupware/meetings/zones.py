"""Time zones of one message: an IANA name, a Windows name, or what its own VTIMEZONE says. Nothing is kept after it.

Names that are known are never taken from a message, and what a message says of other names holds for it alone: whoever
could say for others what "Europe/Brussels" or "Customized Time Zone" means would move their meetings.
"""

from __future__ import annotations

import re
import zoneinfo
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING

from icalendar.prop import vUTCOffset
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON as IANA

from groupware.meetings import recurrence, times
from groupware.meetings.errors import DeclinedError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.meetings.lines import Component

NAMES_MAX = 20
"""Time zones that one message may use."""
OBSERVANCES_MAX = 100
"""In all zones of one message together: each of them costs time."""
ONSETS_MAX = 300
"""Of one observance: yearly from 1970 on, with room to spare."""
_OFFSET = re.compile(r"[+-][0-9]{4}(?:[0-9]{2})?")
_FROM, _UNTIL = date(1970, 1, 1), date(2100, 1, 1)
_ZERO = timedelta(0)
_SAME = frozenset({"UTC", "Z", "GMT", "Etc/UTC", "tzone://Microsoft/Utc"})


@dataclass(frozen=True, slots=True)
class Observance:
    """One STANDARD or DAYLIGHT: from which local time on the clock has which offset. `rule` is as written."""

    daylight: bool
    start: datetime
    before: timedelta
    after: timedelta
    rule: str = ""
    more: tuple[datetime, ...] = ()


class Told(tzinfo):
    """A zone by its observances."""

    def __init__(self, observances: tuple[Observance, ...]) -> None:
        self.observances = observances
        onsets = sorted({(_felt(onset, each), each.after) for each in observances for onset in _onsets(each)})
        self._moments = [moment for moment, _ in onsets]
        self._offsets = [min(observances, key=lambda each: each.start).before, *(offset for _, offset in onsets)]

    def utcoffset(self, when: datetime | None) -> timedelta:
        """RFC 5545 3.3.5: a time that doesn't exist has the offset before the gap, a double one is the first."""
        return _ZERO if when is None else self._offsets[bisect_right(self._moments, when.replace(tzinfo=None))]

    def dst(self, _when: datetime | None) -> timedelta:
        """Of no use here."""
        return _ZERO

    def tzname(self, _when: datetime | None) -> str:
        """Of no use here."""
        return "local"


def _felt(onset: datetime, each: Observance) -> datetime:
    """From which local time on it holds: where the clock jumps ahead, behind the gap."""
    return onset + max(_ZERO, each.after - each.before)


def _onsets(each: Observance) -> Iterator[datetime]:
    yield each.start
    yield from each.more
    if not each.rule:
        return
    rule = recurrence.parse(each.rule)
    if rule.frequency != "YEARLY" or len(rule.months) > 1 or (rule.days and not rule.months):
        # RFC 5545 3.6.5 leaves it open; calendar programs write nothing else, and others cost much more
        raise UnreadableError("a time zone of the calendar doesn't change on one day of the year")
    last = _UNTIL
    if rule.until:
        ends = times.moment(rule.until)
        last = min(last, (ends.local + each.before if ends.zone else ends.local).date())
    for number, day in enumerate(recurrence.days(rule, each.start.date(), _FROM, last)):
        if number > ONSETS_MAX:
            raise UnreadableError("a time zone of the calendar changes too often")
        yield datetime.combine(day, each.start.time())


@cache
def known() -> frozenset[str]:
    """The IANA names of this machine's (or the tzdata package's) database."""
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


class Zones:
    """What zone names mean in one message. `own` is the resource's: times that float are its local times."""

    def __init__(self, calendar: Component, own: str) -> None:
        self._described = calendar
        self._own = zoneinfo.ZoneInfo(own)
        self._found: dict[str, tzinfo] = {}
        self._observances = 0

    def of(self, name: str) -> tzinfo:
        """Raises DeclinedError for a name that nobody knows and the message doesn't describe.

        Raises UnreadableError for a message with more zones than any honest one: to work them out takes CPU.
        """
        if not name:
            return self._own
        if name not in self._found:
            if len(self._found) >= NAMES_MAX:
                raise UnreadableError(f"the calendar uses more than {NAMES_MAX} time zones")
            self._found[name] = self._look_up(name)
        return self._found[name]

    def _look_up(self, name: str) -> tzinfo:
        if name in _SAME:
            return UTC
        official = iana(name)
        if official:
            return zoneinfo.ZoneInfo(official)
        for described in self._described.inner("VTIMEZONE"):
            line = described.first("TZID")
            if line is not None and line.text.strip() == name:
                return Told(self._told(described))
        raise DeclinedError("zone-unknown", "the invitation uses a time zone that it doesn't describe")

    def _told(self, described: Component) -> tuple[Observance, ...]:
        found = tuple(_observances(described))
        self._observances += len(found)
        if self._observances > OBSERVANCES_MAX:
            raise UnreadableError("the time zones of the calendar have too many observances")
        return found

    def moment(self, when: times.Moment) -> int:
        """In microseconds since 1970 UTC."""
        return times.micro(when.local.replace(tzinfo=self.of(when.zone)))


def iana(name: str) -> str:
    """The IANA name of a TZID: itself, Windows' name for it, or one behind a prefix; empty for any other."""
    if name in known():
        return name
    if name in IANA:
        return IANA[name]
    parts = name.split("/")
    behind = ("/".join(parts[at:]) for at in range(max(1, len(parts) - 3), len(parts) - 1))
    return next((tail for tail in behind if tail in known()), "") if name.startswith("/") else ""


def _observances(described: Component) -> Iterator[Observance]:
    """RFC 5545 3.6.5. Raises UnreadableError for a zone without any, and for one beyond the bounds."""
    found = [part for part in described.parts if part.name in ("STANDARD", "DAYLIGHT")]
    if not 0 < len(found) <= OBSERVANCES_MAX:
        raise UnreadableError("a time zone of the calendar has no observances, or too many")
    for part in found:
        start, rule = part.first("DTSTART"), part.first("RRULE")
        if start is None:
            raise UnreadableError("a time zone of the calendar has no beginning")
        more = tuple(each.local for line in part.all("RDATE") for each in times.several(line))
        yield Observance(
            daylight=part.name == "DAYLIGHT",
            start=times.of_line(start).local,
            before=_offset(part, "TZOFFSETFROM"),
            after=_offset(part, "TZOFFSETTO"),
            rule=rule.value.strip() if rule else "",
            more=more,
        )


def _offset(part: Component, name: str) -> timedelta:
    """RFC 5545 3.3.14."""
    line = part.first(name)
    text = line.value.strip() if line else ""
    if not _OFFSET.fullmatch(text):  # icalendar reads "0100" as ten hours
        raise UnreadableError("a time zone of the calendar has a malformed offset")
    try:
        offset: timedelta = vUTCOffset.from_ical(text)
    except ValueError as error:
        raise UnreadableError("a time zone of the calendar has an offset of a day or more") from error
    return offset


def described(zone: tzinfo, year: int) -> tuple[Observance, ...]:
    """How to write a zone down for others, as of a year: with yearly rules, which every calendar program reads."""
    if isinstance(zone, Told):
        return zone.observances
    changes = list(_changes(zone, year))
    if not changes:
        offset = zone.utcoffset(datetime(year, 1, 1)) or _ZERO  # noqa: DTZ001 -- the zone is asked about a local time
        return (Observance(False, datetime(1970, 1, 1), offset, offset),)  # noqa: DTZ001, FBT003 -- as above; STANDARD
    return tuple(_yearly(zone, *change) for change in changes)


def _changes(zone: tzinfo, year: int) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """Each change of the offset in a year: the local time before it, and the offset before and after."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    for day in range(366):
        low, high = start + timedelta(days=day), start + timedelta(days=day + 1)
        before, after = _at(zone, low), _at(zone, high)
        if before != after:
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if _at(zone, middle) == before else (low, middle)
            yield (high.replace(microsecond=0, tzinfo=None) + before, before, after)


def _at(zone: tzinfo, when: datetime) -> timedelta:
    return when.astimezone(zone).utcoffset() or _ZERO


def _yearly(zone: tzinfo, local: datetime, before: timedelta, after: timedelta) -> Observance:
    """With a rule if the change comes on the same weekday of the month in the next years too."""
    week = (local.day - 1) // 7 + 1
    for nth in (-1, week):
        rule = f"FREQ=YEARLY;BYMONTH={local.month};BYDAY={nth}{recurrence.DAYS[local.weekday()]}"
        if all(_comes(zone, rule, local, year) for year in range(local.year, local.year + 4)):
            return Observance(after > before, local, before, after, rule)
    return Observance(after > before, local, before, after)


def _comes(zone: tzinfo, rule: str, local: datetime, year: int) -> bool:
    first = date(year, 1, 1)
    day = next(recurrence.days(recurrence.parse(rule), first, first, date(year, 12, 31)), None)
    expected = datetime.combine(day, local.time()) if day else None
    return expected in {moment for moment, _, _ in _changes(zone, year)}
