from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from foreign_site import abroad
from foreign_stage import Stage, staged
from keeping_site import axe, certificate, chromium, kept, open_site, site
from people_world import World, opened_at
from postgres_cluster import empty

from directory.tables import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from conftest import Place

__all__ = ["abroad", "axe", "certificate", "chromium", "kept", "open_site", "site"]


@pytest.fixture
async def world(place: Place) -> AsyncIterator[World]:
    """On SQLite and on PostgreSQL."""
    made = await opened_at(place)
    yield made
    await made.close()


@pytest.fixture
async def lone(sqlite_place: Place) -> AsyncIterator[World]:
    """On SQLite only, for what has nothing to do with the database."""
    made = await opened_at(sqlite_place)
    yield made
    await made.close()


@pytest.fixture(scope="module")
def lasting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Stage]:
    """One for all tests of a file; with ICONET_TESTS_ON=postgresql it is there."""
    directory = tmp_path_factory.mktemp("stage")
    where: str | Path = directory
    if os.environ.get("ICONET_TESTS_ON") == "postgresql":
        where = request.getfixturevalue("postgresql_database")
        empty(str(where), [table.name for table in reversed(metadata.sorted_tables)])
    else:
        shutil.copy(sqlite_template, directory)
    yield from staged(where, directory)


@pytest.fixture
def stage(lasting: Stage) -> Stage:
    """As in the beginning."""
    lasting.again()
    return lasting
