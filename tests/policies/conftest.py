from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool, StaticPool
from sqlalchemy.schema import CreateSchema, DropSchema

import groupware.tables  # noqa: F401  # puts its tables into the metadata
from directory.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def network(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with ICONet's empty tables; PostgreSQL where ICONET_TEST_POSTGRES names one."""
    if request.param == "sqlite":
        yield from _with_tables(create_engine("sqlite://", poolclass=StaticPool))
        return
    url = os.environ.get("ICONET_TEST_POSTGRES") or pytest.skip("ICONET_TEST_POSTGRES names no database")
    with _own_schema(url) as engine:
        yield from _with_tables(engine)


@pytest.fixture(scope="session")
def embedded() -> Iterator[Engine]:
    yield from _with_tables(create_engine("sqlite://", poolclass=StaticPool))


def _with_tables(engine: Engine) -> Iterator[Engine]:
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@contextmanager
def _own_schema(url: str) -> Iterator[Engine]:
    name = f"policies_{uuid.uuid4().hex}"
    engine = create_engine(url, connect_args={"options": f"-csearch_path={name}"})
    with engine.begin() as connection:
        connection.execute(CreateSchema(name))
    yield engine
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(DropSchema(name, cascade=True))
