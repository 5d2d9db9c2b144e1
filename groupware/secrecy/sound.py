"""Whether what is sealed opens: every value of every rendering, as `iconet check` looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from groupware import rendering, tables
from groupware.sealing.keys import KeyAway
from groupware.sealing.seals import MAGIC

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from groupware.store import Snapshot, Store

SLICE = 200
_r = tables.rendering.c
_NEXT = (
    select(_r.id, *(_r[name] for name in rendering.SEALED))
    .where(_r.id > bindparam("after"), func.substr(_r.head, 1, len(MAGIC)) == MAGIC)
    .order_by(_r.id)
    .limit(SLICE)
)


async def faults(store: Store) -> AsyncIterator[str | int]:
    """A sentence for what doesn't open, and after each slice how many renderings were looked at.

    Of a lost key its contents tell, under whose period each rendering lies.
    """
    after = 0
    while store.seals.used:
        last, wrong, number = await store.read(lambda snapshot, after=after: _slice(snapshot, after), survey=True)  # type: ignore[misc] # a lambda's default
        for sentence in wrong:
            yield sentence
        yield number
        if not number:
            return
        after = last


def _slice(snapshot: Snapshot, after: int) -> tuple[int, list[str], int]:
    rows = snapshot.connection.execute(_NEXT, {"after": after}).all()
    return (rows[-1].id if rows else after), [each for row in rows for each in _wrong(snapshot, row)], len(rows)


def _wrong(snapshot: Snapshot, row: Any) -> Iterator[str]:  # noqa: ANN401 -- a row of _NEXT
    for name in rendering.SEALED:
        try:
            snapshot.seals.open(f"rendering.{name}", row.id, bytes(getattr(row, name)))
        except KeyAway:
            return
        except OSError as error:
            yield str(error.strerror)
