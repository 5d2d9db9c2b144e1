"""A process that is killed loses nothing that it acknowledged, and leaves nothing half done."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from groupware import tables
from groupware.store import look

if TYPE_CHECKING:
    from conftest import Place

POSTER = """
import asyncio, sys
from pathlib import Path
from groupware import content
from groupware.store import open_store

async def main(where, directory):
    store = open_store(where, directory=Path(directory))
    body = content.prepare(store.directory, b"x" * 4000)
    def use_case(tx):
        number = content.add(tx, body)
        tx.record("post-held", number)
        return number
    async def post():
        while True:
            print(await store.run(use_case), flush=True)
    await asyncio.gather(*(post() for _ in range(16)))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("round_", range(2))
def test_what_was_acknowledged_outlives_the_process(place: Place, round_: int) -> None:
    command = [sys.executable, "-c", POSTER, str(place.where), str(place.directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        acknowledged = [int(server.stdout.readline()) for _ in range(200 + 137 * round_)]
        server.kill()
        acknowledged += [int(line) for line in server.stdout if line.endswith("\n")]
    with look(place.where) as snapshot:
        stored = set(snapshot.connection.scalars(select(tables.content.c.id)))
        told = set(snapshot.connection.scalars(select(tables.event.c.subject)))
    assert set(acknowledged) <= stored
    assert stored == told
