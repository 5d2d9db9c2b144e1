"""Taking a backup beside a running server.

Both databases are seen at one moment: the bridge rests while their snapshots begin, which takes milliseconds, so that
the two agree on what was sent, and Synapse tells of the rest again. Copying comes afterwards. What stands in the
snapshots names files that are there already, and those are copied last.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from groupware import clock, migrations
from groupware.backup import manifest
from groupware.backup.manifest import BadBackupError, Entry, Manifest
from groupware.backup.owned import MEDIA
from groupware.backup.sorting import Sorting
from groupware.backup.sqlite_copy import Copying, SortedCopying, WholeCopying
from groupware.content import FOLDER
from groupware.sealing import pieces
from groupware.sealing.keys import LENGTH, NONCE
from groupware.store.sqlite import DATABASE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import BinaryIO

    from groupware.backup.owned import Owned
    from groupware.sealing.seals import Seals

T = TypeVar("T")
OURS, HOMESERVER, TEXTS, DATA = "database", "homeserver", "homeserver-texts", "data"
"""Folders of a backup: ICONet's database, the homeserver's, its texts, and the files of the data directory."""
STAGE, PART = "backup-", ".part"
TAKING = "taking"
"""Which stands in the folder until all is in it: a second backup doesn't go there, too."""
PASSING = ("*.db", "*.db-wal", "*.db-shm", "*.lock", "lock", "lock-*", "*.sock", "*.log", "*.log.*", "*.pid", "*.new")
LEFT = (*PASSING, "endpoints.json", "settings.toml", f"*{PART}")
"""What belongs to a running server, or is a database: not copied as a file."""
EVERY = 200


class Copy(Protocol):
    """A snapshot that can be written down."""

    def copy(self, progress: Callable[[str], object]) -> None:
        """Write it. Raises OSError."""

    def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What only the settings know: the store's URL, "" on SQLite; the homeserver's database, a file or a URL.

    `elsewhere` are files that aren't copied; `texts` are written as files.
    """

    store: str = ""
    homeserver: Path | str | None = None
    elsewhere: tuple[str, ...] = ()
    texts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sealing:
    """How a backup is sealed: each file with the key `name`, and what is a post's with its period's, too.

    `owned` says what is whose at the homeserver.
    """

    name: str
    key: bytes
    seals: Seals
    owned: Callable[[], Awaitable[Owned]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is backed up: `data`, with the store in it or at a URL. `still` is what to hold while snapshots begin.

    Without a sealing it is in clear.
    """

    data: Path
    domain: str
    wanted: Wanted
    still: Callable[[], AbstractAsyncContextManager[object]]
    sealing: Sealing | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be copied: its path in the backup, where it is now, and under whose key it goes besides."""

    name: str
    path: Path
    period: str = ""


async def take(plan: Plan, target: Path) -> AsyncIterator[str]:
    """Back up into `target`, an empty folder or none; yields what it does. Raises BadBackupError and OSError.

    What fails, or is broken off, leaves nothing there.
    """
    await asyncio.to_thread(clear, plan.data)
    made = await asyncio.to_thread(_begin, target)
    stage = plan.data / f"{STAGE}{secrets.token_hex(4)}{PART}"
    whole = False
    try:
        stage.mkdir(mode=0o700)
        with held(stage):
            async for line in _taken(plan, target, stage):
                yield line
        whole = True
    finally:
        await asyncio.to_thread(_tidy, stage, None if whole else target, made=made)


def clear(data: Path) -> None:
    """Remove what a process that was killed left of its backup: a copy of the database."""
    for stage in data.glob(f"{STAGE}*{PART}"):
        with suppress(OSError), held(stage):
            shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def held(stage: Path) -> Iterator[None]:
    """The kernel lets go of it however the process ends. Raises OSError where another process has it."""
    descriptor = os.open(stage, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


async def _undisturbed(call: Callable[[], T]) -> T:
    """In a thread; who is cancelled meanwhile goes on when it has ended, so that nothing is written after tidying."""
    work = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


async def _taken(plan: Plan, target: Path, stage: Path) -> AsyncIterator[str]:
    began = clock.now()
    early = await asyncio.to_thread(_early, plan.data)
    sorting = Sorting(stage / TEXTS)
    async with plan.still():
        copies = await _undisturbed(partial(_snapshots, plan, stage, sorting))
    lines: list[str] = []
    try:
        if plan.sealing is not None and plan.wanted.homeserver is not None:
            sorting.owned = await plan.sealing.owned()
        for copy in copies:
            await _undisturbed(partial(copy.copy, lines.append))
            yield f"{len(lines)} steps: {lines[-1]}"
    finally:
        for copy in copies:
            await asyncio.to_thread(copy.close)
    entries: list[Entry] = []
    sources = await asyncio.to_thread(lambda: list(_sources(plan, stage, early, sorting.owned)))
    for start in range(0, len(sources), EVERY):
        entries += await _undisturbed(partial(_put_all, plan, target, sources[start : start + EVERY]))
        yield f"{len(entries)} of {len(sources)} files"
    await _undisturbed(partial(_finish, plan, target, began, entries))
    yield f"{sum(entry.size for entry in entries)} octets in {len(entries)} files"


def _begin(target: Path) -> bool:
    """Whether the folder was made. Raises BadBackupError for one that has something in it."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadBackupError(f"{target}: not an empty folder")
    made = not target.exists()
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(target / TAKING, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise BadBackupError(f"{target}: another backup goes there") from error
    return made


def _tidy(stage: Path, failed: Path | None, *, made: bool) -> None:
    shutil.rmtree(stage, ignore_errors=True)
    if failed is None:
        return
    for path in failed.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if made:
        failed.rmdir()


def _early(data: Path) -> frozenset[str]:
    """Checkpoints that the database knows for certain: those that were written before its snapshot."""
    folder = data / "checkpoints"
    return frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()


def _snapshots(plan: Plan, stage: Path, sorting: Sorting) -> list[Copy]:
    """Both, one right after the other. Raises OSError."""
    found: list[Copy] = []
    try:
        found.append(_our_snapshot(plan, stage))
        copy = _their_snapshot(plan, stage, sorting if plan.sealing is not None else None)
        if copy is not None:
            found.append(copy)
    except Exception as error:
        for copy in found:
            copy.close()
        raise OSError(f"no snapshot can be had: {error}") from error
    return found


def _our_snapshot(plan: Plan, stage: Path) -> Copy:
    if not plan.wanted.store:
        return Copying(plan.data / DATABASE, stage / OURS)
    from groupware.backup import postgres_copy  # noqa: PLC0415 -- a library that SQLite needs not

    return postgres_copy.PostgresCopying(plan.wanted.store, stage / OURS, postgres_copy.OURS)


def _their_snapshot(plan: Plan, stage: Path, sorting: Sorting | None) -> Copy | None:
    where, target = plan.wanted.homeserver, stage / HOMESERVER
    if where is None:
        return None
    if not isinstance(where, str):
        return WholeCopying(where, target) if sorting is None else SortedCopying(where, target, sorting)
    from groupware.backup import postgres_copy  # noqa: PLC0415 -- as above

    if sorting is None:
        return postgres_copy.PostgresCopying(where, target)
    return postgres_copy.SortedCopying(where, target, sorting)


def _sources(plan: Plan, stage: Path, early: frozenset[str], owned: Owned | None) -> Iterator[Source]:
    """What is to be copied; files of posts that are nobody's any more aren't."""
    for name, octets in plan.wanted.texts.items():
        (stage / name).write_bytes(octets)
    for path in sorted(stage.rglob("*")):
        if path.is_file():
            yield Source(str(path.relative_to(stage)), path, path.name if path.parent == stage / TEXTS else "")
    for path in _files(plan.data):
        inside = path.relative_to(plan.data)
        if inside.parts[0] == "checkpoints" and path.name not in early:
            continue
        period = None
        if owned is not None and inside.is_relative_to(MEDIA):
            period = owned.of_file(inside.relative_to(MEDIA).parts)
        if period != "":
            yield Source(f"{DATA}/{inside}", path, period or "")


def _files(data: Path) -> Iterator[Path]:
    """All that isn't left behind, in order; folders that an operator put on another disk by a link belong to it."""
    seen: set[Path] = set()
    for folder, folders, names in os.walk(data, followlinks=True):
        folders[:] = sorted(name for name in folders if not part_left(name))
        if (real := Path(folder).resolve()) in seen:
            raise BadBackupError(f"{folder}: leads to a folder that is in the backup already")
        seen.add(real)
        yield from (path for name in sorted(names) if not part_left(name) and (path := Path(folder, name)).is_file())


def part_left(name: str) -> bool:
    """Whether a file or folder of this name stays behind."""
    return any(fnmatch(name, pattern) for pattern in LEFT)


def _put_all(plan: Plan, target: Path, sources: list[Source]) -> list[Entry]:
    return [entry for source in sources if (entry := _put(plan, target, source)) is not None]


def _put(plan: Plan, target: Path, source: Source) -> Entry | None:
    """One file, on disk when this returns; None for one that is gone by now. Raises OSError, BadBackupError."""
    path = target / source.name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with source.path.open("rb") as reading:
            return _written(path, source, _sealed(plan.sealing, source, reading))
    except FileNotFoundError as error:
        if source.name.startswith(f"{DATA}/{FOLDER}/"):
            raise BadBackupError(f"{source.path}: went away while it was copied; take the backup again") from error
        return None


def _written(path: Path, source: Source, octets: Iterator[bytes]) -> Entry:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in octets:
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return Entry(source.name, size, digest.hexdigest(), source.period)


def _sealed(sealing: Sealing | None, source: Source, octets: BinaryIO) -> Iterator[bytes]:
    """As it is, or under a key of its own that stands before it, wrapped by the backup's and bound to the path.

    With a period, that key is sealed with the period's first.
    """
    if sealing is None:
        yield from iter(partial(octets.read, manifest.CHUNK), b"")
        return
    own, nonce = secrets.token_bytes(LENGTH), secrets.token_bytes(NONCE)
    inner = sealing.seals.seal(source.period, source.name, 0, own) if source.period else own
    yield nonce + AESGCM(sealing.key).encrypt(nonce, inner, source.name.encode())
    yield from pieces.sealed(own, octets)


def _finish(plan: Plan, target: Path, began: int, entries: list[Entry]) -> None:
    (target / TAKING).unlink()
    for folder in [*(path for path in target.rglob("*") if path.is_dir()), target]:
        manifest.sync(folder)
    made = datetime.fromtimestamp(began // clock.MICROSECONDS, UTC)
    matrix = (
        "" if plan.wanted.homeserver is None else "postgresql" if isinstance(plan.wanted.homeserver, str) else "sqlite"
    )
    manifest.write(
        target,
        Manifest(
            domain=plan.domain,
            made=made.isoformat(),
            revision=migrations.newest(),
            store="postgresql" if plan.wanted.store else "sqlite",
            matrix=matrix,
            sealed=plan.sealing.name if plan.sealing else "",
            elsewhere=plan.wanted.elsewhere,
            files=tuple(entries),
        ),
    )
