"""The end of an erasure: what it left in the database is scoured, files go, and each store is looked into."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, exists, insert, select, update

from groupware.retention import doomed as gathering
from groupware.retention.erasing import AT_ONCE, ERASED, LEFT_OVER, SCOURED, VERIFIED
from groupware.retention.removing import FILE
from groupware.retention.stores import SCOURED as LAST_LINE
from groupware.retention.stores import STORES
from groupware.retention_tables import erasure, erasure_errand, erasure_step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupware.store import Snapshot, Tx

logger = logging.getLogger(__name__)
_e, _s, _errand = erasure.c, erasure_step.c, erasure_errand.c
_FILES = select(_errand.id, _errand.name).where(_errand.kind == FILE, _errand.done == 0).limit(200)
_DONE = update(erasure_errand).where(_errand.id == bindparam("this")).values(done=bindparam("at"))
_NEWEST = select(_e.post).where(_e.stage == ERASED, _e.at <= bindparam("up_to", type_=BigInteger))
_SCOUR = (
    update(erasure)
    .where(_e.stage == ERASED, _e.at <= bindparam("up_to", type_=BigInteger))
    .values(stage=SCOURED)
    .returning(_e.post)
)
_STEP = insert(erasure_step)
_READY = (
    select(_e.post)
    .where(_e.stage == SCOURED, ~exists().where(_errand.post == _e.post, _errand.done == 0))
    .order_by(_e.post)
    .limit(AT_ONCE)
)
_AGAIN = update(erasure).where(_e.stage == LEFT_OVER).values(stage=SCOURED)
_LOOKED = (
    update(erasure_step)
    .where(_s.post == bindparam("this"), _s.store == bindparam("of"))
    .values(remains=bindparam("found"), at=bindparam("when"))
)
_REMAINS = select(_s.store).where(_s.post == bindparam("post"), _s.remains != 0)
_STAGE = update(erasure).where(_e.post == bindparam("this")).values(stage=bindparam("to"), verified=bindparam("when"))


def files(snapshot: Snapshot) -> Sequence[tuple[int, str]]:
    """Files that no row names any more, and that are to go."""
    return [(row.id, row.name) for row in snapshot.connection.execute(_FILES)]


def unlink(folder: Path, found: Sequence[tuple[int, str]]) -> None:
    """Remove them from the disk. In a thread, after the transaction that let go of them. Raises OSError."""
    for _, name in found:
        (folder / name).unlink(missing_ok=True)


def unlinked(tx: Tx, found: Sequence[tuple[int, str]]) -> None:
    """They are gone."""
    for number, _ in found:
        tx.connection.execute(_DONE, {"this": number, "at": tx.now})


def to_scour(snapshot: Snapshot, up_to: int) -> bool:
    """Whether there are remains of rows in the database's pages, of erasures up to then."""
    return snapshot.connection.execute(_NEWEST, {"up_to": up_to}).first() is not None


def scoured(tx: Tx, up_to: int, free: int) -> int:
    """The database has been written anew since `up_to`, with so many `free` pages; how many erasures that is of."""
    posts = list(tx.connection.scalars(_SCOUR, {"up_to": up_to}))
    if posts:
        row = {"store": LAST_LINE, "removed": 0, "remains": free, "at": tx.now}
        tx.connection.execute(_STEP, [{"post": post, **row} for post in posts])
    return len(posts)


def to_verify(snapshot: Snapshot) -> bool:
    """Whether there are erasures of which nothing is to be done any more but to look."""
    return snapshot.connection.execute(_READY).first() is not None


def verify(tx: Tx, where: Path) -> int:
    """Look for what there is of the next ones in each store, and write down what was found; how many those were."""
    posts = list(tx.connection.scalars(_READY))
    for post in posts:
        found = gathering.find(tx, post, where)
        for each in STORES:
            if not each.at_once:
                looked = {"this": post, "of": each.name, "found": each.remaining(tx, found, where), "when": tx.now}
                tx.connection.execute(_LOOKED, looked)
        left = list(tx.connection.scalars(_REMAINS, {"post": post}))
        if left:
            logger.error("post %d isn't erased everywhere: %s", post, ", ".join(left))
        tx.connection.execute(_STAGE, {"this": post, "to": LEFT_OVER if left else VERIFIED, "when": tx.now})
    return len(posts)


def again(tx: Tx) -> None:
    """What was found to be left over is looked at once more."""
    tx.connection.execute(_AGAIN)
