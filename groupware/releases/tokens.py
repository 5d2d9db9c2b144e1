"""The address that a delegate answers to by mail: it is theirs alone, for one consent, and works once."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from groupware.errors import Conflict, NotFound
from groupware.release_tables import consent_reply

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx

DESK = "release"
"""The local part to which a reader writes; with a plus and a token behind it, a delegate."""
MARK = f"{DESK}+"
_OCTETS = 18
_t = consent_reply.c
_KEEP = insert(consent_reply)
_FIND = select(_t.consent).where(_t.digest == bindparam("wanted"), _t.official == bindparam("by"))
_USE = (
    update(consent_reply)
    .where(_t.digest == bindparam("wanted"), _t.official == bindparam("by"), _t.used == 0)
    .values(used=bindparam("at"))
)


def made(tx: Tx, consent: int, official: int, domain: str) -> str:
    """A new address for one delegate."""
    token = secrets.token_hex(_OCTETS)  # mail programs change the case of addresses
    tx.connection.execute(
        _KEEP, {"digest": _digest(token), "consent": consent, "official": official, "used": 0, "chat": 0}
    )
    return f"{MARK}{token}@{domain}"


def consent_for(snapshot: Snapshot, local: str, official: int) -> int:
    """The consent that an address is for. Raises NotFound for another's, too."""
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
