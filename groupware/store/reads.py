"""What goes on record of those who look: it is written down before they are told what they asked for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from groupware.acts import DRAFT, Happening
from groupware.draft_tables import draft_reading
from groupware.errors import NotCommitted, Overloaded
from groupware.store.dialect import insert_missing
from groupware.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from groupware.acts import Act
    from groupware.store.tx import Tx

    Run = Callable[[Callable[[Tx], None]], Coroutine[None, None, None]]

MOST = 20_000
"""Openings that wait at most."""
_HAD = insert_missing(draft_reading)
logger = logging.getLogger(__name__)


class Reads:
    """For one store. A client fetches a message in many pieces: that is one opening."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._told = Told()
        self._waiting: list[Act] = []

    async def put_on_record(self, acts: Sequence[Act]) -> None:
        """Write them down. While nothing can be written what was there can be read: then they go with the next ones."""
        fresh = [act for act in acts if self._is_new(act)]
        if fresh or self._waiting:
            await self._write([*self._waiting, *fresh])

    async def _write(self, acts: Sequence[Act]) -> None:
        self._waiting = []
        try:
            await self._run(lambda tx: _put(tx, acts))
        except (NotCommitted, Overloaded) as error:
            self._waiting = [*acts, *self._waiting][-MOST:]
            logger.error("%d acts are not on record yet: %s", len(self._waiting), error)  # noqa: TRY400 -- one line

    def _is_new(self, act: Act) -> bool:
        if act.event is not Happening.READ:
            return True
        return self._told.is_new((act.official, act.door, act.kind, act.resource))


def _put(tx: Tx, acts: Sequence[Act]) -> None:
    """Whoever has opened a draft has had it, also when it has ended and nobody may read it any more."""
    tx.acts.extend(acts)
    had = [{"post": act.resource, "official": act.official} for act in acts if DRAFT in act.detail]
    tx.insert_all(_HAD, had)
