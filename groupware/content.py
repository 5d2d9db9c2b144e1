"""Bytes as received: up to 256 KiB a row of the same commit, larger ones a file that is on disk before it.

Where bytes are kept secret, a row's `body` is sealed; that of a file is the file's own key, sealed.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy import bindparam, func, insert, literal_column, select

from groupware import clock, sealed_periods, tables
from groupware.errors import NotCommitted, NotFound
from groupware.sealing import pieces
from groupware.sealing.keys import LENGTH
from groupware.sealing.seals import HEAD, OFF, UNDATED
from groupware.sealing.seals import period_of as _period
from groupware.store.dialect import next_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from groupware.sealing.seals import Seals
    from groupware.store import Snapshot, Store, Tx

LARGEST_ROW = 256 * 1024
FOLDER = "content"
COLUMN = "content.body"
UNNAMED_FOR = 3600 * clock.MICROSECONDS
_INSERT = insert(tables.content)
_LOAD = select(tables.content.c.body, tables.content.c.file, tables.content.c.size).where(
    tables.content.c.id == bindparam("number")
)
_NEXT = select(next_key(literal_column("content")).label("id"))
_BEGINS = select(func.substr(tables.content.c.body, 1, HEAD).label("begins")).where(
    tables.content.c.id == bindparam("number")
)
_FILES = select(tables.content.c.file).where(tables.content.c.file.is_not(None))


@dataclass(frozen=True, slots=True)
class Prepared:
    """Bytes ready to be named by a row. Use it within minutes: a file that nobody names is swept later."""

    sha256: bytes
    size: int
    body: bytes | None
    file: str | None
    key: bytes | None = None
    """What `file` is sealed with."""


def prepare(directory: Path, body: bytes, seals: Seals = OFF) -> Prepared:
    """Hash `body`, and write a large one to a synced file. Runs in a thread, before the transaction.

    Raises NotCommitted when the disk doesn't take it.
    """
    if len(body) <= LARGEST_ROW:
        return in_row(body)
    try:
        file, key = write_file(directory / FOLDER, body, sealing=seals.sealing)
    except OSError as error:
        raise NotCommitted(str(error)) from error
    return Prepared(hashlib.sha256(body).digest(), len(body), None, file, key)


def in_row(body: bytes) -> Prepared:
    """Bytes that ICONet wrote itself, and that are small."""
    return Prepared(hashlib.sha256(body).digest(), len(body), body, None)


def add(tx: Tx, prepared: Prepared, period: str = UNDATED) -> int:
    """Name the bytes by a row and return its id; `period` is the one under whose key they go where they are sealed.

    Raises KeyAway when there is no such key to be had.
    """
    row = {"sha256": prepared.sha256, "size": prepared.size, "body": prepared.body, "file": prepared.file}
    secret = prepared.key if prepared.file else prepared.body
    if secret is None or not (tx.seals.sealing or prepared.key):
        return tx.insert(_INSERT, row)
    sealed_periods.require(tx, period)
    number = int(tx.first(_NEXT, {}).id)
    return tx.insert(_INSERT, {"id": number, **row, "body": tx.seals.seal(period, COLUMN, number, secret)})


def period_of(snapshot: Snapshot, number: int) -> str:
    """The period under which a content lies; "" when it is in clear."""
    row = snapshot.first(_BEGINS, {"number": number})
    return _period(bytes(row.begins)) if row is not None and row.begins is not None else ""


@dataclass(frozen=True, slots=True)
class InFile:
    """Bytes of a large content from `start` on, not read yet."""

    path: Path
    start: int
    size: int
    key: bytes | None = None

    def __len__(self) -> int:
        return self.size

    def read(self) -> bytes:
        """They. Blocks. Raises OSError."""
        return _read(self.path, self.start, self.key)


def load(snapshot: Snapshot, directory: Path, number: int, start: int = 0) -> bytes:
    """The bytes exactly as they were received, from `start` on; NotFound when no row has that id."""
    row = snapshot.connection.execute(_LOAD, {"number": number}).first()
    if row is None:
        raise NotFound(f"content {number}")
    shown = kept(snapshot.seals, directory, number, row.body, row.file, row.size)
    return shown[start:] if isinstance(shown, bytes) else replace(shown, start=start).read()


def kept(seals: Seals, directory: Path, number: int, body: bytes | None, file: str | None, size: int) -> bytes | InFile:
    """What a row of `content` holds, or names. Raises KeyAway, and OSError for what is not as it was put there."""
    if body is None:
        return InFile(directory / FOLDER / str(file), 0, size)
    stored = bytes(body)
    clear = seals.open(COLUMN, number, stored)
    return clear if file is None or seals.erased(stored) else InFile(directory / FOLDER / file, 0, size, clear)


def _read(path: Path, start: int, key: bytes | None) -> bytes:
    """Without a second copy, which counts with 25 MiB."""
    with path.open("rb") as file:
        if key is not None:
            return pieces.read(key, file, start)
        file.seek(start)
        return file.read()


class Sized(Protocol):
    """A row with the octets of what it names."""

    @property
    def size(self) -> int:
        """In octets."""


Weighed = TypeVar("Weighed", bound=Sized)


def within(octets: int, rows: Iterable[Weighed]) -> Iterator[Weighed]:
    """The first rows that together have at most so many octets; the very first in any case."""
    total = 0
    for row in rows:
        if total and total + row.size > octets:
            return
        total += row.size
        yield row


async def sweep(store: Store) -> int:
    """Remove files that no row has named for an hour: their transactions failed. Returns how many went."""
    return await store.read(lambda snapshot: _sweep(snapshot, store.directory / FOLDER))


def _sweep(snapshot: Snapshot, folder: Path) -> int:
    if not folder.is_dir():
        return 0
    old = {file.name: file for file in folder.iterdir() if _age(snapshot, file) > UNNAMED_FOR}
    named = set(snapshot.connection.scalars(_FILES))
    unnamed = [file for name, file in old.items() if name not in named]
    for file in unnamed:
        file.unlink(missing_ok=True)
    return len(unnamed)


def _age(snapshot: Snapshot, file: Path) -> int:
    try:
        return snapshot.now - file.stat().st_mtime_ns // 1000
    except FileNotFoundError:  # another process sweeps too
        return 0


def write_file(folder: Path, body: bytes, *, sealing: bool) -> tuple[str, bytes | None]:
    """The name of a new file with these bytes, and the key that it is sealed with, if it is. Raises OSError."""
    if not sealing:
        return _write_synced(folder, [body]), None
    key = secrets.token_bytes(LENGTH)
    return _write_synced(folder, pieces.sealed(key, io.BytesIO(body))), key


def _write_synced(folder: Path, body: Iterable[bytes]) -> str:
    """A new file, on disk with its name before this returns; nothing is left of one that failed."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)
    path = folder / secrets.token_hex(16)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(body)
            file.flush()
            os.fsync(file.fileno())
        _sync(folder)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path.name


def _sync(folder: Path) -> None:
    """Put the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
