"""Who presents a token? Wrong ones are counted and delayed as wrong passwords are, for all doors together.

A right one is never held back, as at every door; a wrong one has no name to count for, only the network it came from.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from directory import login_failures
from directory.tables import body
from groupware.errors import Busy, Refused
from groupware.provisioning import token_secret
from groupware.provisioning.authority import Machine
from groupware.provisioning.issuing import DAY
from groupware.provisioning_tables import scim_token

if TYPE_CHECKING:
    from groupware.store import Snapshot, Store, Tx

MOST_DELAYED = 64
"""Answers that wait at once; a further wrong token is told that we are busy, uncounted."""
_FIND = (
    select(scim_token.c.id, scim_token.c.body, scim_token.c.used, body.c.code)
    .join(body, body.c.id == scim_token.c.body)
    .where(
        scim_token.c.digest == bindparam("wanted"),
        scim_token.c.expires > bindparam("at"),
        scim_token.c.revoked > bindparam("at"),
        ~body.c.suspended,
    )
)
_USED = update(scim_token).where(scim_token.c.id == bindparam("wanted")).values(used=bindparam("day"))
logger = logging.getLogger(__name__)


class Gate:
    """For one store; `key` is the server's."""

    def __init__(self, store: Store, key: bytes, domain: str) -> None:
        self._store = store
        self._key = key
        self._domain = domain
        self._delayed = 0

    async def open(self, text: str, address: str) -> Machine:
        """The holder of a token. Refused("sign-in"), perhaps late, for whatever is wrong; Busy if too many try."""
        digest = token_secret.digest(text, self._key)
        machine, used = await self._store.read(partial(_find, digest=digest, domain=self._domain))
        if machine is None:
            await self._delay(address)
            logger.info("login-failed", extra={"door": "scim", "client": address})
            raise Refused("sign-in")
        if not used:
            await self._store.run(partial(_note_use, number=machine.token))
        return machine

    async def _delay(self, address: str) -> None:
        if self._delayed >= MOST_DELAYED:
            raise Busy("too many wrong tokens")
        self._delayed += 1
        keys = login_failures.of_address(address)
        try:
            pause = await self._store.run(lambda tx: login_failures.note(tx.connection, keys, tx.now))
            await asyncio.sleep(pause / 1_000_000)
        finally:
            self._delayed -= 1


def _find(snapshot: Snapshot, digest: bytes, domain: str) -> tuple[Machine | None, bool]:
    """The holder, and whether the token's use today was written down."""
    row = snapshot.connection.execute(_FIND, {"wanted": digest, "at": snapshot.now}).first()
    if row is None:
        return None, False
    return Machine(row.id, row.body, row.code, domain), row.used == _day(snapshot.now)


def _note_use(tx: Tx, number: int) -> None:
    tx.change(_USED, {"wanted": number, "day": _day(tx.now)})


def _day(now: int) -> int:
    return now - now % DAY
