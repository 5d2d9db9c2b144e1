"""The quick way of a statement gives what the usual one gives, on both engines."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from town import build

from directory import tables as directory
from groupware import tables
from groupware.content import in_row
from groupware.store.dialect import insert_missing
from groupware.store.prepared import prepared

if TYPE_CHECKING:
    from groupware.store import Snapshot, Store, Tx

pytestmark = pytest.mark.anyio

ROOM = "return"
_ROOM = select(tables.room).where(tables.room.c.code == bindparam("code"))
_HOLDS = update(tables.room).where(tables.room.c.code == bindparam("this")).values(holds=tables.room.c.holds + 2)
_SHA = select(tables.content.c.sha256, tables.content.c.body, tables.content.c.file, tables.content.c.size)
_FAILURE = insert(directory.login_failure)
_FAILURES = select(directory.login_failure.c.key, directory.login_failure.c.failures).order_by(
    directory.login_failure.c.key
)
_FORGET = delete(directory.login_failure).where(directory.login_failure.c.key == bindparam("this"))
_UNLESS_THERE = insert_missing(directory.login_failure).inline()


async def test_a_row_is_the_usual_row(store: Store) -> None:
    await store.run(build)

    def both(snapshot: Snapshot) -> tuple[Any, Any]:
        usual = snapshot.connection.execute(_ROOM, {"code": ROOM}).one()
        return snapshot.first(_ROOM, {"code": ROOM}), usual

    quick, usual = await store.read(both)
    assert tuple(quick) == tuple(usual)
    assert (quick.code, quick.closed) == (ROOM, False)
    assert type(quick.closed) is bool
    assert await store.read(lambda snapshot: snapshot.first(_ROOM, {"code": "nowhere"})) is None


async def test_bytes_defaults_and_counts(store: Store) -> None:
    await store.run(build)
    raw = bytes(range(256))

    def change(tx: Tx) -> tuple[int, Any, Any]:
        made = in_row(raw)
        row = {"sha256": made.sha256, "size": made.size, "body": made.body, "file": made.file}
        tx.insert(insert(tables.content), row)
        before = tx.first(_ROOM, {"code": ROOM}).holds
        changed = tx.change(_HOLDS, {"this": ROOM})
        return changed, tx.first(_SHA, {}), tx.first(_ROOM, {"code": ROOM}).holds - before

    changed, kept, more = await store.run(change)
    assert (changed, more) == (1, 2)
    assert (bytes(kept.sha256), bytes(kept.body), kept.file, kept.size) == (in_row(raw).sha256, raw, None, 256)


async def test_many_rows_and_those_already_there(store: Store) -> None:
    rows = [{"key": name, "failures": number, "next_allowed": 0} for number, name in enumerate("abc")]

    def change(tx: Tx) -> list[Any]:
        tx.insert_all(_FAILURE, rows)
        tx.insert_all(_FAILURE, [])
        tx.insert_all(_UNLESS_THERE, [{"key": "c", "failures": 9, "next_allowed": 0}, {**rows[0], "key": "d"}])
        assert tx.change(_FORGET, {"this": "b"}) == 1
        assert tx.change(_FORGET, {"this": "b"}) == 0
        return tx.rows(_FAILURES, {})

    assert [tuple(row) for row in await store.run(change)] == [("a", 0), ("c", 2), ("d", 0)]


async def test_what_breaks_a_constraint_is_told_as_ever(store: Store) -> None:
    row = {"key": "a", "failures": 1, "next_allowed": 0}
    await store.run(lambda tx: tx.insert_all(_FAILURE, [row]))
    with pytest.raises(IntegrityError) as told:
        await store.run(lambda tx: tx.insert_all(_FAILURE, [row]))
    assert "'a'" not in str(told.value), "values don't reach a log"


def test_a_list_is_refused() -> None:
    some = select(tables.room.c.id).where(tables.room.c.code.in_(bindparam("some", expanding=True)))
    with pytest.raises(TypeError, match="takes a list"):
        prepared(some, {"some": ["a"]})


def test_a_missing_value_is_no_null() -> None:
    with pytest.raises(KeyError, match="code"):
        prepared(_ROOM, {}).run(sqlite3.connect(":memory:"), {})
