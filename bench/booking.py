"""Booking: racing processes, series, and the way from an invitation to its answer in the organiser's INBOX.

Goals: 0 overlaps in 100,000 attempts by 8 processes on each database, guarded inserts at half the rate of bare ones;
a weekly series of three years expanded within 1 ms, ten times as fast as recurring-ical-events; p95 <= 500 ms from an
invitation to the REPLY in INBOX.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "interop")]

import booking_racer
import icalendar
import recurring_ical_events
from meeting_world import Meeting, ahead, one_booking
from postgres_cluster import Cluster, find_programs
from serving import start
from test_booking_walk import Organiser

from groupware.meetings import invitation
from groupware.meetings.asked import DAY
from groupware.meetings.expand import Window, moments
from groupware.meetings.times import micro
from groupware.meetings.zones import Zones
from groupware.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

PROCESSES, ATTEMPTS = 8, 100_000
BARE_ATTEMPTS, ROWS = 8_000, 20_000
"""Without a guard: overlaps are counted pair by pair."""
INVITATIONS = 200
OVERLAPS = (
    "SELECT count(*) FROM occurrence a JOIN occurrence b"
    " ON a.resource = b.resource AND a.id < b.id AND a.t0 < b.t1 AND b.t0 < a.t1"
)
BARE = {
    "SQLite": ("DROP TRIGGER occurrence_added", "DROP TRIGGER occurrence_changed"),
    "PostgreSQL": ("ALTER TABLE occurrence DROP CONSTRAINT no_overlap",),
}


def race(where: str, attempts: int) -> tuple[float, int]:
    """Attempts a second of all processes together, and overlaps afterwards."""
    command = [sys.executable, str(Path(booking_racer.__file__)), where]
    began = time.perf_counter()
    racers = [
        subprocess.Popen([*command, str(n), str(attempts // PROCESSES)], stdout=subprocess.PIPE)
        for n in range(PROCESSES)
    ]
    assert all(int(racer.communicate()[0]) for racer in racers)
    rate = attempts / (time.perf_counter() - began)
    with closing(booking_racer.connect(where)) as connection:
        row = connection.execute(OVERLAPS).fetchone()
        assert row is not None
        connection.execute("DELETE FROM occurrence")
        return rate, int(row[0])


async def prepare(where: str | Path, directory: Path) -> None:
    store = open_store(where, directory=directory)
    await store.run(one_booking)
    await store.close()


def fill(where: str) -> float:
    """Rows a second of one process in one transaction, none of which overlap: what the guard itself costs."""
    rows = [(n, n * booking_racer.HALF_HOUR, (n + 1) * booking_racer.HALF_HOUR) for n in range(ROWS)]
    with closing(booking_racer.connect(where)) as connection:
        connection.execute("BEGIN")
        cursor = connection.cursor()
        take = booking_racer.TAKE.replace("?", "%s") if where.startswith("postgresql:") else booking_racer.TAKE
        began = time.perf_counter()
        cursor.executemany(take, rows)
        rate = ROWS / (time.perf_counter() - began)
        connection.execute("ROLLBACK")
        return rate


def races(name: str, where: str) -> None:
    """With the guard; then without it, to show that the race is one."""
    rate, overlaps = race(where, ATTEMPTS)
    print(f"{name:<12} {ATTEMPTS:,} attempts by {PROCESSES} processes: {rate:,.0f}/s, {overlaps} overlaps")
    guarded = fill(where)
    with closing(booking_racer.connect(where)) as connection:
        for statement in BARE[name]:
            connection.execute(statement)
    bare, (_, many) = fill(where), race(where, BARE_ATTEMPTS)
    print(f"  unguarded  {BARE_ATTEMPTS:,} attempts: {many:,} overlaps")
    print(f"  rows that fit: {guarded:,.0f}/s, {bare:,.0f}/s unguarded, ratio {guarded / bare:.2f}")


def expansion() -> None:
    text = Meeting("anna", datetime(2027, 1, 4, 10), lines=["RRULE:FREQ=WEEKLY;COUNT=157"]).asked()  # noqa: DTZ001 -- local
    found, now = invitation.parse(text.encode()), datetime(2026, 12, 1, tzinfo=UTC)
    whole, zones = found.whole, Zones(found.calendar, "Europe/Brussels")
    assert whole is not None
    window = Window(micro(now), micro(now) + 1500 * DAY)
    judge = icalendar.Calendar.from_ical(text)
    ours = _best(lambda: moments(whole, zones, window))
    theirs = _best(lambda: recurring_ical_events.of(judge).between(now, now + timedelta(days=1500)))
    print(f"157 weeks: {ours * 1000:.2f} ms; recurring-ical-events {theirs * 1000:.2f} ms, {theirs / ours:.0f} times")
    large = _large(text)
    parsed, judged = _best(lambda: invitation.parse(large)), _best(lambda: icalendar.Calendar.from_ical(large))
    print(f"34 kB with 330 attendees read: {parsed * 1000:.2f} ms; icalendar {judged * 1000:.1f} ms")


def _large(text: str) -> bytes:
    line = "ATTENDEE;CN=Somebody Else;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:aa@example.org\r\n"
    return text.replace("SUMMARY", line * 330 + "SUMMARY", 1).encode()


def _best(call: Callable[[], object], times: int = 30) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def answers(data: Path) -> None:
    server = start(data)
    try:
        room = server.endpoints["resources"][0]
        organiser = Organiser(server, server.who(area=room["areas"][0]))
        took = []
        for number in range(INVITATIONS):
            began = time.perf_counter()
            organiser.send(room["address"], Meeting(organiser.login, ahead(3 + number), uid=f"{number}@bench").asked())
            assert organiser.answer()[1] is not None
            took.append((time.perf_counter() - began) * 1000)
        p95 = statistics.quantiles(took, n=20)[18]
        print(f"invitation to REPLY in INBOX: p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms")
    finally:
        server.stop()


def main() -> None:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        expansion()
        answers(home / "demo")
        (home / "store").mkdir()
        asyncio.run(prepare(home / "store", home / "store"))
        races("SQLite", str(home / "store" / "iconet.db"))
        programs = find_programs()
        if programs is None:
            print("PostgreSQL is not installed")
            return
        cluster = Cluster(programs)
        stack.callback(cluster.stop)
        cluster.start()
        url = stack.enter_context(cluster.database())
        asyncio.run(prepare(url, home / "files"))
        races("PostgreSQL", url)


if __name__ == "__main__":
    main()
