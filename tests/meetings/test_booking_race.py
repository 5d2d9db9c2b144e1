"""Many processes book one room at once, each knowing nothing of the others: the database alone keeps them apart."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import TYPE_CHECKING

import booking_racer
import pytest
from meeting_world import one_booking
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from groupware import tables

if TYPE_CHECKING:
    from conftest import Place

pytestmark = pytest.mark.anyio
PROCESSES = 8
ATTEMPTS = 10_000
HOUR = 2 * booking_racer.HALF_HOUR
OVERLAPS = text(
    "SELECT count(*) FROM occurrence a JOIN occurrence b"
    " ON a.resource = b.resource AND a.id < b.id AND a.t0 < b.t1 AND b.t0 < a.t1"
)
TAKEN = text("SELECT count(*) FROM occurrence")


async def test_nothing_overlaps_after_ten_thousand_attempts_by_eight_processes(place: Place) -> None:
    async with place.opened() as store:
        await store.run(one_booking)
    where = str(place.directory / "iconet.db") if place.on_sqlite else str(place.where)
    share = str(ATTEMPTS // PROCESSES)
    command = [sys.executable, str(Path(booking_racer.__file__)), where]
    racers = [await asyncio.create_subprocess_exec(*command, str(n), share, stdout=PIPE) for n in range(PROCESSES)]
    booked = [int((await racer.communicate())[0]) for racer in racers]
    assert all(booked), booked
    async with place.opened() as store:
        assert await store.read(lambda snapshot: snapshot.connection.scalar(OVERLAPS)) == 0
        assert await store.read(lambda snapshot: snapshot.connection.scalar(TAKEN)) > 200


OVERLAPPING = [(HOUR // 2, 2 * HOUR), (-HOUR, 1), (-HOUR, 2 * HOUR), (HOUR // 4, HOUR // 2), (HOUR - 1, HOUR + 1)]
NEIGHBOURS = [(HOUR, 2 * HOUR), (-HOUR, 0), (-31 * 24 * HOUR, -HOUR), (2 * HOUR, 2 * HOUR + 31 * 24 * HOUR)]
NO_TIMES = [(5, 4), (7 * HOUR, 7 * HOUR), (2 * HOUR, 3 * HOUR + 31 * 24 * HOUR)]


@pytest.mark.parametrize(("start", "end"), OVERLAPPING + NO_TIMES)
async def test_the_database_refuses(place: Place, start: int, end: int) -> None:
    async with place.opened() as store:
        await store.run(one_booking)
        row = {"resource": 1, "booking": 1, "recurrence": 1, "t0": 0, "t1": HOUR}
        await store.run(lambda tx: tx.connection.execute(insert(tables.occurrence), row))
        new = {**row, "recurrence": 2, "t0": start, "t1": end}
        with pytest.raises(IntegrityError, match=r"no_overlap|ck_occurrence_length|range"):
            await store.run(lambda tx: tx.connection.execute(insert(tables.occurrence), new))
        far = {**new, "t0": 100 * 24 * HOUR, "t1": 100 * 24 * HOUR + HOUR}
        await store.run(lambda tx: tx.connection.execute(insert(tables.occurrence), far))
        moved = tables.occurrence.update().where(tables.occurrence.c.recurrence == 2).values(t0=start, t1=end)
        with pytest.raises(IntegrityError, match=r"no_overlap|ck_occurrence_length|range"):
            await store.run(lambda tx: tx.connection.execute(moved))


async def test_the_database_takes_neighbours_and_what_is_elsewhere(place: Place) -> None:
    async with place.opened() as store:
        await store.run(one_booking)
        rows = [
            {"resource": 1, "booking": 1, "recurrence": n, "t0": t0, "t1": t1} for n, (t0, t1) in enumerate(NEIGHBOURS)
        ]
        rows += [{"resource": 2, "booking": 1, "recurrence": 20, "t0": 0, "t1": HOUR}]
        rows += [{"resource": 1, "booking": 1, "recurrence": 21, "t0": 0, "t1": HOUR}]
        await store.run(lambda tx: tx.connection.execute(insert(tables.occurrence), rows))
        assert await store.read(lambda snapshot: snapshot.connection.scalar(TAKEN)) == 6
