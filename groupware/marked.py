"""What was refused because it is marked as classified: security officers are told, of whom and when, not of what."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory import bodies, officials
from groupware import clock, notices
from groupware.events import EventKind
from groupware.marking_tables import refused_marking
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.message.unfit import Classified, Marked
    from groupware.monitor import Monitor
    from groupware.store import Store, Tx

SAME_FOR = 3600 * clock.MICROSECONDS
"""In which the same again is a program that tries again, and no second notice."""
_m = refused_marking.c
_LATELY = (
    select(_m.id)
    .where(
        _m.official == bindparam("official"),
        _m.last > bindparam("since"),
        _m.door == bindparam("door"),
        _m.level == bindparam("level"),
        _m.place == bindparam("place"),
    )
    .order_by(_m.id.desc())
)
_AGAIN = update(refused_marking).where(_m.id == bindparam("this")).values(times=_m.times + 1, last=bindparam("now"))
_INSERT = insert(refused_marking)


class Alarm:
    """Tells of what was refused, whatever the door."""

    def __init__(self, store: Store, monitor: Monitor, domain: str) -> None:
        self._store = store
        self._monitor = monitor
        self._domain = domain

    async def refused(self, caller: Caller, why: Classified) -> None:
        """Keep that it was, and tell the security officers unless they were told just now."""
        await self._store.run(partial(keep, monitor=self._monitor, domain=self._domain, caller=caller, what=why.marked))


def keep(tx: Tx, monitor: Monitor, domain: str, caller: Caller, what: Marked) -> None:
    """One row and one notice for the same within an hour."""
    same = {"official": caller.official, "door": caller.door, "level": int(what.level), "place": what.where.name}
    known = tx.connection.scalar(_LATELY, same | {"since": tx.now - SAME_FOR})
    if known is not None:
        tx.connection.execute(_AGAIN, {"this": known, "now": tx.now})
        return
    tx.insert(_INSERT, same | {"first": tx.now, "last": tx.now, "times": 1})
    tx.record(EventKind.MARKING_REFUSED, caller.official)
    subject = "A message marked as classified was refused"
    notices.send(tx, domain, officers(tx, monitor, caller.official), subject, _told(tx, caller, what))


def officers(tx: Tx, monitor: Monitor, official: int) -> list[int]:
    """The security officers of the official's body; if it has none in office, those of the body that governs it."""
    body = bodies.get(tx.connection, officials.get(tx.connection, official).body)
    own = monitor.audience(tx, Action.READ_AUDIT, Kind.BODY, body.id, strong=True)
    if own or not body.authority:
        return own
    return monitor.audience(tx, Action.READ_AUDIT, Kind.BODY, body.authority, strong=True)


def _told(tx: Tx, caller: Caller, what: Marked) -> str:
    at = datetime.fromtimestamp(tx.now / clock.MICROSECONDS, tz=UTC)
    return (
        f"{caller.name} <{caller.address}> tried to hand in a message marked as {what.level.label} or its equivalent.\n"
        f"Door: {caller.door}. Where it is marked: {what.where.lower()}. When: {at:%Y-%m-%d %H:%M} UTC.\n\n"
        "It was refused and nothing of it was kept here. Its author was told to ask the registry and to delete\n"
        "the copies; see that they did, and that the computer it was written on is fit for such information."
    )
