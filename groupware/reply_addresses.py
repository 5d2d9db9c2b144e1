"""Addresses to which one person answers by mail about one thing: theirs alone, and each works once."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import Table, bindparam, insert, select, update

from groupware.draft_tables import draft_reply
from groupware.errors import Conflict, NotFound
from groupware.release_tables import consent_reply

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx

RELEASE_DESK = "release"
"""The local part to which a reader writes for a release; with a plus and a token behind it, a delegate."""
UNTOLD_IN_CHAT, NOT_FOR_CHAT = 0, 1
_OCTETS = 18


class Addresses:
    """Those kept in a table, whose column `about` says what each is for; `mark` is before the token, in local parts."""

    def __init__(self, mark: str, table: Table, about: str) -> None:
        self.mark = mark
        self._about = about
        key = (table.c.digest == bindparam("wanted"), table.c.official == bindparam("by"))
        self._keep = insert(table)
        self._find = select(table.c[about]).where(*key)
        self._use = update(table).where(*key, table.c.used == 0).values(used=bindparam("at"))

    def made(self, tx: Tx, about: int, official: int, domain: str, *, chat: int = UNTOLD_IN_CHAT) -> str:
        """A new one; `chat` says whether they are to be told there, too."""
        token = secrets.token_hex(_OCTETS)  # mail programs change the case of addresses
        row = {"digest": _digest(token), self._about: about, "official": official, "used": 0, "chat": chat}
        tx.connection.execute(self._keep, row)
        return f"{self.mark}{token}@{domain}"

    def is_one(self, local: str) -> bool:
        """Whether a local part has this form."""
        return local.lower().startswith(self.mark)

    def find(self, snapshot: Snapshot, local: str, official: int) -> int:
        """What it is about. Raises NotFound for another's, too."""
        found = snapshot.connection.execute(self._find, self._key(local, official)).scalar()
        if found is None:
            raise NotFound("no such address")
        return int(found)

    def use(self, tx: Tx, local: str, official: int) -> None:
        """Only once. Raises Conflict(already-decided)."""
        if tx.connection.execute(self._use, {**self._key(local, official), "at": tx.now}).rowcount != 1:
            raise Conflict("already-decided", "you have answered this already")

    def _key(self, local: str, official: int) -> dict[str, object]:
        return {"wanted": _digest(local.lower().removeprefix(self.mark)), "by": official}


def _digest(token: str) -> bytes:
    """Of a secret with 144 random bits, which needs no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


DRAFTS = Addresses("authorise+", draft_reply, "post")
"""A colleague's, for one draft."""
CONSENTS = Addresses(f"{RELEASE_DESK}+", consent_reply, "consent")
"""A delegate's, for one consent."""
