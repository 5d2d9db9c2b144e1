"""How many posts await somebody's acknowledgement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, exists, func, select

from groupware import tables
from groupware.acknowledgement_tables import acknowledgement, acknowledgement_wanted
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_a, _p = acknowledgement.c, tables.post.c
_mine = bindparam("official", type_=BigInteger)
_COUNT = (
    select(func.count())
    .select_from(tables.post)
    .join(acknowledgement_wanted, acknowledgement_wanted.c.post == _p.id)
    .where(~exists().where(_a.post == _p.id, _a.official == _mine))
)


def count(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> int:
    """Those whose authors asked for it, that the caller may acknowledge and hasn't."""
    view = monitor.view(snapshot, caller, Action.ACKNOWLEDGE, Kind.POST)
    key = {"official": caller.official, **view.parameters}
    return int(snapshot.connection.execute(_COUNT.where(view.clause), key).scalar_one())
