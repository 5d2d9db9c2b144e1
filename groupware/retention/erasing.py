"""Erasing what is due: in one transaction a post is hidden from everybody, its texts go, and a tombstone stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, delete, exists, func, insert, select, update

from directory import rights
from groupware import mark_endings, tables, unconfirmed
from groupware.area_tables import withdrawal
from groupware.events import EventKind
from groupware.retention import doomed as gathering
from groupware.retention import seeking
from groupware.retention.classes import UNPUBLISHED
from groupware.retention.holds import held, keeper
from groupware.retention.seeking import Sought
from groupware.retention.stores import STORES
from groupware.retention_tables import erasure, erasure_step, legal_hold, retention_date
from groupware.sealing.keys import KeyAway

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.store import Snapshot, Tx

AT_ONCE = 4
"""Posts erased in one transaction: some forty statements each, for as long as which nobody else writes."""
LOOKED_AT = 200
"""Dates looked at in one transaction: those that a hold keeps are marked, and aren't looked at until it is lifted."""
ERASED, VERIFIED, LEFT_OVER = "erased", "verified", "left-over"
"""Stages of an erasure, besides those of errands.py."""
_d, _h, _post = retention_date.c, legal_hold.c, tables.post.c
_up_to = bindparam("up_to", type_=BigInteger)
_none_known = _d.hold == bindparam("none", 0)
_DUE = select(_d.post).where(_none_known, _d.due <= _up_to).order_by(_d.due, _d.post).limit(1)
_LOOK: Select[Any] = (
    select(_d.post, keeper().label("hold"))
    .join(tables.post, _post.id == _d.post)
    .where(_none_known, _d.due <= _up_to)
    .order_by(_d.due, _d.post)
    .limit(LOOKED_AT)
)
_STILL: Select[Any] = (
    select(_d.post, _d.kept_as, _d.due)
    .join(tables.post, _post.id == _d.post)
    .where(_d.post.in_(bindparam("posts", expanding=True)), _d.due <= _up_to, ~held())
)
_MARK = update(retention_date).where(_d.post == bindparam("this")).values(hold=bindparam("by", type_=BigInteger))
_KEEPS = update(legal_hold).where(_h.id == bindparam("this"), _h.keeps.is_(False)).values(keeps=True)
_LIFTED = select(_h.id).where(_h.keeps.is_(True), _h.lifted > 0).limit(1)
_OF_LIFTED = select(_d.post).where(_d.hold == bindparam("by")).limit(LOOKED_AT)
_LET_GO = update(retention_date).where(_d.post.in_(bindparam("these", expanding=True))).values(hold=0)
_KEEPS_NONE = update(legal_hold).where(_h.id == bindparam("this")).values(keeps=False)
_HELD = (
    select(func.count())
    .select_from(retention_date)
    .join(tables.post, _post.id == _d.post)
    .where(_d.due <= _up_to, held())
)
_NAMED: Select[Any] = (  # of a restored backup
    select(_post.id.label("post"), func.coalesce(_d.kept_as, _post.retention).label("kept_as"))
    .add_columns(func.coalesce(_d.due, _post.received).label("due"))
    .outerjoin(retention_date, _d.post == _post.id)
    .where(_post.token.in_(bindparam("these", expanding=True)), ~exists().where(erasure.c.post == _post.id))
)
_NUMBER = (
    select(func.count())
    .select_from(retention_date)
    .join(tables.post, _post.id == _d.post)
    .where(_d.due <= _up_to, ~held())
)
_GO = update(tables.post).where(_post.id == bindparam("this")).values(state="withdrawn")
_WITHDRAWN = insert(withdrawal)
_KNOWN = select(withdrawal.c.post).where(withdrawal.c.post == bindparam("post"))
_STONE = insert(erasure)
_NO_DATE = delete(retention_date).where(_d.post == bindparam("this"))
_STEP = insert(erasure_step)


def is_due(snapshot: Snapshot, up_to: int) -> bool:
    """Whether there is anything to erase, or that may have to be: one look into an index, however much holds keep."""
    found = snapshot.connection.execute(_DUE, {"up_to": up_to}).first()
    return found is not None or snapshot.connection.execute(_LIFTED).first() is not None


def numbers(snapshot: Snapshot, up_to: int) -> tuple[int, int]:
    """How many posts are due, and how many more would be if no hold kept them."""
    count = (snapshot.connection.execute(each, {"up_to": up_to}).scalar_one() for each in (_NUMBER, _HELD))
    due, kept = map(int, count)
    return due, kept


def next_due(snapshot: Snapshot, up_to: int) -> Sought:
    """The next posts whose time is over, and that no hold keeps: notices that speak of them are to be sought."""
    posts = [row.post for row in snapshot.connection.execute(_LOOK, {"up_to": up_to}) if not row.hold]
    return Sought(seeking.about(snapshot, posts))


def erase(tx: Tx, where: Path, up_to: int, sought: Sought, posts: Sequence[int]) -> int:
    """Erase those of the posts that are still due and about which all was sought; how many those were."""
    if sought.go_on(tx, where, posts):
        return 0  # very many notices came meanwhile, which are read before the next try
    now, rows = seeking.about(tx, posts), tx.connection.execute(_STILL, {"posts": list(posts), "up_to": up_to}).all()
    ready = [row for row in rows if now[row.post] == sought.about[row.post]]
    for row in ready:
        _erase(tx, where, row, sought)
    if ready:
        rights.bump(tx.connection)  # folders, and the answers that doors remember, let go of it
    return len(ready)


def keep(tx: Tx, up_to: int) -> int:
    """Mark what holds keep of the next dates; how many those were."""
    rows = [row for row in tx.connection.execute(_LOOK, {"up_to": up_to}) if row.hold]
    if rows:
        tx.connection.execute(_MARK, [{"this": row.post, "by": row.hold} for row in rows])
        tx.connection.execute(_KEEPS, [{"this": hold} for hold in sorted({row.hold for row in rows})])
    return len(rows)


def let_go(tx: Tx) -> int:
    """Dates that name a hold which was lifted are looked at again: the next of them, and how many those were."""
    hold = tx.connection.scalar(_LIFTED)
    if hold is None:
        return 0
    posts = list(tx.connection.scalars(_OF_LIFTED, {"by": hold}))
    tx.connection.execute(_LET_GO, {"these": posts})
    if len(posts) < LOOKED_AT:
        tx.connection.execute(_KEEPS_NONE, {"this": hold})
    return len(posts)


def erase_again(tx: Tx, where: Path, tokens: Sequence[str]) -> int:
    """Erase what had been erased already and a restore brought back (groupware/backup/again.py), whatever its date.

    How many posts that were. A hold that the backup knows was lifted before they were erased. Notices whose key is lost
    are passed over: nobody reads them, and what they speak of has to go before any door opens.
    """
    rows = tx.connection.execute(_NAMED, {"these": list(tokens)}).all()
    sought = Sought(seeking.about(tx, [row.post for row in rows]), (OSError, KeyAway))
    while sought.go_on(tx, where):
        pass
    for row in rows:
        _erase(tx, where, row, sought)
    if rows:
        rights.bump(tx.connection)
    return len(rows)


def _erase(tx: Tx, where: Path, row: Row[Any], sought: Sought) -> None:
    """Hide it first: whoever looks from now on finds what was withdrawn."""
    found = gathering.find(tx, row.post, sought.of(row.post))
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
    """Followers take it back wherever it is shown; nobody did it, so who asked for something about it alone is told."""
    if found.state == "withdrawn":
        return
    tx.connection.execute(_GO, {"this": found.post})
    if tx.connection.execute(_KNOWN, {"post": found.post}).first() is None:
        tx.connection.execute(
            _WITHDRAWN, {"post": found.post, "at": tx.now, "by": 0, "state": found.state, "reason": ""}
        )
    unconfirmed.say(tx, found.post, "lapsed", 0, "")
    mark_endings.end_of_post(tx, found.post, mark_endings.GONE)
    tx.record(EventKind.POST_WITHDRAWN, found.post, found.room)
