"""Erasing what is due: in one transaction a post is hidden from everybody, its texts go, and a tombstone stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, delete, func, insert, select, update

from directory import rights
from groupware import tables, unconfirmed
from groupware.area_tables import withdrawal
from groupware.events import EventKind
from groupware.retention import doomed as gathering
from groupware.retention.classes import UNPUBLISHED
from groupware.retention.holds import held
from groupware.retention.stores import STORES
from groupware.retention_tables import erasure, erasure_step, retention_date

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.store import Snapshot, Tx

AT_ONCE = 20
"""Posts erased in one transaction."""
ERASED, SCOURED, VERIFIED, LEFT_OVER = "erased", "scoured", "verified", "left-over"
"""Stages of an erasure."""
_d, _post = retention_date.c, tables.post.c
_up_to = bindparam("up_to", type_=BigInteger)
_DUE: Select[Any] = (
    select(_d.post, _d.kept_as, _d.due)
    .join(tables.post, _post.id == _d.post)
    .where(_d.due <= _up_to, ~held())
    .order_by(_d.due, _d.post)
)
_NEXT = _DUE.limit(AT_ONCE)
_HELD = (
    select(func.count())
    .select_from(retention_date)
    .join(tables.post, _post.id == _d.post)
    .where(_d.due <= _up_to, held())
)
_NUMBER = select(func.count()).select_from(_DUE.order_by(None).subquery())
_GO = update(tables.post).where(_post.id == bindparam("this")).values(state="withdrawn")
_WITHDRAWN = insert(withdrawal)
_KNOWN = select(withdrawal.c.post).where(withdrawal.c.post == bindparam("post"))
_STONE = insert(erasure)
_NO_DATE = delete(retention_date).where(_d.post == bindparam("this"))
_STEP = insert(erasure_step)


def is_due(snapshot: Snapshot, up_to: int) -> bool:
    """Whether there is anything to erase."""
    return snapshot.connection.execute(_DUE.limit(1), {"up_to": up_to}).first() is not None


def numbers(snapshot: Snapshot, up_to: int) -> tuple[int, int]:
    """How many posts are due, and how many more would be if no hold kept them."""
    count = (snapshot.connection.execute(each, {"up_to": up_to}).scalar_one() for each in (_NUMBER, _HELD))
    due, kept = map(int, count)
    return due, kept


def erase_due(tx: Tx, where: Path, up_to: int) -> int:
    """Erase the next posts whose time is over, and that no hold keeps; how many those were."""
    rows = tx.connection.execute(_NEXT, {"up_to": up_to}).all()
    for row in rows:
        _erase(tx, where, row)
    if rows:
        rights.bump(tx.connection)  # folders, and the answers that doors remember, let go of it
    return len(rows)


def _erase(tx: Tx, where: Path, row: Row[Any]) -> None:
    """Hide it first: whoever looks from now on finds what was withdrawn."""
    found = gathering.find(tx, row.post, where)
    rule = "unpublished-is-short-lived" if row.kept_as == UNPUBLISHED else "class-has-ended"
    stone = {"post": row.post, "message_id": found.message_id, "kept_as": row.kept_as, "due": row.due}
    tx.connection.execute(_STONE, {**stone, "rule": rule, "at": tx.now, "whole": found.whole, "stage": ERASED})
    tx.connection.execute(_NO_DATE, {"this": row.post})
    _hide(tx, found)
    steps = [{"post": row.post, "store": each.name, "removed": each.remove(tx, found)} for each in STORES]
    looked = {each.name: each.remaining(tx, found, where) for each in STORES if each.at_once}
    tx.connection.execute(
        _STEP, [{**step, "remains": looked.get(str(step["store"]), -1), "at": tx.now} for step in steps]
    )
    tx.record(EventKind.POST_ERASED, row.post, found.room)


def _hide(tx: Tx, found: gathering.Doomed) -> None:
    """Followers take it back wherever it is shown; nobody is told, for nobody did it."""
    if found.state == "withdrawn":
        return
    tx.connection.execute(_GO, {"this": found.post})
    if tx.connection.execute(_KNOWN, {"post": found.post}).first() is None:
        tx.connection.execute(
            _WITHDRAWN, {"post": found.post, "at": tx.now, "by": 0, "state": found.state, "reason": ""}
        )
    unconfirmed.say(tx, found.post, "lapsed", 0, "")
    tx.record(EventKind.POST_WITHDRAWN, found.post, found.room)
