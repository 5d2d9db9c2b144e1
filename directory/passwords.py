"""Passwords of the portal: argon2id, RFC 9106 section 4, second recommended choice, but one lane.

One lane, because a server that checks two passwords at once gains nothing from more (measured: 144 ms instead of
91 ms for one, the same number a second). Each check holds 64 MiB and some 150 ms of a core, so nobody calls these
on an event loop, in a transaction or in more threads than two: `groupware.sign_in` has the only gate.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, insert, select

from directory.errors import UnfitError
from directory.tables import password

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

SHORTEST = 15
"""Characters (NIST SP 800-63B-4: 15 where the password is the only factor)."""
SHORTEST_OF_TWO = 8
"""Characters where there is a second factor."""
LONGEST = 256
_BLOCKED = Path(__file__).parent / "common_passwords.txt"
_COMMON = frozenset({"password", "passwort", "motdepasse", "qwertyuiop", "qwertzuiop", "letmein", "iconet", "welcome"})
_LEAST_WORD = 3
"""Letters from which on a word that is known of somebody counts as one."""

_HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1, hash_len=32, salt_len=16)
_FORGET = delete(password).where(password.c.official == bindparam("of"))
_ADD = insert(password)
_HASH = select(password.c.hash).where(password.c.official == bindparam("of"))
_CHANGED = select(password.c.changed).where(password.c.official == bindparam("of"))
_SHORT = select(password.c.short).where(password.c.official == bindparam("of"))
_WORDS = re.compile(r"[^\W_]+")


def _b64(octets: bytes) -> str:
    return b64encode(octets).decode().rstrip("=")


DUMMY = f"$argon2id$v=19$m=65536,t=3,p=1${_b64(secrets.token_bytes(16))}${_b64(secrets.token_bytes(32))}"
"""A hash of nothing known, checked for unknown names so that they take as long as known ones."""


def check_fitness(secret: str, known: Iterable[str] = (), *, second_factor: bool = False) -> None:
    """UnfitError, whose text may be shown, for a password that is short, long, common or made of what is `known`.

    `known` are the login, names and the body's. NIST SP 800-63B-4: length in characters after NFKC and a list of
    refused ones, with the reason; no classes of characters, no expiry.
    """
    shortest = SHORTEST_OF_TWO if second_factor else SHORTEST
    text = _nfkc(secret).casefold()
    if not shortest <= len(_nfkc(secret)) <= LONGEST:
        raise UnfitError(f"A password has {shortest} to {LONGEST} characters.")
    if text in _blocked():
        raise UnfitError("This is one of the most used passwords, which are guessed first.")
    words = {word.casefold() for each in known for word in (each, *_WORDS.findall(each)) if len(word) >= _LEAST_WORD}
    for word in sorted({*_COMMON, *words}, key=len, reverse=True):
        text = text.replace(word, "")
    if len(set(text)) < shortest // 2:
        raise UnfitError("A password is more than a common word, a name or a repetition.")


def is_short(secret: str) -> bool:
    """Whether a fit password is so only together with a second factor."""
    return len(_nfkc(secret)) < SHORTEST


def hashed(secret: str) -> str:
    """The string to keep. Slow: some 150 ms and 64 MiB."""
    return _HASHER.hash(_normal(secret))


def matches(kept: str, secret: str) -> bool:
    """Whether this is the password; as slow for a wrong one, and for one too long to be right."""
    try:
        return _HASHER.verify(kept, _normal(secret[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def keep(connection: Connection, official: int, kept: str, now: int, *, short: bool = False) -> None:
    """Replace an official's hash; `short` as `is_short` says."""
    connection.execute(_FORGET, {"of": official})
    connection.execute(_ADD, {"official": official, "hash": kept, "changed": now, "short": short})


def needs_second_factor(connection: Connection, official: int) -> bool:
    """Whether an official's password is a short one."""
    return bool(connection.execute(_SHORT, {"of": official}).scalar())


def changed(connection: Connection, official: int) -> int | None:
    """When it was set, in microseconds; None for an official without a password."""
    return connection.execute(_CHANGED, {"of": official}).scalar()


def forget(connection: Connection, official: int) -> None:
    """Leave an official without a password."""
    connection.execute(_FORGET, {"of": official})


def kept_hash(connection: Connection, official: int) -> str | None:
    """The hash to check against; None for an official without a password."""
    return connection.execute(_HASH, {"of": official}).scalar()


def _normal(secret: str) -> bytes:
    """The same for every keyboard (NIST SP 800-63B-4 3.1.1.2: NFKC before hashing), whatever it holds."""
    return _nfkc(secret).encode("utf-8", "surrogatepass")


def _nfkc(secret: str) -> str:
    return unicodedata.normalize("NFKC", secret)


@cache
def _blocked() -> frozenset[str]:
    lines = _BLOCKED.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))
