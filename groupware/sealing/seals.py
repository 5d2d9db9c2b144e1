"""Sealing: what a column holds is encrypted under the key of its period and bound to its row (AES-256-GCM).

A sealed value is MAGIC, the period's name, a nonce, and the ciphertext with its tag (NIST SP 800-38D); the associated
data is period, table, column and id, so that a value opens only where it was put. Nonces are random: one key takes
2**32 values. A large file has a key of its own, which is what its row seals.
"""

from __future__ import annotations

import errno
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from groupware.clock import MICROSECONDS
from groupware.sealing.keys import NONCE, KeyAway, KeyFolder, proof_of

MAGIC = b"\0IC\1"
"""No message begins so: a NUL is no part of a header (RFC 5322 2.2)."""
PERIOD = 7
HEAD = len(MAGIC) + PERIOD
OVERHEAD = HEAD + NONCE + 16
UNDATED = "0000-00"
"""The period of what has no date on which it is due to go: personal mail, notices, what officials file by IMAP."""
ERASED = b"This message has been erased.\r\n"
ERASED_HEAD = b"Subject: [erased]\r\n\r\n"
_ERASED_BODY = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 31 1)'
SHOWN_FOR = {
    "content.body": ERASED,
    "rendering.head": ERASED_HEAD,
    "rendering.envelope": b'(NIL "[erased]" NIL NIL NIL NIL NIL NIL NIL NIL)',
    "rendering.body": _ERASED_BODY,
    "rendering.bodystructure": _ERASED_BODY,
}
"""What stands in place of a value whose period's key was destroyed, by column."""


def period_of(value: bytes | None) -> str:
    """The period under which a stored value lies; "" for one in clear."""
    return value[len(MAGIC) : HEAD].decode("ascii", "replace") if value and value.startswith(MAGIC) else ""


def prefix(period: str = "") -> bytes:
    """With what values of a period begin; those of any, without one."""
    return MAGIC + period.encode()


def month(at: int) -> str:
    """The calendar month (UTC) of a time in microseconds, such as 2031-11; a post's period is that of its date."""
    return f"{datetime.fromtimestamp(at // MICROSECONDS, UTC):%Y-%m}"


def month_begins(at: int) -> int:
    """When the month of a time began, in microseconds."""
    first = datetime.fromtimestamp(at // MICROSECONDS, UTC).replace(day=1, hour=0, minute=0, second=0)
    return int(first.timestamp()) * MICROSECONDS


@dataclass(slots=True, eq=False)
class Seals:
    """The keys of one store, and whether what comes in is sealed."""

    folder: KeyFolder | None = None
    sealing: bool = False
    _ciphers: dict[str, AESGCM | None] = field(default_factory=dict)
    """By period; None where the key was destroyed."""
    _proven: set[str] = field(default_factory=set)

    @property
    def used(self) -> bool:
        """Whether anything may be sealed."""
        return self.folder is not None

    def seal(self, period: str, column: str, row: int, clear: bytes) -> bytes:
        """The value for this row's column. Raises KeyAway."""
        cipher = self._opener(period)
        if cipher is None:
            raise KeyAway(f"the key of period {period} was destroyed")
        nonce = secrets.token_bytes(NONCE)
        sealed = cipher.encrypt(nonce, clear, _bound(period, column, row))
        return b"".join((MAGIC, period.encode(), nonce, sealed))

    def open(self, column: str, row: int, stored: bytes) -> bytes:
        """What the value says; words in its place when its key was destroyed.

        Raises KeyAway, and OSError for a value that isn't what was put there.
        """
        if not stored.startswith(MAGIC):
            return stored
        period = period_of(stored)
        cipher = self._opener(period)
        if cipher is None:
            return SHOWN_FOR[column]
        try:
            return cipher.decrypt(stored[HEAD : HEAD + NONCE], stored[HEAD + NONCE :], _bound(period, column, row))
        except InvalidTag as error:
            raise OSError(errno.EBADMSG, f"{column} {row}: altered, moved, or under another key of {period}") from error

    def erased(self, stored: bytes) -> bool:
        """Whether the key of a value was destroyed. Raises KeyAway when that isn't known."""
        return stored.startswith(MAGIC) and self._opener(period_of(stored)) is None

    def forget(self) -> None:
        """Read the keys anew: another process may have destroyed some."""
        self._ciphers.clear()
        self._proven.clear()

    def make(self, period: str) -> bytes:
        """The key of a period that has had none yet. Raises KeyAway."""
        if self.folder is None:
            raise KeyAway(f"period {period} has no key: no key folder is set")
        return self.folder.make(period)

    def prove(self, period: str, proof: bytes) -> None:
        """Nothing is sealed with another key than before. Raises KeyAway."""
        if period in self._proven or self.folder is None:
            return
        if not compare_digest(proof_of(self.folder.key(period)), proof):
            raise KeyAway(f"the key of period {period} in {self.folder.path} is not the one that sealed it")
        self._proven.add(period)

    def _opener(self, period: str) -> AESGCM | None:
        if period not in self._ciphers:
            self._ciphers[period] = self._cipher(period)
        return self._ciphers[period]

    def _cipher(self, period: str) -> AESGCM | None:
        if self.folder is None:
            raise KeyAway(f"period {period} is sealed, and no key folder is set")
        return None if period in self.folder.destroyed() else AESGCM(self.folder.key(period))


def _bound(period: str, column: str, row: int) -> bytes:
    return f"{period} {column} {row}".encode()


OFF = Seals()
"""Nothing is sealed, and nothing was."""
