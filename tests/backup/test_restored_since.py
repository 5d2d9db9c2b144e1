"""A restore erases again what was erased since the backup, and keeps out who was put out; both are on record."""

from __future__ import annotations

import resource
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from town import DOMAIN, build, message

from connectors.backup_questions import since_file, without_password
from connectors.restoring import restore
from connectors.settings import Audit, Secrecy, Settings
from directory import tables as directory
from groupware import clock, tables
from groupware.administering import suspend_body, suspend_official
from groupware.audit.keeping import _give_away, given_away
from groupware.audit_tables import audit_record
from groupware.backup.since import Line, Since, What, after, append, read
from groupware.backup.taking import Wanted
from groupware.off_boarding import off_board
from groupware.retention.classes import DAY
from groupware.retention.worker import Worker
from groupware.service import Groupware
from groupware.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from groupware.store import Store

pytestmark = pytest.mark.anyio
ACTS = select(audit_record.c.action, audit_record.c.resource, audit_record.c.detail).where(
    audit_record.c.kind == "backup"
)
POSTS = select(tables.post.c.token, tables.post.c.state).order_by(tables.post.c.id)
OUT = select(directory.official.c.login).where(directory.official.c.suspended).order_by(directory.official.c.login)
PEOPLE = select(directory.official.c.login, directory.official.c.id)

NOTE = "iconet.test/log\n7\n{root}=\n\n"


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
    since, worker = Since(groupware.store, file, DOMAIN), Worker(groupware.store, "worker")
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
    told = read(file, DOMAIN)
    await Since(groupware.store, file, DOMAIN).step()
    assert read(file, DOMAIN) == told
    await groupware.close()
    file.write_bytes(file.read_bytes() + b'{"what": "post-era')
    append(file, DOMAIN, [Line(What.ROLE_ENDED, "dora moderator 1", told[-1].at)])

    said = " ".join([line.text async for line in restore(settings, tmp_path / "backup")])
    assert "1 posts are erased again" in said
    assert "dora is suspended: off-boarded since" in said
    assert "iconet people resume dora lets them in again" in said
    assert "is suspended, as it was since; iconet body resume aa" in said
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
    assert any("restored.since.jsonl isn't there, or says nothing of this network" in line for line in said)


async def test_another_network_s_officials_stay_where_they_are(tmp_path: Path) -> None:
    """Those of the same login here aren't they."""
    groupware = await network(tmp_path / "data")
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    await groupware.close()
    settings = Settings(data=tmp_path / "restored")
    append(since_file(settings), "elsewhere.test", [Line(What.LEFT, "dora", clock.now() + DAY)])
    said = [line.text async for line in restore(settings, tmp_path / "backup")]
    assert not any("dora" in line for line in said)
    assert any("says nothing of this network" in line for line in said)


async def test_checkpoints_of_what_a_restore_lost_stay_and_one_of_no_log_stops_nothing(tmp_path: Path) -> None:
    """They lie elsewhere, and are all that shows what there was."""
    notes = tmp_path / "elsewhere"
    settings = Settings(data=tmp_path / "restored", audit=Audit(checkpoints=str(notes)))
    groupware = await network(tmp_path / "data")
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    await groupware.close()
    notes.mkdir()
    (notes / "0.note").write_text("nobody's\n")
    said = [line async for line in restore(settings, tmp_path / "backup")]
    assert [line.text for line in said if line.wrong] == [
        "a checkpoint in audit.checkpoints: a checkpoint has three lines: origin, size and root"
    ]
    _give_away(notes, NOTE.format(root="A" * 43))
    _give_away(notes, NOTE.format(root="B" * 43))
    _give_away(notes, NOTE.format(root="A" * 43))
    kept = dict(given_away(notes))
    assert len(kept) == 3
    assert {NOTE.format(root="A" * 43), NOTE.format(root="B" * 43)} < set(kept.values())


async def test_whom_an_older_backup_does_not_know_stays_out_of_a_newer_one(store: Store, tmp_path: Path) -> None:
    """Only who is there, and isn't suspended, is in force again."""
    town = await store.run(build)
    file = tmp_path / "since.jsonl"
    append(file, DOMAIN, [Line(What.LEFT, name, 1) for name in ("nobody", "anna")])
    append(file, DOMAIN, [Line(What.BODY_SUSPENDED, name, 1) for name in ("xx", "aa")])
    since = Since(store, file, DOMAIN)
    await since.step()
    await store.run(lambda tx: suspend_official(tx, town.people["emil"]))
    await since.step()
    assert [(line.what, line.name) for line in read(file, DOMAIN)[4:]] == [
        (What.SUSPENDED, "emil"),
        (What.BACK, "anna"),
        (What.BODY_BACK, "aa"),
    ]


def test_the_file_lies_where_no_backup_and_no_lost_disk_takes_it_along(tmp_path: Path) -> None:
    data = tmp_path / "data"
    inside = Settings(data=data, audit=Audit(checkpoints=str(data / "checkpoints")))
    assert since_file(inside) == tmp_path / "data.since.jsonl"
    assert since_file(replace(inside, secrecy=Secrecy(keys=str(tmp_path / "keys")))).parent == tmp_path / "keys"
    assert since_file(replace(inside, audit=Audit(checkpoints=str(tmp_path / "out")))).parent == tmp_path / "out"


def test_a_clock_that_was_set_back_loses_nothing() -> None:
    """A minute after the backup it was an hour earlier."""
    hour, moment = DAY // 24, 100 * DAY
    lines = [
        Line(what, "one", moment - hour) for what in (What.ERASED, What.LEFT, What.BODY_SUSPENDED, What.ROLE_ENDED)
    ]
    assert after(lines, moment) == lines[:3]
    assert after([Line(What.ERASED, "long ago", moment - 2 * DAY)], moment) == []


DAMAGED = (
    b'{"network": "iconet.test", "what": "suspended", "name": "a", "at": Infinity}',
    b'{"network": "iconet.test", "what": "suspended", "name": "a\\u0000", "at": 1}',
    b'{"network": "iconet.test", "what": "suspended", "name": "\\ud800", "at": 1}',
    b'{"what": "suspended", "name": "a", "at": 1}',
    b"[" * 100_000,
    b"\xff\xfe\x00",
)


@pytest.mark.parametrize("line", DAMAGED, ids=["endless", "null", "surrogate", "nobody's", "deep", "no text"])
def test_a_damaged_line_is_passed_over(tmp_path: Path, line: bytes) -> None:
    file, good = tmp_path / "since.jsonl", Line(What.SUSPENDED, "anna", 1)
    append(file, DOMAIN, [good])
    with file.open("ab") as writing:
        writing.write(line)
    append(file, DOMAIN, [good])
    assert read(file, DOMAIN) == [good, good]


def test_what_a_full_disk_takes_a_part_of_is_not_taken_for_written(tmp_path: Path) -> None:
    file, line = tmp_path / "since.jsonl", Line(What.SUSPENDED, "anna", 1)
    append(file, DOMAIN, [line])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 10, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            append(file, DOMAIN, [line])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    append(file, DOMAIN, [line])
    assert read(file, DOMAIN) == [line, line]


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
