"""Rules against python-dateutil, on thousands of random ones; and what dateutil would work on for seconds."""

from __future__ import annotations

import random
from datetime import date, datetime
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from own_time import at_most

from groupware.meetings.errors import DeclinedError, UnreadableError
from groupware.meetings.recurrence import DAYS, days, parse

UNTIL = date(2029, 1, 1)
NEVER = [
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
    "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9",
    "FREQ=DAILY;COUNT=100000;BYMONTH=2;BYMONTHDAY=30",
]


def rule_text(chance: random.Random) -> str:
    frequency = chance.choice(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
    parts = [f"FREQ={frequency}", f"INTERVAL={chance.choice((1, 1, 1, 2, 3, 5))}"]
    if chance.random() < 0.3:
        parts.append(f"BYMONTH={_some(chance, range(1, 13))}")
    if frequency != "WEEKLY" and chance.random() < 0.3:
        parts.append(f"BYMONTHDAY={_some(chance, [*range(1, 32), *range(-31, 0)])}")
    if chance.random() < 0.5:
        counted = frequency in ("MONTHLY", "YEARLY") and chance.random() < 0.5
        nth = ["1", "2", "-1", "5", "-2"] if counted else [""]  # dateutil can't mix them
        parts.append(
            "BYDAY=" + ",".join(chance.choice(nth) + day for day in chance.sample(DAYS, chance.choice((1, 2))))
        )
    # dateutil counts positions of a first week from DTSTART on
    if len(parts) > 2 and frequency != "WEEKLY" and chance.random() < 0.3:
        parts.append(f"BYSETPOS={_some(chance, [1, 2, -1, 3, -2])}")
    if chance.random() < 0.3:
        parts.append(f"COUNT={chance.randint(1, 40)}")
    elif chance.random() < 0.3:
        parts.append("UNTIL=20280105T120000")
    if chance.random() < 0.3:
        parts.append(f"WKST={chance.choice(DAYS)}")
    return ";".join(parts)


def _some(chance: random.Random, values: object) -> str:
    return ",".join(map(str, chance.sample(list(values), chance.choice((1, 2)))))


@pytest.mark.parametrize("seed", range(20))
def test_random_rules_give_the_days_that_dateutil_gives(seed: int) -> None:
    chance, matched = random.Random(seed), 0
    for _ in range(60):
        text = rule_text(chance)
        first = date(2027, chance.randint(1, 12), chance.randint(1, 28))
        last = UNTIL if "UNTIL" not in text else date(2028, 1, 5)
        ours = list(days(parse(text), first, first, last))
        if not ours:
            continue  # dateutil would look until the year 9999
        bounded = text if "UNTIL" in text or "COUNT" in text else f"{text};UNTIL=20290101T120000"
        judge = rrulestr(bounded, dtstart=datetime(first.year, first.month, first.day, 10))
        theirs = [when.date() for when in islice(judge, len(ours) + 1)]
        assert ours == [day for day in theirs if day <= last], f"{text} from {first}"
        matched += 1
    assert matched > 20


@pytest.mark.parametrize("seed", range(5))
def test_days_long_past_are_passed_over_without_being_counted_through(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        text = rule_text(chance).partition(";COUNT")[0]
        first, since = date(1990, 3, 5), date(2028, 6, 1)
        whole = [day for day in days(parse(text), first, first, UNTIL) if day >= since]
        assert [day for day in days(parse(text), first, since, UNTIL) if day >= since] == whole, text


@pytest.mark.parametrize("text", NEVER)
def test_a_rule_that_never_matches_ends(text: str) -> None:
    assert at_most(0.1, lambda: list(days(parse(text), date(2027, 1, 4), date(2027, 1, 4), UNTIL))) == []


def test_counted_and_plain_weekdays_may_stand_side_by_side() -> None:
    first = date(2027, 1, 1)
    found = list(days(parse("FREQ=MONTHLY;BYDAY=1SA,SU"), first, first, date(2027, 1, 31)))
    assert [day.day for day in found] == [2, 3, 10, 17, 24, 31]


def test_a_rule_without_an_end_is_lazy() -> None:
    endless = days(parse("FREQ=DAILY"), date(2027, 1, 1), date(2027, 1, 1), date(9000, 1, 1))
    assert len(list(islice(endless, 5))) == 5


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=3",
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=DAILY;BYHOUR=9,10",
        "FREQ=YEARLY;BYEASTER=0",
        "COUNT=3",
    ],
)
def test_rules_that_no_meeting_has_are_declined(text: str) -> None:
    with pytest.raises(DeclinedError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=1000000",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYSETPOS=400",
        "FREQ=WEEKLY;WKST=",
        "FREQ=WEEKLY;WKST=XX",
        "FREQ=YEARLY;BYMONTH=" + ",".join(["1"] * 500),
        "FREQ=DAILY;COUNT=\u0663",
    ],
)
def test_what_is_no_rule_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        parse(text)


def test_a_flood_of_unknown_parts_is_not_said_back() -> None:
    with pytest.raises(DeclinedError) as caught:
        parse("FREQ=DAILY;" + ";".join(f"X-{letter * 18}=1" for letter in "ABCDEFGHIJKLMNOP"))
    assert len(str(caught.value)) < 200
