"""A time zone is what everybody knows by its name, or what its own message says; never what another message said."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import icalendar
import pytest
from dateutil.tz import tzical
from icalendar.timezone import tzp
from meeting_world import Meeting, calendar

from groupware.meetings import invitation, reply, zones
from groupware.meetings.asked import ask
from groupware.meetings.errors import DeclinedError, UnreadableError
from groupware.meetings.resources import Resource
from groupware.meetings.times import micro

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = micro(datetime(2026, 11, 1, tzinfo=UTC))


def vtimezone(name: str, standard: str, daylight: str = "") -> str:
    """As Outlook writes them: yearly rules since 1601."""
    daylight = daylight or standard
    return "\r\n".join(
        [
            "BEGIN:VTIMEZONE",
            f"TZID:{name}",
            *("BEGIN:STANDARD", "DTSTART:16011028T030000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"),
            *(f"TZOFFSETFROM:{daylight}", f"TZOFFSETTO:{standard}", "END:STANDARD"),
            *("BEGIN:DAYLIGHT", "DTSTART:16010325T020000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"),
            *(f"TZOFFSETFROM:{standard}", f"TZOFFSETTO:{daylight}", "END:DAYLIGHT"),
            "END:VTIMEZONE",
        ]
    )


def begins(zone: str, *described: str, start: datetime = datetime(2027, 1, 4, 10)) -> datetime:
    text = calendar("REQUEST", *described, Meeting("anna", start, zone=zone).event())
    found = ask(invitation.parse(text.encode()), "Europe/Brussels", NOW, 366)
    if found.refusal:
        raise found.refusal
    return datetime.fromtimestamp(next(iter(found.series)) / 1_000_000, UTC)


@pytest.mark.parametrize("name", ["Europe/Brussels", "W. Europe Standard Time", "Romance Standard Time"])
def test_a_hostile_description_of_a_known_zone_moves_nobody(name: str) -> None:
    hostile = vtimezone(name, "-0900")
    for described in ((hostile,), (), (vtimezone(name, "+0100", "+0200"),)):
        assert begins(name, *described) == datetime(2027, 1, 4, 9, tzinfo=UTC)


def test_a_zone_of_ones_own_holds_for_its_message_alone() -> None:
    name = "Customized Time Zone"
    assert begins(name, vtimezone(name, "-0900")) == datetime(2027, 1, 4, 19, tzinfo=UTC)
    assert begins(name, vtimezone(name, "+0100", "+0200")) == datetime(2027, 1, 4, 9, tzinfo=UTC)
    with pytest.raises(DeclinedError, match="zone"):
        begins(name)


@pytest.fixture
def process_zones() -> Iterator[dict[str, object]]:
    """The zones that icalendar keeps for the whole process: none."""
    tzp.use_default()
    yield vars(tzp)["_TZP__tz_cache"]
    tzp.use_default()


@pytest.mark.parametrize("name", ["Customized Time Zone", "W. Europe Standard Time", "Europe/Brussels"])
def test_reading_and_answering_leave_nothing_in_the_process(name: str, process_zones: dict[str, object]) -> None:
    text = calendar("REQUEST", vtimezone(name, "-0900"), Meeting("anna", datetime(2027, 1, 4, 10), zone=name).event())
    found = invitation.parse(text.encode())
    ask(found, "Europe/Brussels", NOW, 366)
    room = Resource(1, "room-a@iconet.test", "Room A", 12, "Europe/Brussels")
    answered = reply.calendar(found, room, reply.Answer(accepted=True, comment=""), NOW)
    assert f"TZID:{name}" in answered
    assert process_zones == {}


def test_what_the_process_keeps_moves_nobody(process_zones: dict[str, object]) -> None:
    """As if another part of it had read a hostile calendar with icalendar alone."""
    name = "Customized Time Zone"
    icalendar.Calendar.from_ical(calendar("REQUEST", vtimezone(name, "-0900"), Meeting("anna").event()))
    assert name in process_zones
    assert begins(name, vtimezone(name, "+0100", "+0200")) == datetime(2027, 1, 4, 9, tzinfo=UTC)
    with pytest.raises(DeclinedError, match="zone"):
        begins(name)


@pytest.mark.parametrize(
    "written", ['TZID="(UTC+01:00) Brussels, Paris"', "TZID=Brussels, Paris", 'TZID="It^\'s"', "TZID=Caf\u00e9"]
)
def test_a_zone_with_signs_in_its_name_comes_back_under_it(written: str) -> None:
    name = {'"It^\'s"': 'It"s'}.get(written[5:], written[5:].strip('"'))
    described = vtimezone(name.replace(",", "\\,"), "+0100", "+0200")
    event = Meeting("anna", lines=[f"DTSTART;{written}:20270104T100000", "DURATION:PT1H"]).event()
    found = invitation.parse(calendar("REQUEST", described, event).encode())
    assert [each.start // 1_000_000 for each in ask(found, "UTC", NOW, 366).series.values()] == [1_799_053_200]
    room = Resource(1, "room-a@iconet.test", "Room A", 12, "Europe/Brussels")
    again = invitation.parse(reply.calendar(found, room, reply.Answer(accepted=True, comment=""), NOW).encode())
    assert again.events[0].start == found.events[0].start
    assert zones.Zones(again.calendar, "UTC").of(name).utcoffset(datetime(2027, 7, 1)) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("Europe/Brussels", "Europe/Brussels"),
        ("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/America/Argentina/Salta", "America/Argentina/Salta"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("FLE Standard Time", "Europe/Kiev"),
        ("localtime", ""),
        ("../../etc/passwd", ""),
        ("/etc/passwd", ""),
        ("Europe", ""),
        ("europe/brussels", ""),
        ("A" * 5000, ""),
    ],
)
def test_names(name: str, official: str) -> None:
    assert zones.iana(name) == official


def test_every_windows_name_leads_to_a_zone() -> None:
    for official in zones.IANA.values():
        assert ZoneInfo(official).key == official
    assert len(zones.IANA) > 130


def told(*described: str) -> zones.Zones:
    text = calendar("REQUEST", *described, Meeting("anna", datetime(2027, 1, 4)).event())
    return zones.Zones(invitation.parse(text.encode()).calendar, "UTC")


def test_a_described_zone_is_the_zone_that_it_describes() -> None:
    """Each hour of two years, the missing and the double ones too."""
    zone, judge = told(vtimezone("Mine", "+0100", "+0200")).of("Mine"), ZoneInfo("Europe/Brussels")
    for hour in range(2 * 366 * 24):
        local = datetime(2027, 1, 1, 0, 30) + timedelta(hours=hour)
        assert local.replace(tzinfo=zone).utcoffset() == local.replace(tzinfo=judge).utcoffset(), local


@pytest.mark.parametrize("name", ["Europe/Brussels", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "UTC"])
def test_a_zone_written_down_is_the_same_zone(name: str) -> None:
    judge = ZoneInfo(name)
    again = zones.Told(zones.described(judge, 2026))
    for hour in range(366 * 24):
        local = datetime(2027, 1, 1, 0, 30) + timedelta(hours=hour)
        assert local.replace(tzinfo=again).utcoffset() == local.replace(tzinfo=judge).utcoffset(), local


@pytest.mark.parametrize("name", ["Europe/Brussels", "America/New_York", "Australia/Sydney", "FLE Standard Time"])
def test_another_reader_finds_the_zone_in_a_reply(name: str) -> None:
    """dateutil reads it from the text: it shares no line with who wrote it."""
    event = Meeting("anna", datetime(2027, 1, 4, 10), zone=name).event()
    found, room = invitation.parse(calendar("REQUEST", event).encode()), Resource(1, "a@iconet.test", "A", 1, "UTC")
    text = reply.calendar(found, room, reply.Answer(accepted=True, comment=""), NOW)
    zone, judge = tzical(io.StringIO(text)).get(name), ZoneInfo(zones.iana(name))
    for day in range(366):
        local = datetime(2027, 1, 1, 12) + timedelta(days=day)
        assert local.replace(tzinfo=zone).utcoffset() == local.replace(tzinfo=judge).utcoffset(), local


def test_every_zone_there_is_can_be_written_down() -> None:
    for name in sorted(available_timezones())[::12]:
        assert zones.described(ZoneInfo(name), 2026), name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TZOFFSETTO:-0900", "TZOFFSETTO:-9900"),
        ("TZOFFSETTO:-0900", "TZOFFSETTO:0900"),
        ("TZOFFSETTO:-0900", "TZOFFSETTO:0100"),
        ("TZOFFSETTO:-0900", "TZOFFSETTO:+\u0660\u0660\u0660\u0660"),
        ("TZOFFSETTO:-0900\r\n", ""),
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=DAILY"),
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=MONTHLY;BYDAY=-1SU"),
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=YEARLY;BYDAY=-1SU"),
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=9,10"),
        ("DTSTART:16011028T030000", "DTSTART:00011028T030000"),
        ("STANDARD", "NORMAL"),
    ],
)
def test_a_description_that_is_none_is_unreadable(old: str, new: str) -> None:
    described = vtimezone("Mine", "-0900").replace(old, new)
    if old == "STANDARD":
        described = described.replace("DAYLIGHT", "SUMMER")
    with pytest.raises(UnreadableError):
        told(described).of("Mine")


def test_a_zone_that_changes_each_second_is_declined() -> None:
    described = vtimezone("Mine", "-0900").replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY")
    with pytest.raises(DeclinedError):
        told(described).of("Mine")


def test_a_name_with_commas_is_found_whether_it_is_escaped_or_not() -> None:
    """As Exchange writes it: a TEXT in the VTIMEZONE, quoted in the parameter."""
    name = "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris"
    for written in (name, name.replace(",", "\\,")):
        assert begins(f'"{name}"', vtimezone(written, "+0100", "+0200")) == datetime(2027, 1, 4, 9, tzinfo=UTC)
