"""A time zone is what everybody knows by its name, or what its own message says; never what another message said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from meeting_world import Meeting, calendar

from groupware.meetings import invitation, zones
from groupware.meetings.asked import ask
from groupware.meetings.errors import DeclinedError, UnreadableError
from groupware.meetings.times import micro

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


def test_every_zone_there_is_can_be_written_down() -> None:
    for name in sorted(available_timezones())[::12]:
        assert zones.described(ZoneInfo(name), 2026), name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TZOFFSETTO:-0900", "TZOFFSETTO:-9900"),
        ("TZOFFSETTO:-0900", "TZOFFSETTO:0900"),
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
