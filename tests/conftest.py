"""Stores for tests: each test that takes `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import serving
from postgres_cluster import Cluster, empty, find_programs
from town import DOMAIN

from connectors import garbage
from directory.tables import metadata
from groupware.service import Groupware
from groupware.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from groupware.store import Conditions, Store


LONGEST = ("faults", "interop", "matrix", "model", "abuse", "scim", "policies", "fuzz", "people", "web")
"""Folders whose files take longest, in that order: begun last, one of them would keep all other workers waiting."""

garbage.look_seldom()  # as any process of ours while it loads: some 2,000 modules and 7,000 tests that stay


def pytest_collection_finish() -> None:
    """A look at all of them took half a second of some promise that a test has an eye on."""
    garbage.leave_out_what_stays()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class Place:
    """Where a fresh store is: its tables made, nothing in them."""

    where: str | Path
    directory: Path

    @property
    def on_sqlite(self) -> bool:
        return isinstance(self.where, Path)

    @asynccontextmanager
    async def opened(self, conditions: Conditions | None = None) -> AsyncIterator[Store]:
        store = self.open(conditions)
        try:
            yield store
        finally:
            await store.close()

    def open(self, conditions: Conditions | None = None) -> Store:
        more = {"conditions": conditions} if conditions else {}
        return open_store(self.where, directory=self.directory, **more)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of our own; where CI is set it has to be there."""
    programs = find_programs()
    if programs is None:
        assert not os.environ.get("CI"), "PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed")
    cluster = Cluster(programs)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


async def _open_and_close(where: str | Path, directory: Path) -> None:
    await open_store(where, directory=directory).close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("template")
    asyncio.run(_open_and_close(directory, directory))
    return directory / "iconet.db"


@pytest.fixture(scope="session")
def postgresql_database(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database for all tests, emptied for each: making one takes ten times as long."""
    with cluster.database() as url:
        asyncio.run(_open_and_close(url, tmp_path_factory.mktemp("template")))
        yield url


@contextmanager
def _one_at_a_time(file: Path) -> Iterator[None]:
    """Whoever else holds the same file, in whichever worker, is waited for."""
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a demo leaves when it is stopped after its first start, and beside it what it told.

    Once for all workers, and for both of `make test`'s runs.
    """
    base = tmp_path_factory.getbasetemp()
    own = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place = Path(os.environ.get("ICONET_PLANTED", own)) / "planted"
    place.mkdir(exist_ok=True)
    with _one_at_a_time(place / "lock"):
        if not (place / "demo").exists():
            first = serving.start(place / "first")
            assert first.stop() == 0
            (place / "demo.json").write_text(json.dumps(first.endpoints))
            (place / "first").rename(place / "demo")
    return place / "demo"


@pytest.fixture
def sqlite_place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """For what is the same on both; with ICONET_TESTS_ON=postgresql that is tried there."""
    if os.environ.get("ICONET_TESTS_ON") == "postgresql":
        return request.getfixturevalue("postgresql_place")
    directory = tmp_path / "store"
    directory.mkdir()
    shutil.copy(request.getfixturevalue("sqlite_template"), directory)
    return Place(directory, directory)


@pytest.fixture
def postgresql_place(tmp_path: Path, postgresql_database: str) -> Place:
    empty(postgresql_database, [table.name for table in reversed(metadata.sorted_tables)])
    directory = tmp_path / "store"
    directory.mkdir()
    return Place(postgresql_database, directory)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue(f"{request.param}_place")


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    async with place.opened() as store:
        yield store


@pytest.fixture
async def groupware(store: Store) -> AsyncIterator[Groupware]:
    made = Groupware(store, DOMAIN)
    yield made
    await made.close()
