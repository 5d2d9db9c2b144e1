"""Series, exceptions and changes of the clock against recurring-ical-events as judge."""

from __future__ import annotations

import random
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as datetime_time

import icalendar
import pytest
import recurring_ical_events
from meeting_world import Meeting, calendar
from test_recurrence_rules import rule_text

from groupware.meetings import asked, invitation
from groupware.meetings.asked import ask
from groupware.meetings.errors import DeclinedError
from groupware.meetings.expand import Window, moments
from groupware.meetings.recurrence import days, parse
from groupware.meetings.times import micro
from groupware.meetings.zones import Zones

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FAR = 900
ZONES = ["Europe/Brussels", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Africa/Casablanca", "UTC"]


def ours(text: str) -> list[tuple[datetime, datetime]]:
    found = ask(invitation.parse(text.encode()), "Europe/Brussels", micro(NOW), FAR)
    dates = {**found.series, **{change.recurrence: change.to for change in found.changes}}
    assert found.refusal is None, found.refusal
    return sorted((_utc(each.start), _utc(each.end)) for each in dates.values() if each is not None)


def theirs(text: str) -> list[tuple[datetime, datetime]]:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(NOW, NOW + timedelta(days=FAR))
    return sorted((e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC)) for e in found)


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1_000_000, UTC)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 10, 23])
def test_a_daily_series_over_both_changes_of_the_clock(zone: str, hour: int) -> None:
    start = datetime(2027, 3, 1, hour, 30)
    series = Meeting("anna", start, 20, zone=zone, lines=["RRULE:FREQ=DAILY;COUNT=300"]).asked()
    assert len(ours(series)) == 300
    assert [begin for begin, _ in ours(series)] == [begin for begin, _ in theirs(series)]


@pytest.mark.parametrize("seed", range(8))
def test_random_series_with_exceptions_and_moved_instances(seed: int) -> None:
    chance, judged = random.Random(seed), 0
    for _ in range(30):
        zone = chance.choice(ZONES)
        rule = ";".join(
            part for part in rule_text(chance).split(";") if not part.startswith(("COUNT", "UNTIL", "BYSET"))
        )
        first = date(2027, chance.randint(1, 12), chance.randint(1, 28))
        begins = next(days(parse(rule), first, first, date(2028, 6, 1)), None)
        if begins is None:
            continue
        start, rule = datetime.combine(begins, datetime_time(chance.choice((4, 9, 14)))), f"{rule};COUNT=20"
        plain = Meeting("anna", start, 45, zone=zone, lines=[f"RRULE:{rule}"])
        try:
            found = ours(plain.asked())
        except AssertionError:
            continue  # beyond the horizon
        there = [begin.astimezone(_zone(zone)).replace(tzinfo=None) for begin, _ in found]
        gone = chance.sample(there[1:], min(3, len(there) - 1))
        lines = [*plain.lines, *(f"EXDATE;TZID={zone}:{each:%Y%m%dT%H%M%S}" for each in gone)]
        moved = [each for each in there[1:] if each not in gone][:2]
        instances = [
            plain.event(
                start=each + timedelta(hours=2, days=1), lines=[f"RECURRENCE-ID;TZID={zone}:{each:%Y%m%dT%H%M%S}"]
            )
            for each in moved
        ]
        text = calendar("REQUEST", plain.event(lines=lines), *instances)
        assert ours(text) == theirs(text), text
        judged += 1
    assert judged >= 3


def _zone(name: str) -> object:
    return Zones(invitation.parse(Meeting("anna", datetime(2027, 1, 1)).asked().encode()).calendar, name).of("")


def test_rdates_and_a_beginning_that_the_rule_does_not_match() -> None:
    lines = ["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", "RDATE;TZID=Europe/Brussels:20270108T120000,20270109T120000"]
    text = Meeting("anna", datetime(2027, 1, 5, 10), lines=lines).asked()
    assert [f"{begin:%d %H}" for begin, _ in ours(text)] == ["05 09", "08 11", "09 11", "11 09", "18 09"]


def test_whole_days_are_the_days_of_the_resource() -> None:
    whole = Meeting("anna", lines=["DTSTART;VALUE=DATE:20270327", "DTEND;VALUE=DATE:20270329"]).asked()
    ((begin, end),) = ours(whole)
    assert (begin, end) == (datetime(2027, 3, 26, 23, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC))
    one = Meeting("anna", lines=["DTSTART;VALUE=DATE:20270110", "RRULE:FREQ=DAILY;COUNT=2"]).asked()
    assert [end - begin for begin, end in ours(one)] == [timedelta(days=1)] * 2


def test_times_that_float_are_local_to_the_resource() -> None:
    ((begin, _),) = ours(Meeting("anna", datetime(2027, 7, 1, 10), zone="").asked())
    assert begin == datetime(2027, 7, 1, 8, tzinfo=UTC)


def test_an_end_is_exact_and_a_duration_counts_days() -> None:
    night = datetime(2027, 3, 27, 22)
    exact = Meeting("anna", night, 8 * 60, lines=["RRULE:FREQ=DAILY;COUNT=2"]).asked()
    assert [end - begin for begin, end in ours(exact)] == [timedelta(hours=7)] * 2
    lines = ["DTSTART;TZID=Europe/Brussels:20270327T120000", "DURATION:P1D", "RRULE:FREQ=DAILY;COUNT=2"]
    nominal = Meeting("anna", lines=lines).asked()
    assert [end - begin for begin, end in ours(nominal)] == [timedelta(hours=23), timedelta(hours=24)]


def test_a_date_alone_excludes_the_whole_day() -> None:
    lines = ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20270105"]
    assert len(ours(Meeting("anna", datetime(2027, 1, 4, 10), lines=lines).asked())) == 2


def test_what_is_over_is_not_booked_and_a_moved_past_instance_is() -> None:
    series = Meeting("anna", datetime(2026, 10, 5, 10), lines=["RRULE:FREQ=WEEKLY;COUNT=6"])
    moved = series.event(start=datetime(2026, 12, 1, 9), lines=["RECURRENCE-ID;TZID=Europe/Brussels:20261005T100000"])
    assert [f"{begin:%m-%d}" for begin, _ in ours(calendar("REQUEST", series.event(), moved))] == [
        "11-02", "11-09", "12-01",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (["RRULE:FREQ=WEEKLY"], "beyond-horizon"),
        (["RRULE:FREQ=WEEKLY;UNTIL=20401231"], "beyond-horizon"),
        (["RRULE:FREQ=YEARLY;INTERVAL=20;COUNT=2"], "beyond-horizon"),
        (["RRULE:FREQ=DAILY;COUNT=100000"], "beyond-horizon"),
        (["RRULE:FREQ=SECONDLY;COUNT=3"], "rule-not-taken"),
        (["RRULE:FREQ=MINUTELY"], "rule-not-taken"),
        (["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"], "beyond-horizon"),
        (["DTEND:20200101T000000Z"], "ends-before-it-begins"),
        (["DURATION:-PT1H"], "ends-before-it-begins"),
        (["DURATION:P40D"], "too-long"),
        (["DURATION:PT0S"], "ends-before-it-begins"),
        ([], "ends-before-it-begins"),
        (["DURATION:PT1H", "RECURRENCE-ID;RANGE=THISANDFUTURE:20270105T090000Z"], "range-not-taken"),
    ],
)
def test_what_can_never_be_accepted_is_declined_by_a_named_rule(lines: list[str], rule: str) -> None:
    text = Meeting("anna", lines=["DTSTART:20270105T090000Z", *lines]).asked()
    if "RRULE" in text:
        text = text.replace("RRULE", "DURATION:PT1H\r\nRRULE")
    refusal = ask(invitation.parse(text.encode()), "Europe/Brussels", micro(NOW), 366).refusal
    assert isinstance(refusal, DeclinedError)
    assert refusal.rule == rule


def test_storms_of_dates_are_bounded() -> None:
    storm = ",".join(
        f"2027{month:02}{day:02}T{hour:02}0000Z"
        for month in range(1, 6)
        for day in range(1, 21)
        for hour in range(9, 19)
    )
    assert len(storm.split(",")) == 1000
    lines = [f"RDATE:{storm}", "RRULE:FREQ=DAILY;COUNT=200"]
    text = Meeting("anna", datetime(2027, 1, 1, 3), 30, lines=lines).asked()
    refusal = ask(invitation.parse(text.encode()), "Europe/Brussels", micro(NOW), 366).refusal
    assert refusal is not None
    assert refusal.rule == "too-many-instances"


def test_three_years_of_weeks_take_a_millisecond_at_most() -> None:
    text = Meeting("anna", datetime(2027, 1, 4, 10), lines=["RRULE:FREQ=WEEKLY;COUNT=157"]).asked()
    found = invitation.parse(text.encode())
    whole, zones = found.whole, Zones(found.calendar, "Europe/Brussels")
    assert whole is not None
    window = Window(micro(NOW), micro(NOW) + 1500 * asked.DAY)
    best = min(_timed(lambda: moments(whole, zones, window)) for _ in range(30))
    assert len(moments(whole, zones, window)) == 157
    assert best < 0.001


def _timed(call: object) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began
