"""The address that a colleague answers to by mail: it is theirs alone, for one draft, and works once."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from groupware.draft_tables import draft_reply
from groupware.errors import Conflict, NotFound

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx

MARK = "authorise+"
"""Before the token, in the local part."""
UNTOLD_IN_CHAT, NOT_FOR_CHAT = 0, 1
_OCTETS = 18
_t = draft_reply.c
_KEEP = insert(draft_reply)
_FIND = select(_t.post).where(_t.digest == bindparam("wanted"), _t.official == bindparam("by"))
_USE = (
    update(draft_reply)
    .where(_t.digest == bindparam("wanted"), _t.official == bindparam("by"), _t.used == 0)
    .values(used=bindparam("at"))
)


def made(tx: Tx, post: int, official: int, domain: str, *, chat: int) -> str:
    """A new address for one colleague; `chat` says whether they are to be told there, too."""
    token = secrets.token_hex(_OCTETS)  # mail programs change the case of addresses
    tx.connection.execute(
        _KEEP, {"digest": _digest(token), "post": post, "official": official, "used": 0, "chat": chat}
    )
    return f"{MARK}{token}@{domain}"


def post_for(snapshot: Snapshot, local: str, official: int) -> int:
    """The draft that an address is for. Raises NotFound for another's, too."""
    key = {"wanted": _digest(local.lower().removeprefix(MARK)), "by": official}
    found = snapshot.connection.execute(_FIND, key).scalar()
    if found is None:
        raise NotFound("no such address")
    return int(found)


def use(tx: Tx, local: str, official: int) -> None:
    """Only once. Raises Conflict(already-decided)."""
    key = {"wanted": _digest(local.lower().removeprefix(MARK)), "by": official, "at": tx.now}
    if tx.connection.execute(_USE, key).rowcount != 1:
        raise Conflict("already-decided", "you have answered this already")


def _digest(token: str) -> bytes:
    """Of a secret with 144 random bits, which needs no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
