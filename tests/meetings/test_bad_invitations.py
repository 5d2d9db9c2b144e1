"""Calendars made to hurt, to forge and to confuse: each is refused while its sender waits, or answered."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from meeting_world import ROOM, STAMP, Meeting, ahead, answers, calendar, invite, mail, submit, taken, with_resources
from own_time import at_most
from test_zone_isolation import vtimezone
from town import DOMAIN

from groupware import clock
from groupware.errors import Refused
from groupware.meetings import invitation, zones
from groupware.meetings.asked import ask
from groupware.meetings.errors import UnreadableError
from groupware.message.scan import scan

if TYPE_CHECKING:
    from groupware.service import Groupware

pytestmark = pytest.mark.anyio
MOST_SECONDS = 2.0
FIELDS = {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted"} | {
    "MIME-Version",
    "Content-Type",
}
EVENT = Meeting("anna", ahead(7)).event()


async def test_an_honest_invitation_after_a_hostile_zone_is_booked_at_its_time(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    for number, name in enumerate(("Europe/Brussels", "W. Europe Standard Time", "Customized Time Zone")):
        hostile = Meeting("bruno", ahead(20 + number), zone=name, uid=f"hostile-{number}")
        await invite(groupware, town, "bruno", calendar("REQUEST", vtimezone(name, "-0900"), hostile.event()))
        honest = Meeting("anna", ahead(7 + number), zone=name, uid=f"honest-{number}")
        asked = calendar("REQUEST", vtimezone(name, "+0100", "+0200"), honest.event())
        assert (await invite(groupware, town, "anna", asked)).status == "ACCEPTED"
    plain = Meeting("anna", ahead(7), uid="plain")
    declined = await invite(groupware, town, "anna", plain.asked())
    assert declined.status == "DECLINED", "it is the same time by another name"


async def test_line_ends_in_a_summary_stay_text(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    for number, summary in enumerate(
        (
            "Hi\\nBcc: x@partner.test\\n\\nBody",
            "Hi\\, there\\;\\\\n",
            "=?utf-8?Q?A=0ABcc=3A_x?=",
            "\x00\x01\x1b[2J\u202eHi",
            "é" * 400,
        )
    ):
        text = Meeting("anna", ahead(7 + number), uid=f"m{number}", summary=summary).asked().replace("\x00", "")
        answer = await invite(groupware, town, "anna", text)
        assert answer.status == "ACCEPTED"
        assert answer.message["Bcc"] is None
        assert set(answer.message.keys()) == FIELDS
        assert answer.reply is not None
        assert answer.calendar.count("BEGIN:VEVENT") == 1
        assert all(len(line.encode()) <= 75 for line in answer.calendar.split("\r\n"))
        assert "Bcc: x" not in [line[:6] for line in answer.calendar.split("\r\n")]


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=5", "FREQ=DAILY;COUNT=100000", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"]
)
async def test_endless_rules_are_declined_at_once(groupware: Groupware, rule: str) -> None:
    town = await groupware.store.run(with_resources)
    began = time.process_time()
    answer = await invite(groupware, town, "anna", Meeting("anna", ahead(7), lines=[f"RRULE:{rule}"]).asked())
    assert time.process_time() - began < MOST_SECONDS
    assert answer.status == "DECLINED"
    assert await groupware.store.read(taken) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20270104T100000Z", "DTEND:20270104T090000Z"],
        ["DTSTART:20270104T100000Z", "DURATION:-PT1H"],
        ["DTSTART:20270104T100000Z", "DURATION:P300D"],
        ["DTSTART:20270104T100000Z", "DTEND:20270104T100000Z"],
        ["DTSTART:20400104T100000Z", "DURATION:PT1H"],
        ["DTSTART:20200104T100000Z", "DURATION:PT1H"],
        ["DTSTART;TZID=Nowhere/Town:20270104T100000", "DURATION:PT1H"],
        ["DURATION:PT1H"],
    ],
)
async def test_dates_that_cannot_be_booked_are_declined(groupware: Groupware, lines: list[str]) -> None:
    town = await groupware.store.run(with_resources)
    answer = await invite(groupware, town, "anna", Meeting("anna", lines=lines).asked())
    assert answer.status == "DECLINED"
    assert "The reason: " in answer.text


UNREADABLE = {
    "nothing": "",
    "no end": "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n" + EVENT,
    "crossed": calendar("REQUEST", EVENT.replace("END:VEVENT", "END:VTODO")),
    "no event": calendar("REQUEST"),
    "no uid": calendar("REQUEST", EVENT.replace("UID:", "X-UID:")),
    "no stamp": calendar("REQUEST", EVENT.replace("DTSTAMP:", "X-DTSTAMP:")),
    "no organiser": calendar("REQUEST", EVENT.replace("ORGANIZER", "X-ORGANIZER")),
    "two meetings": calendar("REQUEST", EVENT, Meeting("anna", ahead(9)).event()),
    "two uids": calendar("REQUEST", EVENT, EVENT.replace("meeting-1", "meeting-2")),
    "two organisers": calendar("REQUEST", EVENT, EVENT.replace("mailto:anna", "mailto:bruno")),
    "a date that isn't": calendar(
        "REQUEST", EVENT.replace("DTSTART;TZID=Europe/Brussels:2", "DTSTART;TZID=Europe/Brussels:9")
    ),
    "the 30th of February": calendar("REQUEST", Meeting("anna", lines=["DTSTART:20270230T100000Z"]).event()),
    "the year 9999": calendar("REQUEST", Meeting("anna", lines=["DTSTART:99991231T235959Z", "DURATION:PT1H"]).event()),
    "a broken sequence": calendar("REQUEST", EVENT.replace("SEQUENCE:0", "SEQUENCE:-1")),
    "an enormous sequence": calendar("REQUEST", EVENT.replace("SEQUENCE:0", "SEQUENCE:9999999999")),
    "a broken rule": calendar("REQUEST", Meeting("anna", ahead(7), lines=["RRULE:FREQ=DAILY;COUNT=x"]).event()),
    "a broken exclusion": calendar("REQUEST", Meeting("anna", ahead(7), lines=["EXDATE;TZID=x"]).event()),
    "a period": calendar(
        "REQUEST", Meeting("anna", ahead(7), lines=["RDATE;VALUE=PERIOD:20270104T100000Z/PT1H"]).event()
    ),
    "a storm of dates": calendar(
        "REQUEST", Meeting("anna", ahead(7), lines=["RDATE:" + ",".join(["20270104T100000Z"] * 60)] * 20).event()
    ),
    "nested": calendar("REQUEST", "BEGIN:VEVENT\r\n" * 50 + "END:VEVENT\r\n" * 50),
    "many components": calendar("REQUEST", EVENT, *["BEGIN:X\r\nEND:X"] * 2000),
    "many events": calendar("REQUEST", *[EVENT] * 500),
}


def unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        ask(invitation.parse(text.encode()), "Europe/Brussels", clock.now(), 366)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_invitation_is_unreadable(name: str) -> None:
    at_most(MOST_SECONDS, lambda: unreadable(UNREADABLE[name]))


@pytest.mark.parametrize("name", ["no uid", "a broken rule", "nested", "the year 9999"])
async def test_the_sender_of_an_unreadable_calendar_is_told_while_waiting(groupware: Groupware, name: str) -> None:
    town = await groupware.store.run(with_resources)
    with pytest.raises(Refused, match="calendar-unreadable"):
        await submit(groupware, town, "anna", mail("anna", ROOM, UNREADABLE[name]))
    assert await answers(groupware, town, "anna") == []


def _instance(number: int, zone: str) -> str:
    when = f"{ahead(7 + number):%Y%m%dT%H%M%S}"
    return Meeting("anna", ahead(7 + number), zone=zone, lines=[f"RECURRENCE-ID;TZID={zone}:{when}"]).event()


def _heavy(name: str) -> str:
    """A zone that takes as much CPU as one may."""
    change = ["BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"]
    change += ["RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=MO;BYSETPOS=-1", "END:STANDARD"]
    return "\r\n".join(["BEGIN:VTIMEZONE", f"TZID:{name}", *change * 90, "END:VTIMEZONE"])


@pytest.mark.parametrize("described", [True, False])
def test_many_zones_in_one_message_cost_little(described: bool) -> None:  # noqa: FBT001 -- a case of the test
    """They are worked out a second time for the answer, while the write lock is held."""
    names = [f"Mine {n}" for n in range(10)] if described else sorted(zones.known())[:300]
    events = [_instance(number, name) for number, name in enumerate(names)]
    text = calendar("REQUEST", *(_heavy(name) for name in names if described), *events)
    found = invitation.parse(text.encode())

    def refused() -> None:
        with pytest.raises(UnreadableError, match="zones"):
            ask(found, "Europe/Brussels", clock.now(), 366)

    at_most(MOST_SECONDS, refused)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
async def test_a_booking_does_not_grow_past_a_series_message_by_message(groupware: Groupware, method: str) -> None:
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7))

    async def send(numbers: range) -> None:
        begins = [ahead(7) + timedelta(minutes=90 * number) for number in numbers]
        events = [
            first.event(start=at, lines=[f"RECURRENCE-ID;TZID=Europe/Brussels:{at:%Y%m%dT%H%M%S}"]) for at in begins
        ]
        await invite(groupware, town, "anna", calendar(method, *events))

    await invite(groupware, town, "anna", first.asked(start=ahead(6)))
    for at in range(0, 1000, 250):
        await send(range(at, at + 250))
    with pytest.raises(Refused, match="too-many-changes"):
        await send(range(1000, 1001))
    await invite(groupware, town, "anna", first.asked("CANCEL", sequence=1))
    assert await groupware.store.read(taken) == []


@pytest.mark.parametrize(
    "octets",
    [
        calendar("REQUEST", EVENT.replace("Planning", "Réunion")).encode("latin-1"),
        calendar("REQUEST", EVENT.replace("Planning", "Réunion")).encode("utf-8"),
        calendar("REQUEST", EVENT.replace("Planning", "Réunion")).encode("utf-16"),
        b"\xef\xbb\xbf" + calendar("REQUEST", EVENT.replace("Planning", "Réunion")).encode(),
        calendar("REQUEST", EVENT.replace("Planning", "Réunion")).replace("\r\n", "\n").encode(),
        ("junk\r\n" + calendar("REQUEST", EVENT.replace("Planning", "Réunion"))).encode(),
        calendar("REQUEST", EVENT.replace("Planning", "Réunion"))
        .encode()
        .replace(b"SUMMARY:R\xc3\xa9", b"SUMMARY:R\xc3\r\n \xa9"),
        calendar(
            "request",
            EVENT.replace("Planning", "Réunion")
            .lower()
            .replace("réunion", "Réunion")
            .replace("europe/brussels", "Europe/Brussels"),
        ).encode(),
    ],
    ids=["latin-1", "utf-8", "utf-16", "mark", "lf", "junk", "folded within a letter", "lower case"],
)
def test_charsets_and_habits_of_other_programs(octets: bytes) -> None:
    found = invitation.parse(octets, "latin-1" if b"R\xe9u" in octets else "utf-8")
    assert found.events[0].summary == "Réunion"
    assert found.organiser == f"anna@{DOMAIN}"
    assert found.method == "REQUEST"


def test_ten_thousand_attendees_cost_little() -> None:
    many = "\r\n".join(f"ATTENDEE;CN=Person {n};PARTSTAT=NEEDS-ACTION:mailto:p{n}@example.org" for n in range(10_000))
    text = calendar("REQUEST", Meeting("anna", ahead(7), lines=[many]).event()).encode()
    assert len(at_most(MOST_SECONDS, lambda: invitation.parse(text)).events) == 1
    with pytest.raises(UnreadableError, match="KiB"):
        invitation.parse(text * 3)


def not_taken_apart(line: str) -> None:
    with pytest.raises(UnreadableError):
        invitation.parse(calendar("REQUEST", f"BEGIN:VEVENT\r\n{line}\r\nEND:VEVENT").encode())


def test_long_lines_and_many_parameters_cost_little() -> None:
    for line in (
        "SUMMARY:" + "x" * 900_000,
        "DTSTART" + ";A=b" * 200_000 + ":x",
        "EXDATE" + ";A=b,c" * 100_000,
        "\r\n " * 200_000,
    ):
        at_most(MOST_SECONDS, partial(not_taken_apart, line))


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART" + ";A=b" * 60_000 + ":x",
        "DTSTART;A=" + "b," * 100_000 + "b:x",
        'DTSTART;A="' + ", " * 100_000 + '":x',
        "DTSTART;A=" + "\\, " * 80_000 + ":x",
        "\r\n".join(["DTSTART;A=b;C=d:x"] * 13_000),
        "SUMMARY:" + "\\" * 900_000,
        "SUMMARY:\r\n" * 20_000,
        "SUMMARY:\r\n " * 20_000,
        "\r\n" * 20_000 + " " * 900_000,
    ],
    ids=lambda line: line[:12].replace("\r\n", "-"),
)
def test_the_most_that_is_taken_apart_costs_little(line: str) -> None:
    at_most(MOST_SECONDS, lambda: not_taken_apart(line))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("SUMMARY:Planning", "SUMMARY:Plan+AA0ACg-BEGIN:VALARM", "line end"),
        ("SUMMARY:Planning", "SUMMARY" + ";X=y" * 70_000 + ":z", "too many parameters"),
        ("SUMMARY:Planning", "SUMMARY", "malformed"),
        ("SUMMARY:Planning", "SUMMARY of it:Planning", "malformed"),
        ("SUMMARY:Planning", 'SUMMARY;X="a"b":Planning', "malformed"),
        ("SUMMARY:Planning", "SUMMARY;X=\x01:Planning", "malformed"),
        ("SUMMARY:Planning", "RRULE:FREQ=DAILY\x1b[2J", "printable"),
        ("TZID=Europe/Brussels", "TZID=Europe^nBrussels", "printable"),
        ("SUMMARY:Planning", "SUMMARY:Planning\r\n" * 25_001, "lines"),
    ],
)
def test_lines_that_are_none_are_unreadable_and_not_repeated(old: str, new: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason) as raised:
        invitation.parse(calendar("REQUEST", EVENT.replace(old, new)).encode(), "utf-7" if "+AA" in new else "utf-8")
    assert "Planning" not in str(raised.value)


def test_a_leap_second_is_the_one_before_it() -> None:
    text = calendar("REQUEST", Meeting("anna", lines=["DTSTART:20270630T235960Z", "DURATION:PT1H"]).event())
    assert (ask(invitation.parse(text.encode()), "UTC", clock.now(), 366)).series.keys() == {1_814_399_999_000_000}


def test_a_forwarded_invitation_invites_nobody() -> None:
    inner = mail("anna", ROOM, calendar("REQUEST", EVENT)).decode()
    outer = f"From: Anna <anna@{DOMAIN}>\r\nContent-Type: message/rfc822\r\n\r\n{inner}"
    assert invitation.find(scan(outer.encode()).root) is None


async def test_times_before_an_instance_are_its_own(groupware: Groupware) -> None:
    """An instance of a series that the resource was never invited to is a booking of its own."""
    town = await groupware.store.run(with_resources)
    lines = [f"RECURRENCE-ID;TZID=Europe/Brussels:{ahead(8):%Y%m%dT%H%M%S}"]
    answer = await invite(groupware, town, "anna", Meeting("anna", ahead(8, 15), lines=lines).asked())
    assert answer.status == "ACCEPTED"
    whole = Meeting("anna", ahead(7), stamp=STAMP, lines=["RRULE:FREQ=DAILY;COUNT=3"])
    assert (await invite(groupware, town, "anna", whole.asked())).status == "ACCEPTED"
    assert len(await groupware.store.read(taken)) == 3
