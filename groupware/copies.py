"""Follower: hands a published post to the INBOX of everybody who may list it, taken in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from groupware import tables
from groupware.events import Event, EventKind
from groupware.store.dialect import current_txid
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.store import Tx

NAME = "copies"
KINDS = (EventKind.POST_PUBLISHED,)
AT_ONCE = 4
"""Posts handed out in one transaction: a row for each of thousands of readers takes tens of milliseconds a post."""

_COPY = insert(tables.copy).values(txid=current_txid())
_HAVE = select(tables.copy.c.official).where(tables.copy.c.post == bindparam("post"))


class Copies:
    """Acts on `post-published`. A post that was withdrawn meanwhile has no audience, and so no copies."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """One row an official and post; those who have one already get no second."""
        for event in events:
            self._hand_out(tx, event.subject, event.room)

    def _hand_out(self, tx: Tx, post: int, room: int) -> None:
        have = {row.official for row in tx.connection.execute(_HAVE, {"post": post})}
        audience = [each for each in self._monitor.audience(tx, Action.LIST, Kind.POST, post) if each not in have]
        if audience:
            tx.connection.execute(_COPY, [{"official": each, "post": post, "mail": 0} for each in audience])
            tx.record(EventKind.COPIED, post, room)
