"""The answer to an invitation: METHOD:REPLY as iMIP (RFC 5546 3.2.3, RFC 6047), with the same in words beside it.

Times go back under the name of the invitation's own time zone, and that zone is described with yearly rules: programs
that get a REPLY without a VTIMEZONE, or one with a list of dates, read its times wrongly or not at all.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar import Event as VEvent
from icalendar.prop import vInline, vRecur

from groupware.meetings import marked, times, zones
from groupware.meetings.itip import Verdict
from groupware.message.charsets import many_lines, one_line
from groupware.message.markings import UNMARKED, Marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icalendar import Component

    from groupware.meetings.expand import Occurrence
    from groupware.meetings.invitation import Event, Invitation
    from groupware.meetings.resources import Resource
    from groupware.meetings.times import Moment

DATES_MAX = 10
"""Conflicting dates that are named; of the rest, how many."""
PRODUCT = "-//ICONet//ICONet//EN"
_SUCCESS, _CONFLICT = "2.0;Success", "4.1;Event conflict.  Date-time is busy."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a REPLY says: the resource's PARTSTAT and, where there is something to say, a comment.

    `busy` says that the dates aren't free, `quoted` that the meeting's summary may be repeated.
    """

    accepted: bool
    comment: str
    busy: bool = False
    quoted: bool = True
    marks: Marks = UNMARKED


def calendar(invitation: Invitation, resource: Resource, answer: Answer, now: int) -> str:
    """The calendar of the REPLY, one VEVENT for each that was asked about; CRLF line ends.

    For a series with changed instances the answer is to the series, which it is one with.
    """
    events = (invitation.whole,) if invitation.whole else invitation.instances
    named = sorted({each.zone for event in events for each in _moments(event)} - {times.FLOATING, times.UTC_NAME})
    found = zones.Zones(invitation.calendar, resource.zone)
    first = min((each.local.year for event in events for each in _moments(event)), default=0) - 1
    made = Calendar()
    for name, value in (("VERSION", "2.0"), ("PRODID", PRODUCT), ("METHOD", "REPLY")):
        made.add(name, value)
    for name in named if _writable(found, named) else ():
        made.add_component(_zone(name, found, first))
    for event in events:
        made.add_component(_event(event, invitation, resource, answer, now))
    octets: bytes = made.to_ical(sorted=False)
    return octets.decode()


def _moments(event: Event) -> Iterator[Moment]:
    return (each for each in (event.start, event.end, event.recurrence) if each is not None)


def _writable(found: zones.Zones, names: Sequence[str]) -> bool:
    """Whether all are known; an invitation is declined, too, because one isn't."""
    try:
        return all(found.of(name) for name in names)
    except ValueError:
        return False


def _event(event: Event, invitation: Invitation, resource: Resource, answer: Answer, now: int) -> VEvent:
    made = VEvent()
    made.add("UID", vInline(invitation.uid))  # as it came, with escapes or without
    made.add("SEQUENCE", event.sequence)
    made.add("DTSTAMP", times.utc(now))
    made.add("ORGANIZER", f"mailto:{invitation.organiser}")
    made.add("ATTENDEE", f"mailto:{resource.address}", _attendance(resource, answer))
    for name, moment in (("RECURRENCE-ID", event.recurrence), ("DTSTART", event.start), ("DTEND", event.end)):
        if moment is not None:
            _add_moment(made, name, moment)
    if event.recurrence is None:
        _add_rule(made, event.rule)
    for name, value in marked.properties(answer.marks):
        made.add(name, value)
    if event.summary and answer.quoted:
        made.add("SUMMARY", event.summary)
    if answer.comment:
        made.add("COMMENT", many_lines(answer.comment))
    if answer.accepted or answer.busy:  # RFC 5546 3.6
        made.add("REQUEST-STATUS", vInline(_SUCCESS if answer.accepted else _CONFLICT))
    return made


def _attendance(resource: Resource, answer: Answer) -> dict[str, str]:
    status = "ACCEPTED" if answer.accepted else "DECLINED"
    return {"CUTYPE": "ROOM", "PARTSTAT": status, "CN": one_line(resource.name)}


def _add_moment(made: VEvent, name: str, moment: Moment) -> None:
    if moment.whole_day:
        made.add(name, moment.local.date())
    elif moment.zone == times.UTC_NAME:
        made.add(name, moment.local.replace(tzinfo=UTC))
    else:
        made.add(name, moment.local, {"TZID": moment.zone} if moment.zone else {})


def _add_rule(made: Component, rule: str) -> None:
    """What icalendar doesn't read is a rule that was declined; it needn't come back."""
    with suppress(ValueError):
        if rule:
            made.add("RRULE", vRecur.from_ical(rule))


def _zone(name: str, found: zones.Zones, year: int) -> Timezone:
    made = Timezone()
    made.add("TZID", name)
    official = zones.iana(name)
    for each in _known(official, year) if official else zones.described(found.of(name), year):
        made.add_component(_observance(each))
    return made


def _observance(each: zones.Observance) -> Component:
    made = TimezoneDaylight() if each.daylight else TimezoneStandard()
    made.add("DTSTART", each.start)
    made.add("TZOFFSETFROM", each.before)
    made.add("TZOFFSETTO", each.after)
    _add_rule(made, each.rule)
    if each.more:
        made.add("RDATE", list(each.more))
    return made


@lru_cache(maxsize=512)
def _known(name: str, year: int) -> tuple[zones.Observance, ...]:
    """Of IANA's zones alone: nothing that a message says is ever kept."""
    return zones.described(ZoneInfo(name), year)


def dates(found: Sequence[Occurrence], zone: str, notes: Sequence[str] = ()) -> str:
    """Meetings by their local times, the first few of many, each with its note if there is one."""
    local = ZoneInfo(zone)
    named = []
    for at, each in enumerate(found[:DATES_MAX]):
        start, end = (times.utc(edge).astimezone(local) for edge in (each.start, each.end))
        until = f"{end:%H:%M}" if end.date() == start.date() else f"{end.day} {end:%b %Y, %H:%M}"
        note = f" ({notes[at]})" if notes and notes[at] else ""
        named.append(f"{start:%a} {start.day} {start:%b %Y, %H:%M}-{until}{note}")
    more = len(found) - len(named)
    return "; ".join([*named, f"and {more} more"] if more else named)


SUBJECTS = {
    Verdict.ACCEPTED: "Accepted",
    Verdict.DECLINED: "Declined",
    Verdict.CANCELLED: "Cancelled",
    Verdict.STALE: "Nothing changed",
    Verdict.UNKNOWN: "Nothing to cancel",
    Verdict.NOT_ASKED: "No invitation found",
}
