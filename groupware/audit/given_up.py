"""Checkpoints of a log that a restore gave up: it is on record, and says which backup, and what was signed after it.

A restored log goes on from where its backup ended. What was signed after that, before the loss, is of records that are
gone: it fits no longer, and is no rewriting.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from groupware import clock
from groupware.audit_tables import audit_record

if TYPE_CHECKING:
    from groupware.audit.note import Checkpoint
    from groupware.store import Snapshot

RESTORE, BACKUP = "restore", "backup"
"""The action and the kind of the act."""
SEALED, NEWEST = "sealed-records", "newest-checkpoint"
"""In its detail: records that the backup's log had sealed, and those of the newest checkpoint then (left out: none)."""
_r = audit_record.c
_RESTORES = (
    select(_r.id, _r.at, _r.resource, _r.detail)
    .where(_r.kind == BACKUP, _r.action == RESTORE, _r.actor == "")
    .order_by(_r.id.desc())
)


@dataclass(frozen=True, slots=True)
class Restore:
    """The act on record: of all that was signed between `sealed` records and `newest`, nothing is there any more."""

    record: int
    at: int
    backup: str
    sealed: int
    newest: int

    def gave_up(self, mark: Checkpoint) -> bool:
        """Whether it may be of the lost log."""
        return self.sealed < mark.size <= self.newest

    def told(self, name: str) -> str:
        """What an operator can do about the checkpoint called so."""
        day = datetime.fromtimestamp(self.at // clock.MICROSECONDS, UTC).isoformat(timespec="minutes")
        return (
            f"backup {self.backup[:16]} was restored here on {day}, and {name} is of what was lost by that: if you know"
            " of this restore, keep it elsewhere from now on; if nobody does, the log was rewritten"
        )


def restores(snapshot: Snapshot) -> list[Restore]:
    """All that are on record, the last one first; one that was tampered with is passed over."""
    found = []
    for row in snapshot.connection.execute(_RESTORES):
        with suppress(ValueError, TypeError, KeyError):
            detail = json.loads(row.detail)
            found.append(Restore(row.id, row.at, row.resource, int(detail[SEALED]), int(detail[NEWEST])))
    return found
