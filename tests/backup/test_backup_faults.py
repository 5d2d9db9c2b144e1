"""What is wrong with a backup is named, and refused whole; what fails half way leaves nothing that looks whole."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import resource
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, select
from town import DOMAIN, build, message

from connectors.fault import Fault
from connectors.restoring import restore
from connectors.settings import Secrecy, Settings
from directory import tables as directory
from groupware import clock, tables
from groupware.audit.keys import signing_key
from groupware.backup.manifest import BadBackupError
from groupware.backup.postgres_copy import dsn
from groupware.backup.taking import Wanted, held
from groupware.backup.told import File, Line, What
from groupware.caller import Caller
from groupware.house_rules import KeyRules
from groupware.moderation import Word
from groupware.sealing.seals import month
from groupware.secrecy.opening import seals_for
from groupware.service import Groupware
from groupware.store import Conditions, open_store
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio
PEOPLE = select(directory.official.c.login, directory.official.c.id)
REFUSED = select(tables.post.c.token).where(tables.post.c.state == "refused")
LARGE = "\r\n".join(["a line of a large message"] * 12_000)


@pytest.fixture
async def groupware(tmp_path: Path) -> AsyncIterator[Groupware]:
    """With a post in a row, one in a file, and secrecy at rest."""
    data = tmp_path / "data"
    seals = seals_for(KeyRules(tmp_path / "keys", sealing=True), data)
    made = Groupware(open_store(data, directory=data, conditions=Conditions(seals=seals)), DOMAIN)
    town = await made.store.run(build)
    caller = town.caller("dora")
    for number, text in ((1, "small"), (2, LARGE)):
        to = await made.recipient(caller, f"return@{DOMAIN}")
        raw = message("dora", f"return@{DOMAIN}", f"Post {number}", text, message_id=f"<{number}@client.test>")
        await made.submit(caller, raw, [to])
    yield made
    await made.close()


async def back(source: Path, data: Path, keys: str = "keys") -> list[str]:
    settings = Settings(data=data, secrecy=Secrecy(keys=str(data.parent / keys)))
    return [said.text async for said in restore(settings, source)]


def left_of(data: Path) -> list[Path]:
    """What a refused restore left."""
    return [path for path in (data, data.with_name(f"{data.name}.restoring")) if path.exists()]


async def refused(source: Path, data: Path, why: str, keys: str = "keys") -> None:
    """Nothing is written."""
    with pytest.raises(Fault, match=why):
        await back(source, data, keys)
    assert not left_of(data)


async def test_what_is_wrong_is_named_and_refused(groupware: Groupware, tmp_path: Path) -> None:
    source, data = tmp_path / "backup", tmp_path / "restored"
    async for _ in groupware.backups.take(source, Wanted(elsewhere=("/nowhere/terms.txt",))):
        pass
    with pytest.raises(BadBackupError, match="not an empty folder"):
        async for _ in groupware.backups.take(source, Wanted()):
            pass
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.name != "manifest.sha256":
            whole = path.read_bytes()
            middle = len(whole) // 2
            path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
            await refused(source, data, f"{path}: its bytes were changed")
            path.unlink()
            await refused(source, data, f"{path}")
            path.write_bytes(whole)
    (source / "more").write_bytes(b"")
    await refused(source, data, "more: the manifest doesn't name it")
    (source / "more").unlink()
    await refused(source, data, f"key of period backup-{month(clock.now())}", keys="other")

    data.mkdir()
    said = await back(source, data)
    assert "missing: /nowhere/terms.txt" in " ".join(said)
    assert "0 faults" in " ".join(said)
    with pytest.raises(Fault, match="not an empty directory"):
        await back(source, data)
    there = source.rename(tmp_path / "third.restoring")
    with pytest.raises(Fault, match="give the backup another name"):
        await back(there, tmp_path / "third")
    source = there.rename(source)
    folder = groupware.secrecy.folder
    folder.make("backup-2020-01")
    assert groupware.secrecy.expire(clock.now()) == ["backup-2020-01"]
    folder.destroy(f"backup-{month(clock.now())}")
    await refused(source, tmp_path / "third", "was destroyed: this backup can be read no more")


async def test_a_lost_key_of_notices_does_not_stop_a_restore(groupware: Groupware, tmp_path: Path) -> None:
    """Why a post was refused stands in a notice; the post was erased since."""
    people = await groupware.store.read(lambda snapshot: dict(snapshot.connection.execute(PEOPLE).all()))
    bruno, dora = (
        Caller(people[name], name, f"{name}@{DOMAIN}", name.title(), Door.SUBMISSION) for name in ("bruno", "dora")
    )
    raw = message("bruno", f"return@{DOMAIN}", "Draft", "text", message_id="<no@x>")
    await groupware.submit(bruno, raw, [await groupware.recipient(bruno, f"return@{DOMAIN}")])
    (draft,) = await groupware.held(dora)
    await groupware.decide(dora, draft.id, Word.REFUSE, "because of this")
    while any([await follower.step() for follower in groupware.followers()]):
        pass
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    token = await groupware.store.read(lambda snapshot: snapshot.connection.scalar(REFUSED))
    since = File(tmp_path / "keys" / "since.jsonl", DOMAIN, signing_key(tmp_path / "data"))
    assert since.append([Line(What.ERASED, token, clock.now())])
    (tmp_path / "keys" / "0000-00.key").unlink()
    said = " ".join(await back(tmp_path / "backup", tmp_path / "restored"))
    assert "1 posts are erased again" in said
    assert "the key of period 0000-00 can't be read" in said


async def test_a_full_disk_leaves_nothing(groupware: Groupware, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the database's copy doesn't fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(OSError, match="database"):
            async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
                pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "backup").exists()
    assert not list((tmp_path / "data").glob("*.part"))
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    assert "0 faults" in " ".join(await back(tmp_path / "backup", tmp_path / "restored"))


async def test_a_manifest_that_leads_elsewhere_is_refused(groupware: Groupware, tmp_path: Path) -> None:
    """Whoever can write into a backup can make its manifest agree with itself."""
    source, data, outside = tmp_path / "backup", tmp_path / "restored", tmp_path / "outside"
    async for _ in groupware.backups.take(source, Wanted()):
        pass
    whole, key = (source / "manifest.json").read_bytes(), source / "data" / "server.key"

    def say(octets: bytes) -> None:
        (source / "manifest.json").write_bytes(octets)
        (source / "manifest.sha256").write_text(hashlib.sha256(octets).hexdigest())

    for path in (f"data/{outside}", "data/./server.key", "data/../x", f"{outside}", "/dev/zero", ""):
        table = json.loads(whole)
        same = next(entry for entry in table["files"] if entry["path"] == "data/server.key")
        say(json.dumps({**table, "files": [*table["files"], {**same, "path": path}]}).encode())
        await refused(source, data, "not a path inside of a backup")
    assert not outside.exists()
    for text in (b"{", b"[]", b'{"version": 1}', b'{"version": 1, "files": [1]}', b"\xff"):
        say(text)
        await refused(source, data, "no manifest")
    say(json.dumps({**json.loads(whole), "version": 2}).encode())
    await refused(source, data, "another version of backups")
    say(whole)
    key.rename(outside)
    key.symlink_to(outside)
    await refused(source, data, f"{key}: not a file of the backup's own")
    key.unlink()
    os.mkfifo(key)
    await refused(source, data, f"{key}: not a file of the backup's own")


async def test_what_is_broken_off_leaves_nothing_and_two_do_not_share_a_folder(
    groupware: Groupware, tmp_path: Path
) -> None:
    target, data = tmp_path / "backup", tmp_path / "data"
    for number in range(400):
        (data / f"file-{number}").write_bytes(b"something")
    taking = groupware.backups.take(target, Wanted())
    while "files" not in await anext(taking):
        pass
    with pytest.raises(BadBackupError, match="not an empty folder"):
        await anext(groupware.backups.take(target, Wanted()))
    went_on = asyncio.ensure_future(anext(taking))
    for _ in range(3):
        await asyncio.sleep(0)
    went_on.cancel()
    with pytest.raises(asyncio.CancelledError):
        await went_on
    assert not target.exists()
    assert not list(data.glob("*.part"))


async def test_leavings_of_a_killed_backup_go_and_folders_behind_links_are_in_it(
    groupware: Groupware, tmp_path: Path
) -> None:
    """A large post's file lies on another disk."""
    data, elsewhere = tmp_path / "data", tmp_path / "another-disk"
    left, busy = data / "backup-0badcafe.part", data / "backup-feedcafe.part"
    for folder in (left, busy):
        folder.mkdir()
        (folder / "database").write_bytes(b"everything")
    with held(busy):
        groupware.backups.clear()
    assert (left.exists(), busy.exists()) == (False, True)
    (data / "content").rename(elsewhere)
    (data / "content").symlink_to(elsewhere)
    async for _ in groupware.backups.take(tmp_path / "backup", Wanted()):
        pass
    assert "0 faults" in " ".join(await back(tmp_path / "backup", tmp_path / "restored"))
    (elsewhere / "round").symlink_to(data)
    with pytest.raises(BadBackupError, match="leads to a folder that is in the backup already"):
        async for _ in groupware.backups.take(tmp_path / "second", Wanted()):
            pass
    assert not (tmp_path / "second").exists()


async def test_the_key_of_a_backup_goes_only_by_a_clock_that_is_believed(groupware: Groupware) -> None:
    """As with the dates of posts: what a clock says that leapt ahead ends nothing that can't be brought back."""
    groupware.secrecy.folder.make("backup-2020-01")
    await groupware.secrecy.tend()
    assert "backup-2020-01" in groupware.secrecy.folder.names()
    await groupware.retention.erase()
    await groupware.secrecy.tend()
    assert "backup-2020-01" in groupware.secrecy.folder.destroyed()


async def test_no_password_is_among_a_programs_words() -> None:
    assert dsn(make_url("postgresql://me:se%40cret@db.test:5433/net?sslmode=require")) == (
        "postgresql://me@db.test:5433/net?sslmode=require"
    )
