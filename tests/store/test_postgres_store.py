"""Collisions, lost connections and hints between processes: what PostgreSQL's store does then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from directory.tables import area, login_failure, rights
from groupware.errors import Busy, NotCommitted, StoreFailed
from groupware.store import Conditions, Limits, hinted, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conftest import Place

    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio
END_MYSELF = text("SELECT pg_terminate_backend(pg_backend_pid())")
END_HINTS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'event$'"
)
DIES_AT_COMMIT = """
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON area DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION die();
"""
AREAS = select(func.count()).select_from(area)


@pytest.fixture
async def store(postgresql_place: Place) -> AsyncIterator[Store]:
    store = postgresql_place.open(Conditions(Limits(read_seconds=5)))
    try:
        yield store
    finally:
        await store.close()


def direct(place: Place) -> psycopg.Connection:
    return psycopg.connect(str(place.where), autocommit=True)


async def test_use_cases_that_collide_are_tried_again(store: Store) -> None:
    await store.run(lambda tx: tx.connection.execute(insert(rights), {"id": 1, "version": 0}))
    raised = update(rights).values(version=bindparam("next"))

    def read_then_write(tx: Tx) -> None:
        tx.connection.execute(raised, {"next": tx.connection.scalar(select(rights.c.version)) + 1})

    await asyncio.gather(*(store.run(read_then_write) for _ in range(60)))
    assert await store.read(lambda s: s.connection.scalar(select(rights.c.version))) == 60


async def test_a_connection_lost_before_the_commit_is_replaced(store: Store) -> None:
    tries: list[int] = []

    def use_case(tx: Tx) -> None:
        tries.append(1)
        tx.connection.execute(insert(area), {"code": "a", "name": "a"})
        if len(tries) == 1:
            tx.connection.execute(END_MYSELF)

    await store.run(use_case)
    assert (len(tries), await store.read(lambda s: s.connection.scalar(AREAS))) == (2, 1)


async def test_a_connection_lost_at_the_commit_is_no_success(store: Store, postgresql_place: Place) -> None:
    with direct(postgresql_place) as other:
        other.execute(DIES_AT_COMMIT)
    tries: list[int] = []

    def use_case(tx: Tx) -> None:
        tries.append(1)
        tx.connection.execute(insert(area), {"code": "a", "name": "a"})

    try:
        with pytest.raises(NotCommitted, match="outcome unknown"):
            await store.run(use_case)
    finally:
        with direct(postgresql_place) as other:
            other.execute("DROP FUNCTION die CASCADE")
    assert len(tries) == 1, "it may have happened, so it is not repeated"
    assert await store.read(lambda s: s.connection.scalar(AREAS)) == 0


async def test_a_read_without_end_is_ended(postgresql_place: Place) -> None:
    async with postgresql_place.opened(Conditions(Limits(read_seconds=0.1))) as store:
        with pytest.raises(Busy):
            await store.read(lambda s: s.connection.execute(text("SELECT pg_sleep(60)")))
        with pytest.raises(NotCommitted):
            await store.run(lambda tx: tx.connection.execute(text("SELECT pg_sleep(60)")))
        assert await store.read(lambda s: s.connection.scalar(AREAS)) == 0
        await store.read(lambda s: s.connection.execute(text("SELECT pg_sleep(0.3)")).close(), survey=True)
        with pytest.raises(Busy):
            await store.read(lambda s: s.connection.execute(text("SELECT pg_sleep(60)")))


async def test_other_processes_hear_of_events_even_after_a_lost_connection(
    store: Store, postgresql_place: Place
) -> None:
    other = postgresql_place.open()
    heard = asyncio.Event()
    other.listen(heard.set)
    for _ in range(2):
        heard.clear()
        async with asyncio.timeout(10):
            while not heard.is_set():
                await store.run(lambda tx: tx.record("copied", 1))
                await hinted(other.next_hint())
        with direct(postgresql_place) as connection:
            connection.execute(END_HINTS)
    await other.close()


async def test_no_database_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="nowhere") as raised:
        open_store(f"postgresql://someone:s3cret@/nowhere?host={tmp_path}", directory=tmp_path)
    assert "s3cret" not in str(raised.value)


async def test_contents_need_a_directory() -> None:
    with pytest.raises(StoreFailed, match="directory"):
        open_store("postgresql://someone@/somewhere")


async def test_two_who_insert_the_same_at_once_both_get_their_answer(postgresql_place: Place) -> None:
    """Each looks, finds nothing and inserts: who comes second looks again and finds the row."""
    look = select(login_failure.c.failures).where(login_failure.c.key == "same")

    def look_then_insert(tx: Tx) -> bool:
        if tx.connection.execute(look).first() is not None:
            return False
        tx.connection.execute(insert(login_failure), {"key": "same", "failures": 1, "next_allowed": 0})
        return True

    async with postgresql_place.opened() as store:
        assert sorted(await asyncio.gather(*(store.run(look_then_insert) for _ in range(8)))) == [False] * 7 + [True]


async def test_a_unique_violation_that_stays_is_told(postgresql_place: Place) -> None:
    def insert_again(tx: Tx) -> None:
        tx.connection.execute(insert(login_failure), {"key": "same", "failures": 1, "next_allowed": 0})

    async with postgresql_place.opened() as store:
        await store.run(insert_again)
        with pytest.raises(IntegrityError):
            await store.run(insert_again)


async def test_a_role_that_may_not_ask_for_a_checkpoint_scours_too(postgresql_place: Place) -> None:
    with direct(postgresql_place) as connection:
        connection.execute("CREATE ROLE plain LOGIN IN ROLE pg_read_all_data, pg_write_all_data")
        try:
            place = replace(postgresql_place, where=str(postgresql_place.where).replace("postgres@", "plain@"))
            async with place.opened() as store:
                assert await store.scour() == 0
        finally:
            connection.execute("DROP ROLE plain")
