"""A restore, step by step: verify, unpack beside the data directory, make and check, then take the directory's name."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import backup_questions
from connectors.backup_questions import HOMESERVER, since_file
from connectors.fault import Fault
from connectors.house import opened
from groupware.audit.note import BadNoteError
from groupware.backup import restoring
from groupware.backup.manifest import BadBackupError, sync
from groupware.backup.owned import files_of
from groupware.backup.putting_back import put_back, take_out
from groupware.backup.taking import HOMESERVER as THEIRS
from groupware.backup.taking import OURS, TEXTS
from groupware.checking import Fault as Wrong

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connectors.house import House
    from connectors.settings import Settings
    from groupware.backup.again import Done
    from groupware.backup.manifest import Manifest

_UNKNOWN = "isn't there, or says nothing of this network: what was erased or taken away since"


@dataclass(frozen=True, slots=True)
class Said:
    """A line about the restore; `wrong` if it names something that isn't as it must be."""

    text: str
    wrong: bool = False


async def restore(settings: Settings, source: Path) -> AsyncIterator[Said]:
    """Restore what lies in `source` to where the settings say. Raises Fault; then the data directory is as it was."""
    data = settings.data.resolve()
    stage = data.with_name(f"{data.name}.restoring")
    _require_empty(data, source, stage)
    shutil.rmtree(stage, ignore_errors=True)
    try:
        found = await asyncio.to_thread(restoring.verified, source)
        _require_same_kind(settings, found)
        yield Said(f"{len(found.files)} files of {found.domain}, taken {found.made}, are whole")
        file = since_file(settings)
        octets = await asyncio.to_thread(_octets, file)
        async for said in _unpacked(settings, source, found, stage):
            yield said
        async with opened(replace(settings, data=stage)) as house:
            async for said in _made_again(house):
                yield said
            async for said in _done_again(house, found, file, octets):
                yield said
            async for said in _checked(house):
                yield said
            await house.groupware.audit.seal()
        _take_place(stage, data)
    except BadBackupError as error:
        raise Fault(str(error)) from error
    except OSError as error:
        raise Fault(f"{error.filename or data}: {error.strerror or error}; nothing was restored") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    for path in await asyncio.to_thread(_missing, found):
        yield Said(f"missing: {path}, which the settings named and no backup holds")
    yield Said(f"restored into {settings.data}; the settings it had are in settings.toml there")


async def _unpacked(settings: Settings, source: Path, found: Manifest, stage: Path) -> AsyncIterator[Said]:
    keys = Path(settings.secrecy.keys) if settings.secrecy.keys else None
    opener = await asyncio.to_thread(restoring.opener, found, keys)
    for line in await asyncio.to_thread(restoring.unpack, source, found, opener, stage, HOMESERVER):
        yield Said(line)
    for url, name in ((settings.store, OURS), (settings.matrix.store, THEIRS)):
        if url and (stage / name).is_dir():
            from groupware.backup import postgres_copy  # noqa: PLC0415 -- a library that SQLite needs not

            await asyncio.to_thread(postgres_copy.require_empty, url)
            await asyncio.to_thread(postgres_copy.restore, url, stage / name)
            await asyncio.to_thread(shutil.rmtree, stage / name)
    if any(entry.path.startswith(f"{TEXTS}/") for entry in found.files):
        number = await asyncio.to_thread(put_back, settings.matrix.store or stage / HOMESERVER, stage / TEXTS)
        yield Said(f"{number} texts put back into the homeserver's copy")
    yield Said("unpacked")


async def _done_again(house: House, found: Manifest, file: Path, octets: bytes) -> AsyncIterator[Said]:
    """What the backup can't know, as far as the file can be believed. Raises OSError."""
    outside = await asyncio.to_thread(house.groupware.audit.outside)
    since = house.groupware.backups.told(octets, outside)
    if not since.lines:
        yield Said(f"{file} {_UNKNOWN} {found.made} is back, and isn't known")
    if since.end < len(octets):
        yield Said(f"{file}: its last line is cut short, as by a crash, and passed over")
    for why in since.wrong:
        yield Said(f"{file}: {why}", wrong=True)
    done = await house.groupware.backups.again(found, since, outside)
    async for said in _erased_again(house, found, done):
        yield said


async def _erased_again(house: House, found: Manifest, done: Done) -> AsyncIterator[Said]:
    where = backup_questions.homeserver(house.settings)
    if where is not None:
        await asyncio.to_thread(take_out, where, done.events, done.media)
    for name in done.media:
        for each in files_of(house.settings.data, name):
            await asyncio.to_thread(_remove, each)
    yield Said(f"{done.erased} posts are erased again that were erased since {found.made}")
    for line in done.suspended:
        yield Said(f"{line.name} is suspended: {line.what} since; iconet people resume {line.name} lets them in again")
    for code in done.bodies:
        yield Said(f"body {code} is suspended, as it was since; iconet body resume {code} lets it in again")
    for name in done.roles:
        yield Said(f"role {name} is ended again, as it had ended since")
    for name in done.rules:
        yield Said(f"access {name} is ended again, as it had ended since")
    for name in done.secrets:
        yield Said(f"app password {name} is revoked again, as it was since")
    yield Said(f"all other rights are those of {found.made}: look through what was given and changed since")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


async def _made_again(house: House) -> AsyncIterator[Said]:
    """What was left out, and what the key folder knows."""
    subjects, gone = await house.groupware.backups.rebuild()
    yield Said(f"{subjects} subjects read again; words are indexed when the server runs")
    if gone:
        yield Said(f"{gone} posts are withdrawn: the keys of their periods were destroyed")


async def _checked(house: House) -> AsyncIterator[Said]:
    """Look whether all fits together."""
    faults = [found.text async for found in house.groupware.check() if isinstance(found, Wrong)]
    for text in faults:
        yield Said(text, wrong=True)
    yield Said(f"{len(faults)} faults")
    try:
        log = await house.groupware.audit.verify()
    except BadNoteError as error:
        yield Said(f"a checkpoint in audit.checkpoints: {error}", wrong=True)
        return
    for each in log.wrong:
        yield Said(f"record {each.record}: {each.why}", wrong=True)
    for each in log.lost:
        yield Said(f"record {each.record}: {each.why}")
    yield Said(f"{log.sealed} records of the log are sealed, {len(log.wrong)} wrong")


def _require_empty(data: Path, source: Path, stage: Path) -> None:
    """And the backup isn't where a restore unpacks, which begins by removing what is there."""
    real = source.resolve()
    if real == stage or stage in real.parents:
        raise Fault(f"{source}: a restore unpacks there first; give the backup another name")
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise Fault(f"{data}: not an empty directory; a restore replaces nothing")


def _require_same_kind(settings: Settings, found: Manifest) -> None:
    """A copy of one database can't be read by the other."""
    for name, was, now in (
        ("store", found.store, settings.store),
        ("matrix.store", found.matrix, settings.matrix.store),
    ):
        if was and was != ("postgresql" if now else "sqlite"):
            raise Fault(f"the backup is of {was}: set {name} for that")
    if found.domain != settings.domain:
        raise Fault(f"the backup is of {found.domain}, the settings are for {settings.domain}")


def _octets(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _missing(found: Manifest) -> list[str]:
    return [path for path in found.elsewhere if not Path(path).exists()]


def _take_place(stage: Path, data: Path) -> None:
    if data.exists():
        data.rmdir()
    stage.rename(data)
    sync(data.parent)
