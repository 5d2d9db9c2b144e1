"""Posts whose period's key is gone: withdrawn for everybody, at every door, with the reason; nothing derived is left.

It is the same in the network where the key was destroyed and in one restored from an older backup, which learns of it
from the key folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, delete, exists, or_, select, update

from groupware import tables
from groupware.release_tables import print_due, text_print
from groupware.sealing.seals import prefix
from groupware.secrecy_tables import beginning
from groupware.store.dialect import is_sealed
from groupware.withdrawal import TAKEN_BACK, take_back

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupware.store import Store, Tx

SLICE = 50
REASON = "Erased: the key of its period was destroyed."
_post, _r = tables.post.c, tables.rendering.c
_BEGINS = and_(is_sealed(_r.head), beginning(_r.head) == bindparam("begins"))
_LOST: Select[Any] = (
    select(_post.id, _post.room, _post.state)
    .join(tables.rendering, _r.id == _post.rendering)
    .where(_BEGINS, _post.state.in_(TAKEN_BACK))
    .order_by(_post.id)
    .limit(SLICE)
)
_POSTS_OF = select(_post.id).where(_post.rendering == bindparam("rendering"))
_DERIVED = or_(
    _r.subject != "",
    exists().where(tables.search_text.c.rendering == _r.id),
    exists().where(_post.rendering == _r.id, text_print.c.post == _post.id),
)
"""A message may have words and no Subject."""
_SHOWN = select(_r.id).where(_BEGINS, _DERIVED, _r.id > bindparam("after")).order_by(_r.id).limit(SLICE)
_TAKEN = tuple(
    delete(table).where(column.in_(_POSTS_OF))
    for table, column in ((text_print, text_print.c.post), (print_due, print_due.c.post))
)
_NO_WORDS = delete(tables.search_text).where(tables.search_text.c.rendering == bindparam("rendering"))
_NO_SUBJECT = update(tables.rendering).where(_r.id == bindparam("this")).values(subject="")


async def bury(store: Store, periods: Iterable[str]) -> int:
    """Withdraw the posts of periods that are gone, and remove what is derived of them; how many posts that were."""
    total = 0
    for period in sorted(periods):
        values = {"begins": prefix(period)}
        while number := await store.run(lambda tx, values=values: _withdraw(tx, values)):  # type: ignore[misc] # a lambda's default
            total += number
        after = 0
        while after := await store.run(lambda tx, key={**values, "after": after}: _strip(tx, key)):  # type: ignore[misc] # a lambda's default
            pass
    return total


def _withdraw(tx: Tx, values: dict[str, object]) -> int:
    found = tx.connection.execute(_LOST, values).all()
    for row in found:
        take_back(tx, 0, row, REASON)
    return len(found)


def _strip(tx: Tx, values: dict[str, object]) -> int:
    """The last rendering that was looked at, 0 when there was none."""
    found = tx.connection.execute(_SHOWN, values).all()
    for row in found:
        tx.connection.execute(_NO_WORDS, {"rendering": row.id})
        for statement in _TAKEN:
            tx.connection.execute(statement, {"rendering": row.id})
        tx.connection.execute(_NO_SUBJECT, {"this": row.id})
    return int(found[-1].id) if found else 0
