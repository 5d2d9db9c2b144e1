"""Restoring into an empty data directory: all that the manifest names is verified before anything is written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from groupware.backup import manifest
from groupware.backup.manifest import BadBackupError, Manifest
from groupware.backup.taking import DATA, HOMESERVER, OURS
from groupware.sealing import pieces
from groupware.sealing.keys import LENGTH, NONCE, KeyAway, KeyFolder, KeyState
from groupware.sealing.seals import OVERHEAD, Seals
from groupware.store.sqlite import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from groupware.backup.manifest import Entry

MOST_SAID = 20
SETTINGS = "settings.toml"


def verified(source: Path) -> Manifest:
    """The manifest of a backup that is whole, byte for byte. Raises BadBackupError, which names what isn't."""
    found = manifest.read(source)
    wrong = list(manifest.wrong(source, found))
    if wrong:
        more = [f"and {len(wrong) - MOST_SAID} more"] if len(wrong) > MOST_SAID else []
        raise BadBackupError("\n".join([*wrong[:MOST_SAID], *more]))
    return found


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens a sealed backup: its own key, and those of the periods."""

    key: bytes
    seals: Seals

    def own(self, entry: Entry, head: bytes) -> bytes | None:
        """The key of a file, by what stands before it; None when its period's was destroyed.

        Raises BadBackupError, and KeyAway for a period whose key is lost.
        """
        try:
            inner = AESGCM(self.key).decrypt(head[:NONCE], head[NONCE:], entry.path.encode())
            if not entry.period:
                return inner
            return None if self.seals.erased(inner) else self.seals.open(entry.path, 0, inner)
        except (InvalidTag, ValueError, OSError) as error:
            raise BadBackupError(f"{entry.path}: sealed with another key, or for another place") from error


def opener(found: Manifest, folder: Path | None) -> Opener | None:
    """For a sealed backup, None for one in clear. Raises BadBackupError, which names the key."""
    if not found.sealed:
        return None
    if folder is None:
        raise BadBackupError(f"the backup is sealed with {found.sealed}: set secrecy.keys to the key folder")
    keys = KeyFolder(folder)
    if keys.state(found.sealed) is KeyState.DESTROYED:
        raise BadBackupError(f"the key {found.sealed} was destroyed: this backup can be read no more")
    try:
        return Opener(keys.key(found.sealed), Seals(keys))
    except KeyAway as error:
        raise BadBackupError(str(error)) from error


def unpack(source: Path, found: Manifest, by: Opener | None, stage: Path, homeserver: Path) -> list[str]:
    """Every file to its place below `stage`; dumps of PostgreSQL stay in folders there. Raises OSError.

    Those whose period's key is gone stay behind; for each period of which that is so, a sentence.
    """
    stage.mkdir(mode=0o700, parents=True)
    lost: dict[str, str] = {}
    for entry in found.files:
        with (source / entry.path).open("rb") as reading:
            try:
                octets = _opened(entry, by, reading)
            except KeyAway as error:
                octets, lost[entry.period] = None, f"{error}: what lies under it is left out"
            if octets is not None:
                target = _place(stage, entry.path, homeserver)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write(target, octets)
            else:
                lost.setdefault(entry.period, f"the key of period {entry.period} was destroyed, and its texts with it")
    for folder in [stage, *(path for path in stage.rglob("*") if path.is_dir())]:
        manifest.sync(folder)
    return [lost[period] for period in sorted(lost)]


def _place(stage: Path, path: str, homeserver: Path) -> Path:
    """No path leads elsewhere: see manifest.read."""
    if path == OURS:
        return stage / DATABASE
    if path == HOMESERVER:
        return stage / homeserver
    return stage / path.removeprefix(f"{DATA}/")


def _write(target: Path, octets: Iterator[bytes]) -> None:
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(octets)
        file.flush()
        os.fsync(file.fileno())


def _opened(entry: Entry, by: Opener | None, source: BinaryIO) -> Iterator[bytes] | None:
    """None for what nobody opens any more. Raises BadBackupError and KeyAway."""
    if by is None:
        return iter(partial(source.read, manifest.CHUNK), b"")
    own = by.own(entry, source.read(NONCE + LENGTH + pieces.TAG + (OVERHEAD if entry.period else 0)))
    return None if own is None else pieces.opened(own, source)
