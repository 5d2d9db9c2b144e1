from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, insert, inspect, select, text

from directory.tables import metadata
from groupware import migrations, tables
from groupware.errors import StoreFailed
from groupware.migrations.running import configuration
from groupware.store.sqlite_engine import migrating_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Place
    from postgres_cluster import Cluster

UPGRADE = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from groupware import migrations
from groupware.store.sqlite_engine import migrating_engine
kind, address = sys.argv[1:]
migrations.upgrade(migrating_engine(Path(address)) if kind == "sqlite" else create_engine(address))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The kind and the address of a database with nothing in it."""
    if request.param == "sqlite":
        yield "sqlite", str(tmp_path / "iconet.db")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        yield "postgresql", url.replace("postgresql:", "postgresql+psycopg:")


@pytest.fixture
def engine(empty: tuple[str, str], tmp_path: Path) -> Iterator[Engine]:
    kind, address = empty
    engine = migrating_engine(tmp_path / "iconet.db") if kind == "sqlite" else create_engine(address)
    yield engine
    engine.dispose()


def test_the_history_makes_what_the_tables_say(engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.begin() as connection:
        command.check(configuration(connection))
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())


def test_going_back_leaves_nothing_and_forth_makes_it_again(engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(configuration(connection), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrations.upgrade(engine)
    assert "post" in inspect(engine).get_table_names()


def test_a_store_that_is_up_to_date_is_known_without_alembic(empty: tuple[str, str], engine: Engine) -> None:
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_heads() == [migrations.newest()]
    migrations.upgrade(engine)
    program = UPGRADE + "\nassert 'alembic' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", program, *empty], stderr=subprocess.PIPE, check=False)
    assert (done.stderr, done.returncode) == (b"", 0)


def test_two_processes_may_begin_together(empty: tuple[str, str], engine: Engine) -> None:
    both = [subprocess.Popen([sys.executable, "-c", UPGRADE, *empty], stderr=subprocess.PIPE) for _ in range(2)]
    assert [(p.communicate()[1], p.returncode) for p in both] == [(b"", 0)] * 2
    assert "post" in inspect(engine).get_table_names()


def test_a_store_of_a_newer_iconet_is_left_alone(engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreFailed, match="newer"):
        migrations.upgrade(engine)


def test_a_migration_that_fails_leaves_nothing_half_done(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE post (in_the_way INTEGER)"))
    with pytest.raises(Exception, match="exists"):
        migrations.upgrade(engine)
    assert inspect(engine).get_table_names() == ["post"]


@pytest.mark.anyio
async def test_words_are_found_by_any_part_and_follow_their_rows(sqlite_place: Place) -> None:
    async with sqlite_place.opened() as store:
        found = text("SELECT rowid FROM search_index WHERE search_index MATCH :part")
        no_keys = text("PRAGMA defer_foreign_keys=ON")
        seen: list[list[int]] = []

        def use_case(tx: object) -> None:
            connection = tx.connection
            connection.execute(no_keys)
            connection.execute(
                insert(tables.search_text), {"rendering": 5, "header": "forged visa", "body": "a sticker"}
            )
            seen.append(list(connection.scalars(found, {"part": "stick"})))
            connection.execute(tables.search_text.update().values(body="a stamp"))
            seen.append(list(connection.scalars(found, {"part": "stick"})))
            seen.append(list(connection.scalars(found, {"part": "body : tamp"})))
            connection.execute(tables.search_text.delete())
            seen.append(list(connection.scalars(found, {"part": "visa"})))

        await store.run(use_case)
        assert seen == [[5], [], [5], []]


@pytest.mark.anyio
async def test_postgresql_has_an_index_of_words(postgresql_place: Place) -> None:
    async with postgresql_place.opened() as store:
        made = text("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_index'")
        assert "gin_trgm_ops" in await store.read(lambda s: s.connection.scalar(made))
        assert await store.read(lambda s: s.connection.execute(select(tables.search_text)).all()) == []
