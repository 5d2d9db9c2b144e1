"""Calendars with anything in them: read, declined or refused by name within a time, and a reply holds one event."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meeting_world import Meeting, ahead, calendar
from own_time import at_most

from groupware import clock
from groupware.meetings import invitation, lines, reply
from groupware.meetings.asked import Asked, ask
from groupware.meetings.errors import UnreadableError
from groupware.meetings.resources import Resource

MOST_SECONDS = 1.0
ROOM = Resource(1, "room-a@iconet.test", 'Room "A", the; large: one', 12, "Europe/Brussels")
ZONE = """BEGIN:VTIMEZONE
TZID:Mine
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE""".replace("\n", "\r\n")
SERIES = Meeting(
    "anna",
    ahead(7),
    zone="Mine",
    lines=["RRULE:FREQ=WEEKLY;COUNT=8;BYDAY=MO,TU", "EXDATE;TZID=Mine:20270104T100000", "RDATE;VALUE=DATE:20270105"],
)
MOVED = SERIES.event(start=ahead(9), lines=[f"RECURRENCE-ID;TZID=Mine:{ahead(14):%Y%m%dT%H%M%S}", "STATUS:CONFIRMED"])
SEEDS = [
    calendar("REQUEST", ZONE, SERIES.event(), MOVED),
    calendar("CANCEL", ZONE, MOVED),
    calendar("REQUEST", Meeting("anna", lines=["DTSTART;VALUE=DATE:20270105", "DURATION:P2D"]).event()),
]
VALUES = [
    *("", "0", "-1", "99999999999", "Z", "P", "-P1D", "PT99999999S", "20270230T100000", "99991231T235959Z"),
    *(
        "00010101T000000Z",
        "FREQ=SECONDLY",
        "FREQ=DAILY;COUNT=100000",
        "Mine",
        "UTC",
        "\x00\x1b",
        '"',
        "\u2028",
        "é" * 99,
    ),
    *("+9999", "-0000", "=?utf-8?Q?=0A?=", "a\\nb\\;c", "mailto:", "20270104T100000Z," * 500),
]


def answered(octets: bytes) -> tuple[Asked | None, str]:
    """What a message asks for, and a reply to it."""
    try:
        found = invitation.parse(octets)
        wanted = ask(found, ROOM.zone, clock.now(), 366)
    except UnreadableError:
        return None, ""
    return wanted, reply.calendar(found, ROOM, reply.Answer(accepted=True, comment="Yes\r\nBEGIN:VALARM"), clock.now())


def check(octets: bytes) -> bool:
    """Whether it was readable."""
    wanted, text = at_most(MOST_SECONDS, lambda: answered(octets))
    if wanted is None:
        return False
    assert all(each.start < each.end for each in wanted.series.values()) or wanted.refusal
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert all(sign.isprintable() for sign in set(text) - set("\r\n"))
    read = lines.read(text.encode(), "utf-8", frozenset({"ATTENDEE", "UID", "BEGIN"}))
    assert {part.name for part in read.parts} <= {"VTIMEZONE", "VEVENT"}
    assert all(len(list(part.all("ATTENDEE"))) == 1 for part in read.inner("VEVENT"))
    return True


def mutated(chance: random.Random, text: str) -> str:
    rows = text.split("\r\n")
    for _ in range(chance.choice((1, 1, 2, 4))):
        at, kind = chance.randrange(len(rows)), chance.randrange(6)
        name, _, value = rows[at].partition(":")
        if kind == 0:
            del rows[at]
        elif kind == 1:
            rows.insert(chance.randrange(len(rows)), rows[at])
        elif kind == 2:
            rows[at] = f"{name}:{chance.choice(VALUES)}"
        elif kind == 3:
            rows[at] = f"{name};X={chance.choice(VALUES)}:{value}"
        elif kind == 4:
            rows[at] = rows[at][: chance.randrange(len(rows[at]) + 1)]
        else:
            place = chance.randrange(len(value) + 1)
            rows[at] = f"{name}:{value[:place]}{chance.choice(VALUES)[:40]}{value[place:]}"
        rows = rows or [""]
    return "\r\n".join(rows)


@pytest.mark.parametrize("seed", range(6))
def test_mutants_of_real_invitations(seed: int) -> None:
    chance, readable = random.Random(seed), 0
    for _ in range(250):
        readable += check(mutated(chance, chance.choice(SEEDS)).encode("utf-8", "replace"))
    assert 25 < readable < 250


@given(st.binary(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_any_octets(octets: bytes) -> None:
    check(octets)


@given(st.lists(st.sampled_from([row for seed in SEEDS for row in seed.split("\r\n")]), max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_order_of_lines(rows: list[str]) -> None:
    check("\r\n".join(["BEGIN:VCALENDAR", "METHOD:REQUEST", *rows, "END:VCALENDAR"]).encode())


def test_the_seeds_are_readable() -> None:
    assert all(check(seed.encode()) for seed in SEEDS)
