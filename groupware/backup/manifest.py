"""What a backup holds: each file with its size and hash. It is written last, so that what has one is whole."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

VERSION = 1
NAME = "manifest.json"
HASH = "manifest.sha256"
CHUNK = 1 << 20


class BadBackupError(Exception):
    """It isn't a whole backup, or not one for here; the text says what is wrong with which file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, by its path in the backup; hash and size are of what lies there, sealed or not.

    `period`: under whose key it lies besides the backup's; "" for none.
    """

    path: str
    size: int
    sha256: str
    period: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`store` is sqlite or postgresql, `matrix` that of the homeserver's database or "" without one.

    `sealed` names the key of the backup, "" for one in clear. `elsewhere` are files outside of the data directory that
    the settings name. `made` is the moment that the copies are of, or a little before.
    """

    domain: str
    made: str
    revision: str
    store: str
    matrix: str
    sealed: str
    elsewhere: tuple[str, ...]
    files: tuple[Entry, ...]

    @property
    def identity(self) -> str:
        """By which a backup is known: the hash of its manifest."""
        return hashlib.sha256(self.text()).hexdigest()

    @property
    def moment(self) -> int:
        """`made` in microseconds."""
        return int(datetime.fromisoformat(self.made).timestamp()) * clock.MICROSECONDS

    def text(self) -> bytes:
        """As it is written."""
        return json.dumps({"version": VERSION, **asdict(self)}, indent=1).encode()

    def facts(self) -> dict[str, int | str]:
        """What goes on record of it."""
        octets = sum(entry.size for entry in self.files)
        return {"made": self.made, "sealed": self.sealed, "files": len(self.files), "octets": octets}


def write(folder: Path, manifest: Manifest) -> None:
    """Durable, and the last thing in the folder. Raises OSError."""
    text = manifest.text()
    for name, octets in ((HASH, hashlib.sha256(text).hexdigest().encode() + b"\n"), (NAME, text)):
        with os.fdopen(os.open(folder / f"{name}.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
    for name in (HASH, NAME):
        (folder / f"{name}.new").rename(folder / name)
    sync(folder)


def read(folder: Path) -> Manifest:
    """The manifest of a whole backup. Raises BadBackupError."""
    try:
        text = (folder / NAME).read_bytes()
        known = (folder / HASH).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadBackupError(f"{folder}: no whole backup: {error}") from error
    if hashlib.sha256(text).hexdigest() != known:
        raise BadBackupError(f"{folder / NAME}: its bytes were changed")
    try:
        found = _of(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBackupError(f"{folder / NAME}: no manifest: {type(error).__name__}") from error
    if found is None:
        raise BadBackupError(f"{folder / NAME}: of another version of backups than {VERSION}")
    for entry in found.files:
        if not _is_inside(entry.path):
            raise BadBackupError(f"{entry.path}: not a path inside of a backup")
    return found


def _of(table: Any) -> Manifest | None:  # noqa: ANN401 -- whatever JSON says
    """None for a manifest of another version. Raises what Python raises for what is none."""
    if table.pop("version", None) != VERSION:
        return None
    files = tuple(Entry(**each) for each in table.pop("files"))
    return Manifest(**{**table, "elsewhere": tuple(table["elsewhere"])}, files=files)


def _is_inside(path: str) -> bool:
    """Whether it is the one way to write this path, and leads nowhere else: `data//etc` would begin at the root."""
    return bool(path) and not path.startswith("/") and not {"", ".", ".."} & set(path.split("/")) and "\0" not in path


def wrong(folder: Path, manifest: Manifest) -> Iterator[str]:
    """A sentence for each file that is missing, changed, or nobody's."""
    named = {entry.path for entry in manifest.files} | {NAME, HASH}
    for entry in manifest.files:
        if not _is_plain(folder, entry.path):
            yield f"{folder / entry.path}: not a file of the backup's own"
            continue
        try:
            size, sha256 = hashed(folder / entry.path)
        except OSError as error:
            yield f"{folder / entry.path}: {error.strerror}"
            continue
        if (size, sha256) != (entry.size, entry.sha256):
            yield f"{folder / entry.path}: its bytes were changed"
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() and str(path.relative_to(folder)) not in named:
            yield f"{path}: the manifest doesn't name it"


def _is_plain(folder: Path, path: str) -> bool:
    """Neither a link, nor behind one, nor a device or pipe; what isn't there is told by who opens it."""
    at = folder / path
    own = (at, *at.parents[: path.count("/")])
    return not any(each.is_symlink() for each in own) and (at.is_file() or not at.exists())


def hashed(path: Path) -> tuple[int, str]:
    """Octets and hash of a file. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def sync(folder: Path) -> None:
    """Put the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
