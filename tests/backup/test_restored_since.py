"""A restore erases again what was erased since the backup, and keeps out who was put out; both are on record."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from town import DOMAIN, build, message

from connectors.backup_questions import since_file, without_password
from connectors.restoring import restore
from connectors.settings import Audit, Secrecy, Settings
from directory import access, officials
from directory import tables as directory
from directory.access import Rule, Subject
from directory.access_tables import room_access
from directory.roles import Grant
from directory.tables import FOREVER
from groupware import clock, tables
from groupware.administering import grant, suspend_body, suspend_official
from groupware.audit.keeping import _give_away, given_away
from groupware.audit.keys import signing_key
from groupware.audit.note import Checkpoint, parse, sign
from groupware.audit_tables import audit_record
from groupware.backup.again import again
from groupware.backup.manifest import Manifest
from groupware.backup.since import Since
from groupware.backup.taking import Wanted
from groupware.backup.told import File, Line, Reader, What
from groupware.duties import places, revoking
from groupware.house_rules import HouseRules
from groupware.off_boarding import off_board
from groupware.retention.classes import DAY
from groupware.retention.worker import Worker
from groupware.service import Groupware
from groupware.store import open_store
from policies.vocabulary import Access, Door, Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio
ACTS = select(audit_record.c.action, audit_record.c.resource, audit_record.c.detail).where(
    audit_record.c.kind == "backup"
)
AGAIN = select(audit_record.c.kind, audit_record.c.resource).where(
    audit_record.c.action.in_(["grant-revoked", "end-again", "app-password-revoked"])
)
POSTS = select(tables.post.c.token, tables.post.c.state).order_by(tables.post.c.id)
OUT = select(directory.official.c.login).where(directory.official.c.suspended).order_by(directory.official.c.login)
LABELS = ("Lost telephone", "Office")
_secret = directory.app_password.c
WORKING = select(_secret.label, _secret.revoked == FOREVER).order_by(_secret.id)
PEOPLE = select(directory.official.c.login, directory.official.c.id)
ROOM = select(tables.room.c.id, tables.room.c.area).where(tables.room.c.code == "return")
_grant = directory.role_grant.c
BEGAN = select(_grant.valid_from).where(_grant.role == "contact-point")
GRANTED = select(room_access.c.granted)
STILL = select(_grant.role).where(_grant.valid_until == directory.FOREVER, _grant.role.in_(["contact-point", "deputy"]))
ANNA = select(_grant.id).where(
    _grant.official == select(directory.official.c.id).where(directory.official.c.login == "anna").scalar_subquery(),
    _grant.role == "reader",
    _grant.valid_from == 0,
)
SPEAKS = STILL.add_columns(directory.official.c.login).join(
    directory.official, directory.official.c.id == _grant.official
)
ENDED = select(_grant.id, _grant.ended_why).where(_grant.ended_why != "", _grant.access == 0)

NOTE = "iconet.test/log\n7\n{root}=\n\n"


async def network(data: Path, rules: HouseRules | None = None) -> Groupware:
    """With three posts."""
    groupware = Groupware(open_store(data, directory=data), DOMAIN, rules=rules)
    town = await groupware.store.run(build)
    caller = town.caller("dora")
    to = await groupware.recipient(caller, f"return@{DOMAIN}")
    for number in range(3):
        raw = message("dora", f"return@{DOMAIN}", f"Post {number}", f"canary-{number}", message_id=f"<{number}@c.test>")
        await groupware.submit(caller, raw, [to])
    for login in ("emil", "clara"):
        await groupware.store.run(lambda tx, login=login: suspend_official(tx, town.people[login]))
    return groupware


def given(tx: Tx, people: dict[str, int]) -> tuple[list[int], int]:
    """Bruno speaks for his body and otto deputises, by these grants; by this rule all of it reads in a room."""
    body = officials.get(tx.connection, people["bruno"]).body
    held = []
    for name, role in (("bruno", Role.CONTACT_POINT), ("otto", Role.DEPUTY)):
        held.append(grant(tx, Grant(people[name], role, body, reason="test")))
        places.take_place(tx, people[name], role)
    room = tx.connection.execute(ROOM).one()
    rule = Rule(room.id, room.area, Access.READER, Subject.BODY, body, granted=tx.now, reason="test")
    return held, access.add(tx.connection, rule)


@dataclass(frozen=True)
class Lived:
    """What a network wrote down, before and after its backup, and what was ended after it.

    The last line is of a grant of anna's that had the number of another one before a restore.
    """

    identity: str
    told: bytes
    held: list[int]
    rule: int


async def lived(tmp_path: Path, file: Path) -> Lived:
    groupware, key = await network(tmp_path / "data"), signing_key(tmp_path / "data")
    since, worker = Since(groupware.store, file, DOMAIN, key), Worker(groupware.store, "worker")
    tokens = [row.token for row in await groupware.store.read(lambda view: view.connection.execute(POSTS).all())]
    people = await groupware.store.read(lambda view: dict(view.connection.execute(PEOPLE).all()))
    held, rule = await groupware.store.run(lambda tx: given(tx, people))
    anna = await groupware.somebody("anna")
    for label in LABELS:
        await groupware.identity.make_app_password(anna, label, [Door.IMAP])
    assert await worker.again(tokens[:1]) == 1
    await since.step()
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    ((action, identity, detail),) = await groupware.store.read(lambda view: view.connection.execute(ACTS).all())
    assert (action, '"sealed":""' in detail) == ("take", True)
    assert await worker.again([*tokens[:2], "no such"]) == 1
    await groupware.store.run(lambda tx: off_board(tx, people["dora"]))
    await groupware.store.run(lambda tx: suspend_official(tx, people["anna"]))
    await groupware.store.run(lambda tx: suspend_official(tx, people["clara"], suspended=False))
    await since.step()
    await groupware.store.run(lambda tx: suspend_official(tx, people["anna"], suspended=False))
    await groupware.store.run(lambda tx: suspend_body(tx, 1))
    for number in reversed(held):
        await groupware.store.run(lambda tx, number=number: revoking.end_again(tx, number, "no more"))
    await groupware.areas.end_access(None, "return", rule)
    lost = (await groupware.identity.app_passwords(anna))[0][0]
    await groupware.identity.revoke_app_password(anna, lost.id)
    await since.step()
    told = octets(file)
    await Since(groupware.store, file, DOMAIN, key).step()
    assert octets(file) == told
    number = await groupware.store.read(lambda view: view.connection.scalar(ANNA))
    another = File(file, DOMAIN, key)
    assert another.append([Line(What.ROLE_ENDED, f"anna reader {number} 1", clock.now())])
    await groupware.close()
    return Lived(identity, octets(file), held, rule)


def octets(file: Path) -> bytes:
    return file.read_bytes()


async def test_what_was_erased_and_taken_since_is_so_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "restored")
    file = since_file(settings)
    was = await lived(tmp_path, file)
    lines = was.told.splitlines(keepends=True)
    file.write_bytes(b"".join([*lines, lines[0], b'{"what": "post-era']))

    told = [line async for line in restore(settings, tmp_path / "backup")]
    again = f"{file}: line {len(lines) + 1}: number 1 again, or out of its place"
    assert [line.text for line in told if line.wrong] == [again]
    said = " ".join(line.text for line in told)
    assert "its last line is cut short" in said
    assert "1 posts are erased again" in said
    assert "dora is suspended: off-boarded since" in said
    assert "iconet people resume dora lets them in again" in said
    assert "is suspended, as it was since; iconet body resume aa" in said
    assert said.count("anna") == said.count("app password 1 of anna") == 1
    assert f"role bruno contact-point {was.held[0]} is ended again" in said
    assert f"role otto deputy {was.held[1]} is ended again" in said
    assert "role dora moderator" in said
    assert f"access return reader {was.rule} is ended again" in said
    assert "app password 2" not in said
    assert " 0 faults" in said
    back = Groupware(open_store(settings.data, directory=settings.data), DOMAIN)
    states = await back.store.read(lambda view: [row.state for row in view.connection.execute(POSTS)])
    assert states == ["withdrawn", "withdrawn", "published"]
    assert await back.store.read(lambda view: list(view.connection.scalars(OUT))) == ["clara", "dora", "emil"]
    await ended_again(back, was)
    await back.close()
    stored = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    assert [stored.count(f"canary-{number}".encode()) > 0 for number in range(3)] == [False, False, True]


async def ended_again(back: Groupware, was: Lived) -> None:
    """With the reason, and each on the log, which is sealed; nobody follows a contact point who was one no more."""
    ended = await back.store.read(lambda view: view.connection.execute(ENDED).all())
    assert {row.id for row in ended} > set(was.held)
    assert all(row.ended_why.startswith("ended again: it had ended when the backup of") for row in ended)
    assert not await back.store.read(lambda view: list(view.connection.scalars(STILL)))
    assert await back.store.read(lambda view: access.get(view.connection, was.rule).ended)
    ((action, identity, detail),) = await back.store.read(lambda view: view.connection.execute(ACTS).all())
    assert (action, identity) == ("restore", was.identity)
    counts = json.loads(detail)
    counted = len(ended) + 2
    assert (counts["erased-again"], counts["ended-again"], counts["lines-refused"]) == (1, counted, 1)
    works = await back.store.read(lambda view: list(view.connection.execute(WORKING).all()))
    assert works == [(label, label == LABELS[1]) for label in LABELS]
    on_record = {(*row,) for row in await back.store.read(lambda view: view.connection.execute(AGAIN).all())}
    grants = {("grant", str(row.id)) for row in ended}
    assert {("access-rule", str(was.rule)), ("app-password", "1"), *grants} == on_record
    verified = await back.audit.verify()
    assert (verified.waiting, verified.wrong) == (0, ())


async def test_a_restore_says_that_it_does_not_know_and_another_installation_tells_it_nothing(tmp_path: Path) -> None:
    """Those of the same login there aren't the same people."""
    groupware = await network(tmp_path / "data")
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    await groupware.close()
    settings = Settings(data=tmp_path / "restored")
    said = [line async for line in restore(settings, tmp_path / "backup")]
    assert any("restored.since.jsonl isn't there, or says nothing of this network" in line.text for line in said)
    assert not any(line.wrong for line in said)
    settings = Settings(data=tmp_path / "again")
    for network_of, key in (("elsewhere.test", tmp_path / "data"), (DOMAIN, tmp_path)):
        file = File(since_file(settings), network_of, signing_key(key))
        assert file.append([Line(What.LEFT, "dora", clock.now() + DAY)])
    said = [line async for line in restore(settings, tmp_path / "backup")]
    assert not any("dora" in line.text for line in said)
    assert any("says nothing of this network" in line.text for line in said)
    assert [line.text.rpartition("jsonl: ")[2] for line in said if line.wrong] == [
        "line 1: of the network 'elsewhere.test'",
        "line 2: altered, or signed by another installation",
    ]


@asynccontextmanager
async def remembered(groupware: Groupware, file: Path) -> AsyncIterator[None]:
    """What there is to say is in the file, as while a server runs."""
    task = asyncio.create_task(groupware.backups.remember(file))
    async with asyncio.timeout(30):
        while not groupware.backups.head():  # noqa: ASYNC110 -- nobody tells of it
            await asyncio.sleep(0.01)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_restore_that_gives_up_a_log_is_on_it_and_its_checkpoints_are_explained(tmp_path: Path) -> None:
    """They lie elsewhere, and are all that shows what there was; the operator is told what to do about them."""
    notes = tmp_path / "elsewhere"
    rules = HouseRules(checkpoints=notes)
    settings = Settings(data=tmp_path / "restored", audit=Audit(checkpoints=str(notes)))
    groupware = await network(tmp_path / "data", rules)
    await groupware.audit.seal()
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    async with remembered(groupware, since_file(settings)):
        await groupware.audit.seal()
    (early, lost) = sorted(notes.glob("*.note"))
    await groupware.close()
    (notes / "0.note").write_text("nobody's\n")
    since_file(settings).write_bytes(b"")
    said = [line async for line in restore(settings, tmp_path / "backup")]
    mark = parse(lost.read_text())
    signed = f"a checkpoint of {mark.size} records was signed when number 1 was the last one"
    assert [line.text for line in said if line.wrong] == [
        f"{since_file(settings)}: {signed}, and now the last one is 0: lines may be missing",
        "a checkpoint in audit.checkpoints: 0.note: a checkpoint has three lines: origin, size and root",
    ]
    (notes / "0.note").unlink()
    back = Groupware(open_store(settings.data, directory=settings.data), DOMAIN, rules=rules)
    ((_, identity, detail),) = await back.store.read(lambda view: view.connection.execute(ACTS).all())
    known = json.loads(detail)
    assert (known["newest-checkpoint"], known["lost-checkpoints"]) == (mark.size, f"{mark.size}:{mark.root[:16].hex()}")
    assert known["sealed-records"] == parse(early.read_text()).size
    verified = await back.audit.verify()
    ((wrong,), wholly) = verified.lost, verified.wrong
    assert wholly == ()
    assert f"backup {identity[:16]} was restored here on " in wrong.why
    assert f"{lost.name} is of what was lost by that: if you know of this restore, keep it elsewhere" in wrong.why
    assert len(list(notes.glob("*.note"))) == 3
    lost.rename(tmp_path / lost.name)
    assert (await back.audit.verify()).lost == ()
    (again,) = (await back.audit.verify([(tmp_path / lost.name).read_text()])).lost
    assert "checkpoint 1 of those given is of what was lost by that" in again.why
    late = sign(Checkpoint(mark.origin, mark.size + 1, mark.root), signing_key(settings.data))
    (unknown,) = (await back.audit.verify([late])).wrong
    assert f"the log ends here, and had {mark.size + 1} records when a checkpoint was signed" in unknown.why
    await back.close()


def test_of_one_size_there_may_be_two_checkpoints(tmp_path: Path) -> None:
    """The one of what was lost stays."""
    for root in "ABA":
        _give_away(tmp_path, NOTE.format(root=root * 43))
    assert {text for _, text in given_away(tmp_path)} == {NOTE.format(root="A" * 43), NOTE.format(root="B" * 43)}


async def test_whom_an_older_backup_does_not_know_stays_out_of_a_newer_one(store: Store, tmp_path: Path) -> None:
    """Only who is there, and isn't suspended, is in force again; also who was let in while nobody wrote it down."""
    town = await store.run(build)
    path, key = tmp_path / "since.jsonl", signing_key(tmp_path)
    file = File(path, DOMAIN, key)
    assert file.append([Line(What.LEFT, name, 1) for name in ("nobody", "anna")])
    assert file.append([Line(What.BODY_SUSPENDED, name, 1) for name in ("xx", "aa")])
    since = Since(store, path, DOMAIN, key)
    await since.step()
    await store.run(lambda tx: suspend_official(tx, town.people["emil"]))
    await since.step()
    file.look()
    assert [(line.what, line.name) for line in file.reader.lines[4:]] == [
        (What.BACK, "anna"),
        (What.BODY_BACK, "aa"),
        (What.SUSPENDED, "emil"),
    ]


async def test_what_had_ended_ends_again_once_and_another_with_its_number_stays(store: Store, tmp_path: Path) -> None:
    """Of a contact point that goes, the deputy who is left follows as ever."""
    town = await store.run(build)
    held, rule = await store.run(lambda tx: given(tx, town.people))
    began, granted = await store.read(lambda view: (view.connection.scalar(BEGAN), view.connection.scalar(GRANTED)))
    said = [
        Line(What.ROLE_ENDED, f"otto contact-point {held[0]} {began}", FOREVER),
        Line(What.ROLE_ENDED, f"bruno contact-point {held[1]} {began}", FOREVER),
        Line(What.ROLE_ENDED, f"bruno contact-point {held[0]} {began}", FOREVER),
        Line(What.RULE_ENDED, f"return poster {rule} {granted}", FOREVER),
        Line(What.RULE_ENDED, f"return reader {rule} {granted}", FOREVER),
    ]
    assert File(tmp_path / "since.jsonl", DOMAIN, signing_key(tmp_path)).append(said)
    reader = Reader(DOMAIN, signing_key(tmp_path).public_key())
    reader.feed(octets(tmp_path / "since.jsonl"))
    backup = Manifest(DOMAIN, "2026-11-22T09:00:00+00:00", "", "sqlite", "", "", (), ())
    done = await again(store, backup, reader, [])
    assert (done.roles, done.rules) == ((f"bruno contact-point {held[0]}",), (f"return reader {rule}",))
    assert await store.read(lambda view: view.connection.execute(SPEAKS).all()) == [("contact-point", "otto")]
    done = await again(store, backup, reader, [])
    assert (done.roles, done.rules) == ((), ())


async def test_a_file_that_somebody_changed_or_took_away_is_written_anew_from_the_rows(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    town = await store.run(build)
    path, key = tmp_path / "since.jsonl", signing_key(tmp_path)
    since = Since(store, path, DOMAIN, key)
    await store.run(lambda tx: suspend_official(tx, town.people["emil"]))
    await since.step()
    path.write_bytes(b"forged\n")
    await store.run(lambda tx: suspend_official(tx, town.people["otto"]))
    assert await since.step()
    assert "isn't what it was" in caplog.text
    await since.step()
    assert "1 times it isn't believed, first line 1: not a line that ICONet has written" in caplog.text
    file = File(path, DOMAIN, key)
    file.look()
    assert {(line.what, line.name) for line in file.reader.lines} == {
        (What.SUSPENDED, "emil"),
        (What.SUSPENDED, "otto"),
    }


def test_the_file_lies_where_no_backup_and_no_lost_disk_takes_it_along(tmp_path: Path) -> None:
    data = tmp_path / "data"
    inside = Settings(data=data, audit=Audit(checkpoints=str(data / "checkpoints")))
    assert since_file(inside) == tmp_path / "data.since.jsonl"
    assert since_file(replace(inside, secrecy=Secrecy(keys=str(tmp_path / "keys")))).parent == tmp_path / "keys"
    assert since_file(replace(inside, audit=Audit(checkpoints=str(tmp_path / "out")))).parent == tmp_path / "out"


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
