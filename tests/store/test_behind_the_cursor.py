"""What is new in the log is found where the cursor stands: however long the log is, what lies before isn't read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Select, insert, literal, text
from sqlalchemy.event import listen

from groupware import followers, live, tables
from groupware.folders import numbering
from groupware.store import open_store
from groupware.store.dialect import behind

if TYPE_CHECKING:
    from conftest import Place

    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
LOOKS: dict[str, Select[Any]] = {
    "followers": followers._NEXT,
    "live": live._NEWS,
    "a room's folder": numbering._AREA_NEW,
    "an INBOX": numbering._POST_COPIES.where(numbering._BEHIND_CURSOR),
}
VALUES = {"txid": 0, "event": 1, "kinds": ["post-held"], "most": 1, "room": 1, "official": 1, "folder": 1}


@pytest.mark.parametrize("name", LOOKS)
async def test_sqlite_begins_at_the_cursor(sqlite_place: Place, name: str) -> None:
    def plan(snapshot: Snapshot) -> list[str]:
        said: list[tuple[str, Any]] = []
        keep = lambda _connection, _cursor, statement, values, *_: said.append((statement, values))  # noqa: E731 -- events want arguments of these names
        listen(snapshot.connection, "before_cursor_execute", keep)
        snapshot.connection.execute(LOOKS[name], VALUES)
        statement, values = said[0]
        return [row[-1] for row in snapshot.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    store = open_store(sqlite_place.where, directory=sqlite_place.directory)
    steps = await store.read(plan)
    await store.close()
    assert any("txid=? AND id>?" in step for step in steps), steps


async def test_behind_is_the_order_of_the_log(place: Place) -> None:
    store = open_store(place.where, directory=place.directory)
    event = tables.event.c
    row = {"kind": "post-held", "subject": 1, "room": 1, "at": 1}

    def fill(tx: Tx) -> list[tuple[int, int]]:
        tx.connection.execute(insert(tables.event), [{"txid": 0, **row} for _ in range(5)])
        if tx.connection.dialect.name == "postgresql":
            tx.connection.execute(insert(tables.event), [{"txid": 1 - n, **row} for n in range(2)])
        ordered = tx.connection.execute(text("SELECT txid, id FROM event ORDER BY txid, id"))
        return [(found.txid, found.id) for found in ordered]

    places = await store.run(fill)
    for at, (txid, number) in enumerate(places):
        later = (
            tables.event.select()
            .where(behind(event.txid, event.id, literal(txid), literal(number)))
            .order_by(event.txid, event.id)
        )
        found = await store.read(lambda snapshot, later=later: snapshot.connection.execute(later).all())
        assert [(each.txid, each.id) for each in found] == places[at + 1 :]
    await store.close()
