"""The bodies that somebody governs, as lines, and one of them with what was done to it: numbers, and no names in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select

from directory import histories, roles
from directory import tables as directory
from groupware.bodies import keeping
from policies.vocabulary import Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from directory.histories import Line
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_body, _unit, _official = directory.body.c, directory.unit.c, directory.official.c
_above = directory.body.alias("above")
_BODIES: Select[Any] = (
    select(
        *(_body.id, _body.code, _body.name, _body.kind, _body.suspended, _body.version),
        func.coalesce(_above.c.code, "").label("authority"),
        select(func.count()).where(_unit.body == _body.id).scalar_subquery().label("units"),
        select(func.count())
        .where(_official.body == _body.id, _official.departed == 0)
        .scalar_subquery()
        .label("people"),
    )
    .outerjoin(_above, _above.c.id == _body.authority)
    .order_by(_body.code)
)


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A body: the code of the one that governs it ("" for none), and how many units and officials it has.

    `attended`: a contact point of it is in office.
    """

    code: str
    name: str
    kind: str
    authority: str
    suspended: bool
    version: int
    units: int
    people: int
    attended: bool


def governed(snapshot: Snapshot, monitor: Monitor, caller: Caller | None) -> Sequence[BodyLine]:
    """All that the caller's body governs, if they are an admin of it; the operator sees every one."""
    statement, parameters = _BODIES, {}
    if caller is not None:
        view = monitor.view(snapshot, caller, Action.GOVERN, Kind.BODY)
        statement, parameters = _BODIES.where(view.clause), dict(view.parameters)
    attended = roles.scopes_in_force(snapshot.connection, Role.CONTACT_POINT, snapshot.now)
    return [_line(row, row.id in attended) for row in snapshot.connection.execute(statement, parameters)]


def one(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, code: str) -> tuple[BodyLine, Sequence[Line]]:
    """One of them, and what was done to it, oldest first. Raises NotFound or Forbidden (told alike)."""
    found = keeping.named(snapshot, code)
    if caller is not None:
        monitor.require(snapshot, caller, Action.GOVERN, Kind.BODY, found.id)
    line = next(each for each in governed(snapshot, monitor, caller) if each.code == found.code)
    return line, histories.since(snapshot.connection, histories.BODY, found.id)


def _line(row: Row[Any], attended: bool) -> BodyLine:  # noqa: FBT001 -- a column among others
    fields = {name: getattr(row, name) for name in ("code", "name", "authority", "suspended", "version")}
    return BodyLine(**fields, kind=row.kind, units=row.units, people=row.people, attended=attended)
