"""The lines of since.jsonl: numbered, each bound to the one before it, signed with the key of the log's checkpoints.

A line says several things at once, with one signature. Whoever writes into the file without the key can leave lines
out, and is found out: what is missing in the middle by the next line, what is missing at the end by the newest
checkpoint that lies elsewhere, which names the last line (tlog-checkpoint allows it lines of its own).
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from groupware import clock
from groupware.audit import note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from groupware.audit.note import Checkpoint

MOST = 100
"""Things that one line says."""
MOST_WRONG = 100
"""Sentences about lines that aren't believed."""
_SHOWN = 100
SET_BACK = 24 * 3600 * clock.MICROSECONDS
"""By how much a clock may have been set back without a loss."""
WORD = "since"


class What(StrEnum):
    """What is said of a post, an official, a body, a role, a rule or a secret; of rights the last word counts."""

    ERASED = "post-erased"
    LEFT = "off-boarded"
    SUSPENDED = "suspended"
    BACK = "in-force"
    BODY_SUSPENDED = "body-suspended"
    BODY_BACK = "body-in-force"
    ROLE_ENDED = "role-ended"
    RULE_ENDED = "rule-ended"
    SECRET_REVOKED = "app-password-revoked"  # noqa: S105 -- a word, no secret


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said at `at`, microseconds.

    `name` is a post's token, a login, a body's code; of a role its holder's login, its name, its number and since when
    it holds; of a rule its room's code, the right, its number and when it was given: after a restore numbers are given
    anew. Of an app password it is its holder's login and its selector, which finds it and opens nothing.
    """

    what: What
    name: str
    at: int

    @property
    def about(self) -> tuple[str, str]:
        """Of what only the last line counts."""
        return ("rights" if self.what in _RIGHTS else "body" if self.what in _BODY else self.what, self.name)


_RIGHTS = {What.LEFT, What.SUSPENDED, What.BACK}
_BODY = {What.BODY_SUSPENDED, What.BODY_BACK}
_GIVES_BACK = {What.BACK, What.BODY_BACK}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the file; `before` is the hash of the one before it, in hexadecimal."""

    network: str
    number: int
    before: str
    said: tuple[Line, ...]

    def text(self) -> str:
        """What is signed: the name of the signer, so that no checkpoint is like it, and the line without signature."""
        return f"{_origin(self.network)}\n{_json(self._row())}\n"

    def written(self, signature: str) -> bytes:
        """As it stands in the file, without its end."""
        return _json({**self._row(), "signature": signature}).encode()

    def _row(self) -> dict[str, Any]:
        said = [[line.what, line.name, line.at] for line in self.said]
        return {"network": self.network, "number": self.number, "before": self.before, "said": said}


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, separators=(",", ":"))


def _origin(network: str) -> str:
    return f"{network}/{WORD}"


@dataclass(slots=True)
class Reader:
    """Goes through the file of one network, as far as it is fed.

    `lines` is what is believed, `wrong` has a sentence for each line that isn't, or isn't wholly. What takes away
    counts behind a gap, too; what gives back doesn't, for nobody knows whether it belongs there.
    """

    network: str
    key: Ed25519PublicKey
    lines: list[Line] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    hashes: dict[int, str] = field(default_factory=dict)
    """Of the lines that are believed, by their numbers."""
    number: int = 0
    """That of the last one."""
    end: int = 0
    """Octets of whole lines so far."""
    _place: int = 0
    _gap: bool = False

    @property
    def last(self) -> str:
        """The hash of the last line; "" before the first."""
        return self.hashes.get(self.number, "")

    def feed(self, octets: bytes) -> None:
        """Take in the next whole lines; what follows the last end of a line is left out, and isn't counted."""
        whole, end, _ = octets.rpartition(b"\n")
        self.end += len(whole) + len(end)
        for raw in whole.split(b"\n") if end else ():
            self._place += 1
            self._take(raw)

    def compare(self, marks: Iterable[Checkpoint]) -> None:
        """Look whether the line is there that the newest checkpoint names which names one, and any that one names.

        A restore makes the log shorter and not this file: the newest may be of the log that was given up.
        """
        named = [(mark.size, *head) for mark in marks if (head := _head(mark)) is not None]
        if not named:
            return
        furthest = max(named, key=itemgetter(1))
        size, number, digest = furthest if furthest[1] > self.number else max(named)
        if self.hashes.get(number) != digest:
            now = f"number {number} is another one" if number in self.hashes else f"the last one is {self.number}"
            signed = f"a checkpoint of {size} records was signed when number {number} was the last one"
            self.wrong.append(f"{signed}, and now {now}: lines may be missing")

    def _take(self, raw: bytes) -> None:
        entry = _entry(raw, self.network, self.key)
        if isinstance(entry, str):
            self._refuse(entry)
        elif entry.number <= self.number:
            self._refuse(f"number {entry.number} again, or out of its place")
        elif entry.number == self.number + 1 and entry.before != self.last:
            self._refuse(f"number {entry.number}, which doesn't follow the line before it")
        else:
            self._believe(entry, raw)

    def _believe(self, entry: _Entry, raw: bytes) -> None:
        if entry.number > self.number + 1:
            self._gap = True
            self._refuse(f"{entry.number - self.number - 1} lines before number {entry.number} are missing")
        self.number = entry.number
        self.hashes[entry.number] = sha256(raw).hexdigest()
        for line in entry.said:
            if self._gap and line.what in _GIVES_BACK:
                self._refuse(f"{line.name} {line.what}: not believed, for lines before it are missing")
            else:
                self.lines.append(line)

    def _refuse(self, why: str) -> None:
        if len(self.wrong) < MOST_WRONG:
            self.wrong.append(f"line {self._place}: {why}")
        elif len(self.wrong) == MOST_WRONG:
            self.wrong.append(f"line {self._place}, and perhaps more: not believed either")


def _entry(raw: bytes, network: str, key: Ed25519PublicKey) -> _Entry | str:
    """The line if it is signed and just as it was written, else why it isn't believed."""
    try:
        row = json.loads(raw)
        said = tuple(Line(What(what), name, at) for what, name, at in row["said"])
        entry = _Entry(row["network"], row["number"], row["before"], said)
        signature = str(row["signature"])
        same = entry.written(signature) == raw and isinstance(entry.number, int)
    except (ValueError, KeyError, TypeError, RecursionError):
        return "not a line that ICONet has written"
    if not same:
        return "not a line that ICONet has written"
    if entry.network != network:
        return f"of the network {str(entry.network)[:_SHOWN]!a}"
    if not note.signed(_origin(network), entry.text(), signature, key):
        return "altered, or signed by another installation"
    return entry


def after(lines: Sequence[Line], moment: int) -> list[Line]:
    """The last word of each thing, where it was said at `moment` (microseconds) or later, or a day before.

    Clocks are set back at times, and to do what was done before `moment` once more does no harm.
    """
    last = {line.about: line for line in lines}
    return [line for line in last.values() if line.at >= moment - SET_BACK]


def _head(mark: Checkpoint) -> tuple[int, str] | None:
    """The number and hash of the line that a checkpoint names."""
    for words in (line.split(" ") for line in mark.more):
        if len(words) == len((WORD, 0, "")) and words[0] == WORD and words[1].isdecimal():
            return int(words[1]), words[2]
    return None


class File:
    """The file at `path` for who appends to it; several processes may."""

    def __init__(self, path: Path, network: str, key: Ed25519PrivateKey) -> None:
        self._path, self._network, self._key = path, network, key
        self._tail = b""
        self.reader = Reader(network, key.public_key())

    @property
    def head(self) -> tuple[str, ...]:
        """The last line as a checkpoint names it."""
        return (f"{WORD} {self.reader.number} {self.reader.last}",) if self.reader.number else ()

    def look(self) -> None:
        """Read what is new in it; there may be none. Raises OSError."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            self._catch_up(descriptor)
        finally:
            os.close(descriptor)

    def append(self, lines: Sequence[Line]) -> bool:
        """On disk when this returns; False when the file isn't what it was: then nothing is, and it was read anew.

        What a crash cut short is no line, and goes. Raises OSError.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not self._catch_up(descriptor):
                return False
            if os.fstat(descriptor).st_size > self.reader.end:
                os.ftruncate(descriptor, self.reader.end)
            self._write(descriptor, lines)
        finally:
            os.close(descriptor)
        return True

    def _catch_up(self, descriptor: int) -> bool:
        """Take in what is new; whether it still ends, as far as it is known, as it did."""
        known = self.reader.end
        same = os.pread(descriptor, len(self._tail), known - len(self._tail)) == self._tail
        if not same:
            self.reader, known = Reader(self._network, self._key.public_key()), 0
        octets = _octets(descriptor, known)
        self.reader.feed(octets)
        self._keep_tail(octets)
        return same

    def _keep_tail(self, octets: bytes) -> None:
        whole = octets[: octets.rfind(b"\n") + 1]
        if whole or not self.reader.end:
            self._tail = whole[whole.rfind(b"\n", 0, -1) + 1 :]

    def _write(self, descriptor: int, lines: Sequence[Line]) -> None:
        for start in range(0, len(lines), MOST):
            said = tuple(lines[start : start + MOST])
            entry = _Entry(self._network, self.reader.number + 1, self.reader.last, said)
            raw = entry.written(note.signature(_origin(self._network), entry.text(), self._key)) + b"\n"
            with os.fdopen(os.dup(descriptor), "ab") as file:
                file.write(raw)
            os.fsync(descriptor)
            self.reader.feed(raw)
            self._keep_tail(raw)


def _octets(descriptor: int, start: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(start)
        return file.read()
