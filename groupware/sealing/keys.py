"""The key folder: a master key, and a key per period wrapped by it; outside of the data directory, in no backup.

`NAME.key` is a period's key: who wrapped it, a nonce, and the wrapped key (NIST SP 800-38D). `NAME.destroyed` says that
it is gone for good, which an old backup can't know. `master-ID.key` is a master key, `master` names the one in use.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from groupware.errors import Busy, StoreFailed
from groupware.installation import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LENGTH, NONCE, ID = 32, 12, 8
"""Octets of a key and of a nonce, letters of a master's id."""
MASTER = "master"
_NAME = re.compile(r"(backup-)?[0-9]{4}-[0-9]{2}")


class KeyAway(Busy):
    """A period's key is lost, or not the one that sealed: what lies under it can't be read until it is back."""


class KeyState(StrEnum):
    """What has become of a key."""

    HELD = "held"
    DESTROYED = "destroyed"
    LOST = "lost"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """One folder of keys, for its owner only. It is looked at anew each time: other processes change it, too."""

    path: Path

    def begin(self) -> None:
        """Make the folder and its first master key, if there are none. Raises StoreFailed, which names the path."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.path.stat().st_mode & 0o077:
                raise StoreFailed(f"{self.path}: others may look into it; chmod 700")
            if not (self.path / MASTER).exists() and not any(self.path.glob("*.key")):
                self._new_master()
        except OSError as error:
            raise StoreFailed(f"{self.path}: cannot be the key folder: {error.strerror}") from error

    def state(self, name: str) -> KeyState:
        """Of the period's key, as far as the folder knows: it can't tell a lost key from one that never was."""
        if self._marker(name).exists():
            return KeyState.DESTROYED
        if not self._file(name).exists():
            return KeyState.LOST
        try:
            self.key(name)
        except KeyAway:
            return KeyState.WRONG
        return KeyState.HELD

    def key(self, name: str) -> bytes:
        """The period's key. Raises KeyAway, which names the period."""
        try:
            stored = self._file(name).read_bytes()
        except OSError as error:
            raise KeyAway(f"the key of period {name} can't be read: {error.strerror}") from error
        master, nonce, wrapped = stored[:ID].decode("ascii", "replace"), stored[ID : ID + NONCE], stored[ID + NONCE :]
        try:
            return AESGCM(self._master(master)).decrypt(nonce, wrapped, name.encode())
        except (InvalidTag, OSError, ValueError) as error:
            raise KeyAway(f"the key of period {name} doesn't open with the master key in {self.path}") from error

    def make(self, name: str) -> bytes:
        """A new key for a period that has none; another process's, if it was quicker. Raises KeyAway."""
        if self._marker(name).exists():
            raise KeyAway(f"the key of period {name} was destroyed")
        if not self._file(name).exists():
            self._keep(name, secrets.token_bytes(LENGTH), new=True)
        return self.key(name)

    def destroy(self, name: str) -> None:
        """End a period's key for good: the word of it is on disk first, so that what a crash leaves is finished."""
        write_private(self._marker(name), b"")
        self._end(name)

    def destroyed(self) -> frozenset[str]:
        """The names of keys that were destroyed. A file that a crash left beside its marker goes now."""
        gone = frozenset(self._names("destroyed"))
        for name in gone:
            self._end(name)
        return gone

    def names(self) -> list[str]:
        """The names of keys that are there, in their order."""
        return sorted(self._names("key"))

    def rotate(self) -> int:
        """Wrap every key by a new master key and destroy the old ones; how many keys that were. Raises KeyAway."""
        held = [(name, self.key(name)) for name in self.names()]
        new = self._new_master()
        for name, key in held:
            self._keep(name, key)
        for path in self.path.glob(f"{MASTER}-*.key*"):
            if path.name != f"{MASTER}-{new}.key":
                _shred(path)
        return len(held)

    def _new_master(self) -> str:
        name = secrets.token_hex(ID // 2)
        write_private(self.path / f"{MASTER}-{name}.key", secrets.token_bytes(LENGTH))
        write_private(self.path / MASTER, name.encode())
        return name

    def _master(self, name: str) -> bytes:
        if not re.fullmatch(r"[0-9a-f]{8}", name):
            raise ValueError("no master key has this name")
        return (self.path / f"{MASTER}-{name}.key").read_bytes()

    def _end(self, name: str) -> None:
        """With what a crash left of it while it was written."""
        for path in (self._file(name), *self.path.glob(f"{name}.key.*")):
            _shred(path)

    def _keep(self, name: str, key: bytes, *, new: bool = False) -> None:
        try:
            master = (self.path / MASTER).read_text("ascii")
            nonce = secrets.token_bytes(NONCE)
            wrapped = AESGCM(self._master(master)).encrypt(nonce, key, name.encode())
            write_private(self._file(name), master.encode() + nonce + wrapped, new=new)
        except (OSError, ValueError) as error:
            raise KeyAway(f"no key can be made for period {name}: {error}") from error

    def _names(self, end: str) -> Iterator[str]:
        for path in self.path.glob(f"*.{end}"):
            if _NAME.fullmatch(path.stem):
                yield path.stem

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.key"

    def _marker(self, name: str) -> Path:
        return self.path / f"{name}.destroyed"


def proof_of(key: bytes) -> bytes:
    """By which a key is known again, and nothing else."""
    return hashlib.sha256(b"ICONet period key " + key).digest()[:16]


def _shred(path: Path) -> None:
    """Overwrite and remove it. What a copying file system or a disk keeps of old blocks is out of our reach."""
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(os.fstat(descriptor).st_size))
        file.flush()
        os.fsync(descriptor)
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
