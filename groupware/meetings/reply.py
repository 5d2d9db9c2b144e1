"""The answer to an invitation: METHOD:REPLY as iMIP (RFC 5546 3.2.3, RFC 6047), with the same in words beside it.

Times go back under the name of the invitation's own time zone, and that zone is described with yearly rules: programs
that get a REPLY without a VTIMEZONE, or one with a list of dates, read its times wrongly or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from groupware.meetings import times, zones
from groupware.meetings.itip import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from groupware.meetings.expand import Occurrence
    from groupware.meetings.invitation import Event, Invitation
    from groupware.meetings.resources import Resource
    from groupware.meetings.times import Moment

FOLD_AT = 75
"""Octets of a content line (RFC 5545 3.1)."""
DATES_MAX = 10
"""Conflicting dates that are named; of the rest, how many."""
PRODUCT = "-//ICONet//ICONet//EN"
_TEXT = re.compile(r"[\\;,]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NOT_QUOTED = re.compile(r'[\x00-\x1f\x7f"]')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a REPLY says: the resource's PARTSTAT and, where there is something to say, a comment.

    `busy` says that the dates aren't free, `quoted` that the meeting's summary may be repeated.
    """

    accepted: bool
    comment: str
    busy: bool = False
    quoted: bool = True


def calendar(invitation: Invitation, resource: Resource, answer: Answer, now: int) -> str:
    """The calendar of the REPLY, one VEVENT for each that was asked about; CRLF line ends.

    For a series with changed instances the answer is to the series, which it is one with.
    """
    events = (invitation.whole,) if invitation.whole else invitation.instances
    named = sorted({each.zone for event in events for each in _moments(event)} - {times.FLOATING, times.UTC_NAME})
    found = zones.Zones(invitation.calendar, resource.zone)
    first = min((each.local.year for event in events for each in _moments(event)), default=0) - 1
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "METHOD:REPLY"]
    for name in named if _writable(found, named) else ():
        lines += _zone(name, found, first)
    for event in events:
        lines += _event(event, invitation, resource, answer, now)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _moments(event: Event) -> Iterator[Moment]:
    return (each for each in (event.start, event.end, event.recurrence) if each is not None)


def _writable(found: zones.Zones, names: Sequence[str]) -> bool:
    """Whether all are known; an invitation is declined, too, because one isn't."""
    try:
        return all(found.of(name) for name in names)
    except ValueError:
        return False


def _event(event: Event, invitation: Invitation, resource: Resource, answer: Answer, now: int) -> Iterator[str]:
    status = "ACCEPTED" if answer.accepted else "DECLINED"
    yield "BEGIN:VEVENT"
    yield f"UID:{invitation.uid}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{times.utc(now):%Y%m%dT%H%M%SZ}"
    yield f"ORGANIZER:mailto:{invitation.organiser}"
    yield f"ATTENDEE;CUTYPE=ROOM;PARTSTAT={status};CN={_quoted(resource.name)}:mailto:{resource.address}"
    for name, moment in (("RECURRENCE-ID", event.recurrence), ("DTSTART", event.start), ("DTEND", event.end)):
        if moment is not None:
            yield _line(name, moment)
    if event.rule and event.recurrence is None:
        yield f"RRULE:{_CONTROL.sub('', event.rule)}"
    if event.summary and answer.quoted:
        yield f"SUMMARY:{_escaped(event.summary)}"
    if answer.comment:
        yield f"COMMENT:{_escaped(answer.comment)}"
    if answer.accepted or answer.busy:  # RFC 5546 3.6
        yield "REQUEST-STATUS:" + ("2.0;Success" if answer.accepted else "4.1;Event conflict.  Date-time is busy.")
    yield "END:VEVENT"


def _line(name: str, moment: Moment) -> str:
    if moment.whole_day:
        return f"{name};VALUE=DATE:{moment.local:%Y%m%d}"
    if moment.zone == times.UTC_NAME:
        return f"{name}:{_written(moment.local)}Z"
    zone = f";TZID={_quoted(moment.zone)}" if moment.zone else ""
    return f"{name}{zone}:{_written(moment.local)}"


def _zone(name: str, found: zones.Zones, year: int) -> Iterator[str]:
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{_CONTROL.sub('', name)}"
    official = zones.iana(name)
    for each in _known(official, year) if official else zones.described(found.of(name), year):
        kind = "DAYLIGHT" if each.daylight else "STANDARD"
        yield f"BEGIN:{kind}"
        yield f"DTSTART:{_written(each.start)}"
        yield f"TZOFFSETFROM:{_offset(each.before)}"
        yield f"TZOFFSETTO:{_offset(each.after)}"
        if each.rule:
            yield f"RRULE:{_CONTROL.sub('', each.rule)}"
        yield from (f"RDATE:{_written(more)}" for more in each.more)
        yield f"END:{kind}"
    yield "END:VTIMEZONE"


@lru_cache(maxsize=512)
def _known(name: str, year: int) -> tuple[zones.Observance, ...]:
    """Of IANA's zones alone: nothing that a message says is ever kept."""
    return zones.described(ZoneInfo(name), year)


def _written(local: datetime) -> str:
    return f"{local.year:04}{local:%m%dT%H%M%S}"


def _offset(offset: timedelta) -> str:
    seconds = int(abs(offset).total_seconds())
    sign = "-" if offset < timedelta(0) else "+"
    rest = f"{seconds % 60:02}" if seconds % 60 else ""
    return f"{sign}{seconds // 3600:02}{seconds // 60 % 60:02}{rest}"


def _quoted(value: str) -> str:
    """A parameter's value (RFC 5545 3.2), in quotes only where it has to be."""
    plain = _NOT_QUOTED.sub(" ", value)
    return f'"{plain}"' if any(sign in plain for sign in ":;,") else plain


def _escaped(value: str) -> str:
    """A TEXT value (RFC 5545 3.3.11): no line end of somebody else's gets through."""
    return _CONTROL.sub(" ", _TEXT.sub(lambda found: "\\" + found[0], value).replace("\n", "\\n"))


def _folded(line: str) -> str:
    octets, pieces = line.encode("utf-8", "replace"), []
    while len(octets) > FOLD_AT:
        cut = FOLD_AT
        while octets[cut] & 0xC0 == 0x80:  # noqa: PLR2004 -- within a character
            cut -= 1
        pieces.append(octets[:cut])
        octets = b" " + octets[cut:]
    return b"\r\n".join([*pieces, octets]).decode()


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
