"""Whether a period's key may go: never while something on hold lies under it; by itself, once nothing does any more.

What is kept for longer than its period (a new date, a hold) keeps the key; so the key goes with the last of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from groupware import tables
from groupware.retention import watch
from groupware.retention.holds import held
from groupware.sealing.seals import UNDATED, month, prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import BindParameter

    from groupware.store import Snapshot

_c, _r, _post = tables.content.c, tables.rendering.c, tables.post.c
_length: BindParameter[Any] = bindparam("length")
_begins: BindParameter[Any] = bindparam("begins")
_head_lies, _bytes_lie = func.substr(_r.head, 1, _length) == _begins, func.substr(_c.body, 1, _length) == _begins
_RENDERED = select(_r.id).where(_head_lies).limit(1)
_STORED = select(_c.id).where(_bytes_lie).limit(1)
_HELD = (
    select(_post.id)
    .join(tables.submission, tables.submission.c.id == _post.submission)
    .join(tables.rendering, _r.id == _post.rendering)
    .join(tables.content, _c.id == tables.submission.c.content)
    .where(or_(_head_lies, _bytes_lie), held())
    .order_by(_post.id)
    .limit(1)
)


def on_hold(snapshot: Snapshot, period: str) -> int:
    """A post that a hold keeps, and whose octets lie under this period's key; 0 for none."""
    return int(snapshot.connection.scalar(_HELD, _values(period)) or 0)


def spent(snapshot: Snapshot, names: Iterable[str]) -> list[str]:
    """Those of the periods that are past, as far as retention believes the clock, and of which nothing is left."""
    known = watch.read(snapshot)
    if known is None:
        return []
    now = month(known.limit(snapshot.now))
    return [name for name in names if UNDATED < name < now and not _anything(snapshot, name)]


def _anything(snapshot: Snapshot, period: str) -> bool:
    return any(snapshot.connection.execute(each, _values(period)).first() for each in (_RENDERED, _STORED))


def _values(period: str) -> dict[str, object]:
    return {"begins": prefix(period), "length": len(prefix(period))}
