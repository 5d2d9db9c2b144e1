"""What is wrong with a backup is named, and refused whole; what fails half way leaves nothing that looks whole."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from town import DOMAIN, build, message

from connectors.fault import Fault
from connectors.restoring import restore
from connectors.settings import Secrecy, Settings
from groupware import clock
from groupware.backup.manifest import BadBackupError
from groupware.backup.taking import Wanted
from groupware.house_rules import KeyRules
from groupware.sealing.seals import month
from groupware.secrecy.opening import seals_for
from groupware.service import Groupware
from groupware.store import Conditions, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio
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
    folder = groupware.secrecy.folder
    folder.make("backup-2020-01")
    assert groupware.secrecy.expire() == ["backup-2020-01"]
    folder.destroy(f"backup-{month(clock.now())}")
    await refused(source, tmp_path / "third", "was destroyed: this backup can be read no more")


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
