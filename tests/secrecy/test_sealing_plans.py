"""What is asked for each content, and within the writer, is found by an index, however many posts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupware.sealing.seals import prefix
from groupware.secrecy import belonging, burying

if TYPE_CHECKING:
    from conftest import Place
    from sqlalchemy import Select

    from groupware.store import Snapshot

pytestmark = pytest.mark.anyio
ASKED = (
    ("ix_post_rendering", belonging._SHOWING),
    ("ix_rendering_sealed", burying._LOST),
    ("ix_rendering_sealed", burying._SHOWN),
)


async def test_no_statement_of_sealing_looks_at_every_post(place: Place) -> None:
    async with place.opened() as store:
        for index, statement in ASKED:
            plan = await store.read(lambda snapshot, statement=statement: planned(snapshot, statement))
            assert index in plan, plan


def planned(snapshot: Snapshot, statement: Select) -> str:
    """How the database would go about it; PostgreSQL, which reads a small table whole, if that were dear."""
    connection = snapshot.connection
    compiled = statement.compile(dialect=connection.dialect)
    asked = compiled.construct_expanded_state({"this": 7, "begins": prefix("2026-11"), "after": 0})
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {asked.statement}", asked.parameters)
    else:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.statement}", asked.positional_parameters)
    return "\n".join(row[-1] for row in rows)
