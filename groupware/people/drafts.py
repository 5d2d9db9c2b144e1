"""A file that an admin looks through before it is applied: one for each admin, gone once applied or after an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from directory.keeping_tables import import_draft
from groupware.clock import MICROSECONDS
from groupware.errors import Conflict
from groupware.people.importing import CHANGED

if TYPE_CHECKING:
    from groupware.people.leave import Leave
    from groupware.store import Snapshot, Tx

LASTS = 3600 * MICROSECONDS
_ADD = insert(import_draft)
_DROP = delete(import_draft).where(import_draft.c.official == bindparam("of"))
_SWEEP = delete(import_draft).where(import_draft.c.at <= bindparam("before"))
_OLD = select(import_draft.c.official).where(import_draft.c.at <= bindparam("before")).limit(1)
_FIND = select(import_draft.c.content).where(
    import_draft.c.official == bindparam("of"),
    import_draft.c.body == bindparam("in_body"),
    import_draft.c.digest == bindparam("named"),
    import_draft.c.at > bindparam("after"),
)


def keep(tx: Tx, leave: Leave, digest: str, content: bytes) -> None:
    """Keep a file for the admin instead of an earlier one; others' old ones are swept on the way."""
    leave.use(tx, leave.body)
    sweep(tx)
    drop(tx, leave)
    row = {"official": leave.by, "body": leave.body, "digest": digest, "content": content, "at": tx.now}
    tx.connection.execute(_ADD, row)


def find(snapshot: Snapshot, leave: Leave, digest: str) -> bytes:
    """The admin's file of this digest. Raises Conflict(changed-meanwhile) when it is gone or was replaced."""
    values = {"of": leave.by, "in_body": leave.body, "named": digest, "after": snapshot.now - LASTS}
    row = snapshot.connection.execute(_FIND, values).first()
    if row is None:
        raise Conflict("changed-meanwhile", CHANGED)
    return bytes(row.content)


def sweep(tx: Tx) -> None:
    """Forget all files that nobody has applied within the hour."""
    tx.connection.execute(_SWEEP, {"before": tx.now - LASTS})


def is_old(snapshot: Snapshot) -> bool:
    """Whether there is one to forget: most looks shall cost no commit."""
    return snapshot.connection.execute(_OLD, {"before": snapshot.now - LASTS}).first() is not None


def drop(tx: Tx, leave: Leave) -> None:
    """Forget the admin's file."""
    tx.connection.execute(_DROP, {"of": leave.by})
