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
    from collections.abc import Sequence

    from groupware.audit.note import Checkpoint
    from groupware.store import Snapshot

RESTORE, BACKUP = "restore", "backup"
"""The action and the kind of the act."""
SEALED, NEWEST, LOST = "sealed-records", "newest-checkpoint", "lost-checkpoints"
"""In its detail: records that the backup's log had sealed; of checkpoints that had more, the largest size, and each."""
_SURE = 16
"""Octets of a root that tell it from any other."""
_r = audit_record.c
_RESTORES = (
    select(_r.id, _r.at, _r.resource, _r.detail)
    .where(_r.kind == BACKUP, _r.action == RESTORE, _r.actor == "")
    .order_by(_r.id.desc())
)


@dataclass(frozen=True, slots=True)
class Restore:
    """The act on record, and the checkpoints that it gave up, as it spells them."""

    record: int
    day: str
    backup: str
    lost: frozenset[str]

    def gave_up(self, mark: Checkpoint) -> bool:
        """Whether this checkpoint lay outside when the log behind it was gone already."""
        return _spelled(mark) in self.lost

    def told(self, name: str) -> str:
        """What an operator can do about the checkpoint called so."""
        return (
            f"backup {self.backup[:16]} was restored here on {self.day}, and {name} is of what was lost by that: if you"
            " know of this restore, keep it elsewhere from now on; if nobody does, the log was rewritten"
        )


def detail(sealed: int, outside: Sequence[Checkpoint]) -> dict[str, int | str]:
    """What a restore says of the log of its backup, which had sealed so many records, and of checkpoints outside."""
    lost = [mark for mark in outside if mark.size > sealed]
    if not lost:
        return {SEALED: sealed}
    newest = max(mark.size for mark in lost)
    return {SEALED: sealed, NEWEST: newest, LOST: " ".join(_spelled(mark) for mark in lost)}


def _spelled(mark: Checkpoint) -> str:
    return f"{mark.size}:{mark.root[:_SURE].hex()}"


def restores(snapshot: Snapshot) -> list[Restore]:
    """All that gave something up, the last one first; one that was tampered with is passed over."""
    found = []
    for row in snapshot.connection.execute(_RESTORES):
        with suppress(ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
            lost = frozenset(json.loads(row.detail)[LOST].split(" "))
            day = datetime.fromtimestamp(row.at // clock.MICROSECONDS, UTC).isoformat(timespec="minutes")
            found.append(Restore(row.id, day, row.resource, lost))
    return found
