"""What a backup leaves out is made again from the rest: subjects here, fingerprints and words by their own workers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, literal, select, update

from groupware import rendering, tables
from groupware.release_tables import print_due
from groupware.sealing.keys import KeyAway

if TYPE_CHECKING:
    from groupware.store import Store, Tx

SLICE = 200
_r, _post = tables.rendering.c, tables.post.c
_BLANK = select(_r.id, _r.head).where(_r.subject == "", _r.id > bindparam("after")).order_by(_r.id).limit(SLICE)
_SET = update(tables.rendering).where(_r.id == bindparam("this")).values(subject=bindparam("words"))
_DUE = insert(print_due).from_select(
    ["post"],
    select(_post.id).where(literal(1) == 1, ~select(print_due.c.post).where(print_due.c.post == _post.id).exists()),
)
logger = logging.getLogger(__name__)


async def rebuild(store: Store) -> int:
    """Read subjects from heads, and have fingerprints taken; how many subjects there were."""
    await store.run(lambda tx: tx.connection.execute(_DUE).rowcount)
    after, total = 0, 0
    while True:
        after, number = await store.run(lambda tx, after=after: _subjects(tx, after))  # type: ignore[misc] # a lambda's default
        if not after:
            return total
        total += number


def _subjects(tx: Tx, after: int) -> tuple[int, int]:
    """The last rendering that was looked at, 0 when there was none, and how many got their subject."""
    rows = tx.connection.execute(_BLANK, {"after": after}).all()
    number = 0
    for row in rows:
        words = _words(tx, row.id, bytes(row.head))
        if words:
            tx.connection.execute(_SET, {"this": row.id, "words": words})
            number += 1
    return (rows[-1].id if rows else 0), number


def _words(tx: Tx, number: int, head: bytes) -> str:
    """What was erased, or can't be read for now, has none."""
    try:
        return "" if tx.seals.erased(head) else rendering.subject_of(rendering.opened(tx, number, head))
    except (KeyAway, OSError) as error:
        logger.error("rendering %d has no subject: %s", number, error)  # noqa: TRY400 -- one line
        return ""
