"""Signed checkpoints: what a log was at one moment, as text that anybody can keep and check.

C2SP signed-note and tlog-checkpoint (c2sp.org): origin, size, root, an empty line, then signatures. Whoever has one
can tell later whether the log still begins with what it was then.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature

from groupware.audit.tree import WIDTH

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_ID = 4
_LINES = 5
_SIZE = re.compile("0|[1-9][0-9]{0,18}")
_DASH = "\N{EM DASH} "


class BadNoteError(Exception):
    """It is no checkpoint, or not one of this log's; the text says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log named `origin` had `size` records, and their tree this root; `more` are extension lines, none empty."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...] = ()

    def text(self) -> str:
        """What is signed (tlog-checkpoint)."""
        lines = self.origin, self.size, base64.b64encode(self.root).decode(), *self.more
        return "".join(f"{line}\n" for line in lines)


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The note: its text, and the log's signature (signed-note, Ed25519)."""
    text = checkpoint.text()
    return f"{text}\n{_DASH}{checkpoint.origin} {signature(checkpoint.origin, text, key)}\n"


def signature(name: str, text: str, key: Ed25519PrivateKey) -> str:
    """That of `name` under a text, in base64 (signed-note): the key's id, then what Ed25519 gives."""
    return base64.b64encode(_key_id(name, key.public_key()) + key.sign(text.encode())).decode()


def read(note: str, key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint that the log itself has signed; others' signatures are passed over. Raises BadNoteError."""
    text, _, signatures = note.replace("\r\n", "\n").partition("\n\n")
    checkpoint = parse(text)
    wanted = f"{_DASH}{checkpoint.origin} "
    for line in signatures.splitlines():
        if line.startswith(wanted) and signed(checkpoint.origin, checkpoint.text(), line.removeprefix(wanted), key):
            return checkpoint
    raise BadNoteError("the log's own signature is not there, or is not right")


def signed(name: str, text: str, encoded: str, key: Ed25519PublicKey) -> bool:
    """Whether it is the signature of `name` under this text."""
    try:
        octets = base64.b64decode(encoded, validate=True)
        if octets[:_ID] != _key_id(name, key):
            return False
        key.verify(octets[_ID:], text.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def read_alone(note: str, key: Ed25519PublicKey) -> Checkpoint:
    """The same of a note as the log keeps it, with nothing besides. Raises BadNoteError."""
    checkpoint = read(note, key)
    if note.count("\n") != _LINES + len(checkpoint.more) or not note.endswith("\n"):
        raise BadNoteError("something was added to it")
    return checkpoint


def public_text(origin: str, key: Ed25519PublicKey) -> str:
    """The key for whoever checks notes, as signed-note writes it: name+id+key."""
    encoded = base64.b64encode(_ED25519 + key.public_bytes_raw()).decode()
    return f"{origin}+{_key_id(origin, key).hex()}+{encoded}"


def parse(text: str) -> Checkpoint:
    """What a checkpoint says, whoever signed it (tlog-checkpoint). Raises BadNoteError."""
    lines = text.partition("\n\n")[0].removesuffix("\n").split("\n")
    try:
        origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
    except (IndexError, ValueError) as error:
        raise BadNoteError("a checkpoint has three lines: origin, size and root") from error
    if not origin or not _SIZE.fullmatch(size) or len(root) != WIDTH or not all(lines[3:]):
        raise BadNoteError("a checkpoint has three lines: origin, size and root")
    return Checkpoint(origin, int(size), root, tuple(lines[3:]))


def _key_id(origin: str, key: Ed25519PublicKey) -> bytes:
    return sha256(origin.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:_ID]
