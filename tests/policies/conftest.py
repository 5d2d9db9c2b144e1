from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

import groupware.tables  # noqa: F401  # puts its tables into the metadata
from directory.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def network(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with ICONet's empty tables."""
    if request.param == "sqlite":
        yield from _with_tables(create_engine("sqlite://", poolclass=StaticPool))
    else:
        with request.getfixturevalue("cluster").database() as url:
            yield from _with_tables(create_engine(url))


@pytest.fixture(scope="session")
def embedded() -> Iterator[Engine]:
    yield from _with_tables(create_engine("sqlite://", poolclass=StaticPool))


def _with_tables(engine: Engine) -> Iterator[Engine]:
    metadata.create_all(engine)
    yield engine
    engine.dispose()
