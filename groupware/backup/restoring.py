"""Restoring into an empty data directory: all that the manifest names is verified before anything is written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from groupware.backup import manifest
from groupware.backup.manifest import BadBackupError, Manifest
from groupware.backup.taking import DATA, HOMESERVER, OURS
from groupware.sealing import pieces
from groupware.sealing.keys import LENGTH, NONCE, KeyAway, KeyFolder, KeyState
from groupware.store.sqlite import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

WRAPPED = NONCE + LENGTH + pieces.TAG
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


def backup_key(found: Manifest, folder: Path | None) -> bytes | None:
    """The key of a sealed backup, None for one in clear. Raises BadBackupError, which names the key."""
    if not found.sealed:
        return None
    if folder is None:
        raise BadBackupError(f"the backup is sealed with {found.sealed}: set secrecy.keys to the key folder")
    keys = KeyFolder(folder)
    if keys.state(found.sealed) is KeyState.DESTROYED:
        raise BadBackupError(f"the key {found.sealed} was destroyed: this backup can be read no more")
    try:
        return keys.key(found.sealed)
    except KeyAway as error:
        raise BadBackupError(str(error)) from error


def unpack(source: Path, found: Manifest, key: bytes | None, stage: Path, homeserver: Path) -> None:
    """Every file to its place below `stage`; dumps of PostgreSQL stay in folders there. Raises OSError."""
    stage.mkdir(mode=0o700, parents=True)
    for entry in found.files:
        target = _place(stage, entry.path, homeserver)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (source / entry.path).open("rb") as reading:
            _write(target, _opened(entry.path, key, reading))
    for folder in [stage, *(path for path in stage.rglob("*") if path.is_dir())]:
        manifest.sync(folder)


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


def _opened(path: str, key: bytes | None, source: BinaryIO) -> Iterator[bytes]:
    if key is None:
        while piece := source.read(manifest.CHUNK):
            yield piece
        return
    head = source.read(WRAPPED)
    try:
        own = AESGCM(key).decrypt(head[:NONCE], head[NONCE:], path.encode())
    except (InvalidTag, ValueError) as error:
        raise BadBackupError(f"{path}: sealed with another key, or for another place") from error
    yield from pieces.opened(own, source)
