"""An official acknowledges a post that they may read: once, for the state or institution that they sit for then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, insert, or_, select

from directory import officials
from groupware import given, tables
from groupware.acknowledgement_tables import acknowledgement
from groupware.errors import NotFound, Refused
from groupware.events import EventKind
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor, View
    from groupware.store import Snapshot, Tx

_p = tables.post.c
_NAMED: Select[Any] = (
    select(_p.id)
    .join(tables.rendering, tables.rendering.c.id == _p.rendering)
    .where(or_(_p.token == bindparam("name"), tables.rendering.c.message_id == bindparam("message_id")))
    .order_by(_p.id)
)
_SAID = select(acknowledgement.c.at).where(
    acknowledgement.c.post == bindparam("post"), acknowledgement.c.official == bindparam("official")
)
_SAY = insert(acknowledgement)


def named(view: View, name: str) -> Sequence[int]:
    """The posts of a view that have this token or Message-ID: one message may stand in several rooms."""
    key = {"name": given.name(name), "message_id": f"<{name.strip('<>')}>", **view.parameters}
    return list(view.snapshot.connection.scalars(_NAMED.where(view.clause), key))


def acknowledge(tx: Tx, monitor: Monitor, caller: Caller, name: str) -> int:
    """Say so, in each room where the message stands; returns when it was said first. Again changes nothing.

    Raises NotFound, the same for forbidden and absent, and Refused by the rule's name for one that the caller can read
    and may not acknowledge.
    """
    found = named(monitor.view(tx, caller, Action.ACKNOWLEDGE, Kind.POST), name)
    if not found:
        raise _objection(tx, monitor, caller, name)
    return min(_say(tx, monitor, caller, each) for each in found)


def _say(tx: Tx, monitor: Monitor, caller: Caller, post: int) -> int:
    said = tx.connection.scalar(_SAID, {"post": post, "official": caller.official})
    if said is not None:
        return int(said)
    monitor.require(tx, caller, Action.ACKNOWLEDGE, Kind.POST, post).use(tx, Action.ACKNOWLEDGE, post)
    body = officials.get(tx.connection, caller.official).body
    row = {"post": post, "official": caller.official, "body": body, "door": str(caller.door), "at": tx.now}
    tx.connection.execute(_SAY, row)
    tx.record(EventKind.ACKNOWLEDGED, post)
    return tx.now


def _objection(snapshot: Snapshot, monitor: Monitor, caller: Caller, name: str) -> Exception:
    """Who can read it may know why not."""
    for post in named(monitor.view(snapshot, caller, Action.READ, Kind.POST), name):
        decision = monitor.decide(snapshot, caller, Action.ACKNOWLEDGE, Kind.POST, post)
        return Refused(" ".join(decision.rules), "you can't acknowledge this")
    return NotFound(name)
