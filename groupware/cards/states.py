"""What a book held when a client last looked, so that it is told of the differences only (RFC 6578).

A state is named by the digest of what it holds, so all who see the same share one. A token names a state for one
caller and one book: with somebody else's, nothing is told. States that nobody asked for in three months are forgotten,
and a client with such a token reads the book anew.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from groupware.card_tables import card_state
from groupware.errors import NotFound
from groupware.store.dialect import insert_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from groupware.store import Snapshot, Tx

PREFIX = "urn:x-iconet:sync:"
"""A token is a URI (RFC 6578 6.2)."""
DAY = 24 * 3600 * 1_000_000
KEPT = 90 * DAY
MOST = 2_000
_PAIR = struct.Struct(">Q8s")
_FIND = select(card_state.c.entries, card_state.c.used).where(card_state.c.name == bindparam("wanted"))
_ADD = insert_missing(card_state).inline()
_TOUCH = update(card_state).where(card_state.c.name == bindparam("wanted")).values(used=bindparam("at"))
_OLD = delete(card_state).where(card_state.c.used < bindparam("before"))
_LIMIT = select(card_state.c.used).order_by(card_state.c.used.desc()).offset(MOST).limit(1)


@dataclass(frozen=True, slots=True)
class State:
    """What a book holds: the digest of each official's card."""

    digests: Mapping[int, bytes]

    @property
    def packed(self) -> bytes:
        """In the form that is kept."""
        return b"".join(_PAIR.pack(number, digest[:8]) for number, digest in sorted(self.digests.items()))

    @property
    def name(self) -> str:
        """The same for the same contents."""
        return hashlib.sha256(self.packed).hexdigest()[:32]


def token(key: bytes, official: int, book: str, state: str) -> str:
    """What the caller shows next time."""
    return f"{PREFIX}{state}:{_seal(key, official, book, state)}"


def named(key: bytes, official: int, book: str, shown: str) -> str:
    """The name of the state that a token stands for; NotFound for a token that is none of this caller and book."""
    state, _, seal = shown.removeprefix(PREFIX).partition(":")
    if not hmac.compare_digest(_seal(key, official, book, state).encode(), seal.encode("utf-8", "replace")):
        raise NotFound("sync token")
    return state


def is_fresh(snapshot: Snapshot, state: str) -> bool:
    """Whether the state is kept, and noted as used within the last day."""
    row = snapshot.connection.execute(_FIND, {"wanted": state}).first()
    return row is not None and row.used > snapshot.now - DAY


def keep(tx: Tx, state: State) -> None:
    """Keep it from now on, and forget what is old."""
    name = state.name
    tx.connection.execute(_ADD, {"name": name, "entries": state.packed, "used": tx.now})
    tx.connection.execute(_TOUCH, {"wanted": name, "at": tx.now})
    limit = tx.connection.scalar(_LIMIT) or 0
    tx.connection.execute(_OLD, {"before": max(limit, tx.now - KEPT)})


def since(snapshot: Snapshot, before: str, current: State) -> list[int]:
    """Whose cards changed, came or went since the state of that name. NotFound for one that is no longer kept."""
    row = snapshot.connection.execute(_FIND, {"wanted": before}).first()
    if row is None:
        raise NotFound("sync state")
    old = dict(_unpacked(row.entries))
    new = {number: digest[:8] for number, digest in current.digests.items()}
    return sorted(number for number in old.keys() | new.keys() if old.get(number) != new.get(number))


def _unpacked(entries: bytes) -> Iterable[tuple[int, bytes]]:
    return _PAIR.iter_unpack(entries)


def _seal(key: bytes, official: int, book: str, state: str) -> str:
    said = f"card state\0{official}\0{book}\0{state}"
    return hmac.new(key, said.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
