"""Follower: hands a published post to the INBOX of everybody who may list it, taken in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from groupware import ledger, tables
from groupware.events import Event, EventKind
from groupware.store.dialect import current_txid, insert_missing
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.store import Tx

NAME = "copies"
KINDS = (EventKind.POST_PUBLISHED, EventKind.POST_MARKED)
ENOUGH = 1_000
"""Rows of one transaction, after which the next posts wait for another: nobody else is written meanwhile."""

_post = tables.post.c
_COPY = insert_missing(tables.copy).values(txid=current_txid()).inline()
_WHAT_COUNTS: Select[Any] = select(
    _post.room, _post.author, _post.owner, _post.marking, _post.handling, _post.competence, _post.state
).where(_post.id == bindparam("post"))
"""All by which the policies tell one post from another."""


class Copies:
    """Acts on `post-published`, and on `post-marked`, for there may be more who may list it now.

    A post that was withdrawn meanwhile has no audience, and so no copies.
    """

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def __call__(self, tx: Tx, events: Sequence[Event]) -> int:
        """One row an official and post; those who have one already get no second."""
        audiences: dict[object, list[int]] = {}
        rows = 0
        for done, event in enumerate(events, 1):
            alike = tx.first(_WHAT_COUNTS, {"post": event.subject})
            if alike not in audiences:
                audiences[alike] = self._monitor.audience(tx, Action.LIST, Kind.POST, event.subject)
            self._hand_out(tx, event, audiences[alike])
            rows += len(audiences[alike])
            if rows >= ENOUGH:
                return done
        return len(events)

    @staticmethod
    def _hand_out(tx: Tx, event: Event, audience: Sequence[int]) -> None:
        tx.insert_all(_COPY, [{"official": each, "post": event.subject, "mail": 0} for each in audience])
        ledger.delivered(tx, audience, Door.IMAP, Kind.POST, event.subject)
        if audience:
            tx.record(EventKind.COPIED, event.subject, event.room)
