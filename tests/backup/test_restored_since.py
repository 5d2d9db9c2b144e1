"""A restore erases again what was erased since the backup, and keeps out who was put out; both are on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from town import DOMAIN, build, message

from connectors.backup_questions import since_file, without_password
from connectors.restoring import restore
from connectors.settings import Settings
from directory import tables as directory
from groupware import tables
from groupware.administering import suspend_body, suspend_official
from groupware.audit_tables import audit_record
from groupware.backup.since import Line, Since, What, append, read
from groupware.backup.taking import Wanted
from groupware.off_boarding import off_board
from groupware.retention.worker import Worker
from groupware.service import Groupware
from groupware.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio
ACTS = select(audit_record.c.action, audit_record.c.resource, audit_record.c.detail).where(
    audit_record.c.kind == "backup"
)
POSTS = select(tables.post.c.token, tables.post.c.state).order_by(tables.post.c.id)
OUT = select(directory.official.c.login).where(directory.official.c.suspended).order_by(directory.official.c.login)
PEOPLE = select(directory.official.c.login, directory.official.c.id)


async def network(data: Path) -> Groupware:
    """With three posts."""
    groupware = Groupware(open_store(data, directory=data), DOMAIN)
    town = await groupware.store.run(build)
    caller = town.caller("dora")
    to = await groupware.recipient(caller, f"return@{DOMAIN}")
    for number in range(3):
        raw = message("dora", f"return@{DOMAIN}", f"Post {number}", f"canary-{number}", message_id=f"<{number}@c.test>")
        await groupware.submit(caller, raw, [to])
    for login in ("emil", "clara"):
        await groupware.store.run(lambda tx, login=login: suspend_official(tx, town.people[login]))
    return groupware


async def test_what_was_erased_and_taken_since_is_so_again(tmp_path: Path) -> None:
    groupware = await network(tmp_path / "data")
    settings = Settings(data=tmp_path / "restored")
    file = since_file(settings)
    since, worker = Since(groupware.store, file), Worker(groupware.store, "worker")
    tokens = [row.token for row in await groupware.store.read(lambda view: view.connection.execute(POSTS).all())]
    assert await worker.again(tokens[:1]) == 1
    await since.step()
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    ((action, identity, detail),) = await groupware.store.read(lambda view: view.connection.execute(ACTS).all())
    assert (action, '"sealed":""' in detail) == ("take", True)
    assert await worker.again([*tokens[:2], "no such"]) == 1
    people = await groupware.store.read(lambda view: dict(view.connection.execute(PEOPLE).all()))
    await groupware.store.run(lambda tx: off_board(tx, people["dora"]))
    await groupware.store.run(lambda tx: suspend_official(tx, people["anna"]))
    await groupware.store.run(lambda tx: suspend_official(tx, people["clara"], suspended=False))
    await since.step()
    await groupware.store.run(lambda tx: suspend_official(tx, people["anna"], suspended=False))
    await groupware.store.run(lambda tx: suspend_body(tx, 1))
    await since.step()
    told = read(file)
    await Since(groupware.store, file).step()
    assert read(file) == told
    await groupware.close()
    file.write_bytes(file.read_bytes() + b'{"what": "post-era')
    append(file, [Line(What.ROLE_ENDED, "dora moderator 1", told[-1].at)])

    said = " ".join([line.text async for line in restore(settings, tmp_path / "backup")])
    assert "1 posts are erased again" in said
    assert "dora is suspended: off-boarded since" in said
    assert "is suspended, as it was since" in said
    assert "anna" not in said
    assert "in force again: dora moderator 1" in said
    assert " 0 faults" in said
    back = Groupware(open_store(settings.data, directory=settings.data), DOMAIN)
    states = await back.store.read(lambda view: [row.state for row in view.connection.execute(POSTS)])
    assert states == ["withdrawn", "withdrawn", "published"]
    assert await back.store.read(lambda view: list(view.connection.scalars(OUT))) == ["clara", "dora", "emil"]
    acts = await back.store.read(lambda view: view.connection.execute(ACTS).all())
    assert [(row.action, row.resource) for row in acts] == [("restore", identity)]
    assert '"erased-again":1' in acts[0].detail
    await back.close()
    kept = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    assert [kept.count(f"canary-{number}".encode()) > 0 for number in range(3)] == [False, False, True]


async def test_a_restore_says_that_it_does_not_know(tmp_path: Path) -> None:
    groupware = await network(tmp_path / "data")
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    await groupware.close()
    said = [line.text async for line in restore(Settings(data=tmp_path / "restored"), tmp_path / "backup")]
    assert any("restored.since.jsonl isn't there: what was erased" in line for line in said)


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("", ""),
        ("postgresql+psycopg://host/name", "postgresql+psycopg://host/name"),
        ("postgresql+psycopg://me:geheim@h:5/n", "postgresql+psycopg://me@h:5/n"),
        ("postgresql://me@h/n?password=geheim&sslmode=require", "postgresql://me@h/n?sslmode=require"),
        ("postgresql:///n?host=/run/pg&sslpassword=geheim", "postgresql:///n?host=/run/pg&"),
    ],
)
def test_no_password_goes_into_a_backup(url: str, left: str) -> None:
    assert without_password(url) == left
