"""Leave to keep entries: what every use case here needs, and only a decision or the machine's own operator gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import bodies, officials, units
from directory.errors import UnknownEntryError
from directory.tables import body
from groupware.errors import Forbidden, NotFound
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_HOME = select(body.c.code).where(body.c.id == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever types commands on the machine: no policy is asked, and 0 is written down as who did it."""


OPERATOR = Operator()


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave to keep the entries of one body, in one transaction; `by` is the official who acts, 0 for the operator."""

    snapshot: Snapshot
    body: int
    by: int

    def use(self, snapshot: Snapshot, body: int) -> None:
        """Raise NotFound unless this is for the body, here and now."""
        if self.snapshot is not snapshot or not snapshot.open or self.body != body:
            raise NotFound(f"body {body}")


def over_body(snapshot: Snapshot, monitor: Monitor, who: Caller | Operator, code: str = "") -> Leave:
    """For what is done to a body as a whole; without a code to the official's own. Raises NotFound or Forbidden."""
    if not code and not isinstance(who, Operator):
        number = officials.get(snapshot.connection, who.official).body
    else:
        found = bodies.find(snapshot.connection, code)
        if found is None:
            raise NotFound(f"body {code!a}")
        number = found.id
    return _leave(snapshot, monitor, who, Kind.BODY, number, number)


def over_releases(snapshot: Snapshot, monitor: Monitor, who: Caller) -> Leave:
    """For being the second person in one's own body: its keepers', and its security officers'. Forbidden."""
    if not who.strong:
        raise Forbidden("admin-needs-strong-login")
    body = officials.get(snapshot.connection, who.official).body
    try:
        monitor.require(snapshot, who, Action.ADMINISTER, Kind.BODY, body)
    except Forbidden:
        monitor.require(snapshot, who, Action.READ_AUDIT, Kind.BODY, body)
    return Leave(snapshot, body, who.official)


def over_official(snapshot: Snapshot, monitor: Monitor, who: Caller | Operator, official: int) -> Leave:
    """For what is done to one entry. Raises NotFound or Forbidden."""
    try:
        body = officials.get(snapshot.connection, official).body
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    return _leave(snapshot, monitor, who, Kind.OFFICIAL, official, body)


def over_unit(snapshot: Snapshot, monitor: Monitor, who: Caller | Operator, unit: int) -> Leave:
    """For what is done to one unit. Raises NotFound or Forbidden."""
    try:
        body = units.body_of(snapshot.connection, unit)
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    return _leave(snapshot, monitor, who, Kind.UNIT, unit, body)


def code_of(snapshot: Snapshot, leave: Leave) -> str:
    """The code of the body that the leave is for."""
    return str(snapshot.connection.execute(_HOME, {"number": leave.body}).scalar_one())


def _leave(snapshot: Snapshot, monitor: Monitor, who: Caller | Operator, kind: Kind, number: int, body: int) -> Leave:
    if isinstance(who, Operator):
        return Leave(snapshot, body, 0)
    monitor.require(snapshot, who, Action.ADMINISTER, kind, number)
    return Leave(snapshot, body, who.official)
