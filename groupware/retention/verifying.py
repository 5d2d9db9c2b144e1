"""The end of an erasure: what it left in the database is scoured, files go, and each store is looked into."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, case, insert, or_, select, update

from groupware.retention import doomed as gathering
from groupware.retention import errands
from groupware.retention.erasing import AT_ONCE, ERASED, LEFT_OVER, VERIFIED
from groupware.retention.errands import SCOURED, WAITING
from groupware.retention.removing import FILE
from groupware.retention.stores import SCOURED as LAST_LINE
from groupware.retention.stores import STORES
from groupware.retention.watch import LEAP
from groupware.retention_tables import erasure, erasure_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from groupware.store import Snapshot, Tx

logger = logging.getLogger(__name__)
FILES = 200
SLICE = 500
"""Erasures that go on by a stage in one transaction."""
_e, _s = erasure.c, erasure_step.c
_NEWEST = select(_e.post).where(
    _e.stage == ERASED,
    or_(_e.at <= bindparam("up_to", type_=BigInteger), _e.at > bindparam("beyond", type_=BigInteger)),
)
"""What was erased by a clock that was far ahead was erased before, too."""
_SCOUR = (
    update(erasure)
    .where(_e.post.in_(_NEWEST.order_by(_e.post).limit(SLICE)))
    .values(stage=case((errands.UNDONE, WAITING), else_=SCOURED))
    .returning(_e.post)
)
_STEP = insert(erasure_step)
_READY = select(_e.post).where(_e.stage == SCOURED).order_by(_e.post).limit(AT_ONCE)
_AGAIN = update(erasure).where(_e.stage == LEFT_OVER).values(stage=SCOURED)
_LOOKED = (
    update(erasure_step)
    .where(_s.post == bindparam("this"), _s.store == bindparam("of"))
    .values(remains=bindparam("found"), at=bindparam("when"))
)
_REMAINS = select(_s.store).where(_s.post == bindparam("post"), _s.remains != 0)
_STAGE = update(erasure).where(_e.post == bindparam("this")).values(stage=bindparam("to"), verified=bindparam("when"))


def files(snapshot: Snapshot) -> Sequence[str]:
    """Files that no row names any more, and that are to go now."""
    return errands.due(snapshot, FILE, FILES)


def unlink(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Remove them from the disk; why some are there yet. In a thread, after the transaction that let go of them."""
    why = {}
    for name in names:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            why[name] = f"{type(error).__name__}: {error.strerror}"
            logger.error("%s isn't removed: %s", name, why[name])  # noqa: TRY400 -- one line
    return why


def unlinked(tx: Tx, names: Sequence[str], why: Mapping[str, str]) -> None:
    """They are gone, but for those of which it is said why not."""
    errands.gone(tx, (FILE,), [name for name in names if name not in why])
    errands.left(tx, (FILE,), why)


def to_scour(snapshot: Snapshot, up_to: int) -> bool:
    """Whether there are remains of rows in the database's pages, of erasures up to then."""
    return snapshot.connection.execute(_NEWEST, _until(up_to)).first() is not None


def scoured(tx: Tx, up_to: int, free: int) -> int:
    """The database has been written anew since `up_to`, with so many `free` pages: the next erasures, and how many."""
    posts = list(tx.connection.scalars(_SCOUR, _until(up_to)))
    if posts:
        row = {"store": LAST_LINE, "removed": 0, "remains": free, "at": tx.now}
        tx.connection.execute(_STEP, [{"post": post, **row} for post in posts])
    return len(posts)


def _until(up_to: int) -> Mapping[str, int]:
    return {"up_to": up_to, "beyond": up_to + LEAP}


def to_verify(snapshot: Snapshot) -> bool:
    """Whether there are erasures that are to be looked at."""
    return snapshot.connection.execute(_READY).first() is not None


def verify(tx: Tx, where: Path) -> int:
    """Look for what there is of the next ones in each store, and write down what was found; how many those were."""
    posts = list(tx.connection.scalars(_READY))
    for post in posts:
        found = gathering.find(tx, post)
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
    """What was found to be left over is looked at once more, and what couldn't be removed is tried now."""
    tx.connection.execute(_AGAIN)
    errands.at_once(tx)
