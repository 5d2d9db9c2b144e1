from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small_town import PASSWORD, SmallTown, build
from sqlalchemy import create_engine, event

from directory import passwords
from directory.tables import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from conftest import Place
    from sqlalchemy import Connection

    from groupware.store import Store


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def kept() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
async def town(store: Store, kept: str) -> AsyncIterator[SmallTown]:
    town = await build(store, kept)
    yield town
    town.sign_in.close()


@pytest.fixture
async def lone_town(sqlite_place: Place, kept: str) -> AsyncIterator[SmallTown]:
    """The same on SQLite only, for what has nothing to do with the database."""
    store = sqlite_place.open()
    town = await build(store, kept)
    yield town
    town.sign_in.close()
    await store.close()
