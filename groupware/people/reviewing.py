"""The half-yearly access review: who still takes part is confirmed one by one, by somebody else than themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Select, and_, bindparam, case, func, literal, or_, select, update

from directory import histories
from directory.histories import Change
from directory.tables import area, body, official, role_grant, unit
from groupware.clock import MICROSECONDS
from groupware.errors import NotFound
from groupware.people.holding import Holding, holdings
from groupware.people.looking import State, state_of
from groupware.tables import room
from policies.vocabulary import Access, Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import View
    from groupware.people.leave import Leave
    from groupware.store import Snapshot, Tx

DAY = 24 * 3600 * MICROSECONDS
EVERY = 183 * DAY
"""Microseconds for which a confirmation holds; who was never confirmed is counted from the first day of service."""
SOON = 30 * DAY
PAGE = 30
"""Lines at a time: as many as one form has places for."""
MOST = 500
"""Confirmed at once."""


@dataclass(frozen=True, slots=True)
class Due:
    """One who is to be confirmed by the moment `due`; `reviewed_by` is a name, "" before the first time."""

    id: int
    login: str
    name: str
    unit_name: str
    state: State
    reviewed: int
    reviewed_by: str
    due: int
    late: bool
    holding: Holding


@dataclass(frozen=True, slots=True)
class Review:
    """Those to be confirmed first, and how many there are."""

    lines: Sequence[Due]
    total: int
    late: int


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ends soon: the service of somebody (`what` is "service"), or a role of theirs and where."""

    official: int
    login: str
    name: str
    what: str
    place: str
    until: int


@dataclass(frozen=True, slots=True)
class Late:
    """How a body stands, by numbers alone."""

    code: str
    name: str
    late: int
    total: int


_confirmed = official.alias("confirmed_by")
_since = case((official.c.reviewed != 0, official.c.reviewed), else_=official.c.valid_from)
_to_review = and_(official.c.departed == 0, official.c.valid_until > bindparam("at"))
_is_late = _since <= bindparam("late_since")
_LIST: Select[Any] = (
    select(official, unit.c.name.label("unit_name"), _confirmed.c.name.label("confirmed_by"), _since.label("since"))
    .join(unit, unit.c.id == official.c.unit)
    .outerjoin(_confirmed, _confirmed.c.id == official.c.reviewed_by)
    .where(official.c.body == bindparam("body"), _to_review)
    .order_by(_since, official.c.login)
    .limit(PAGE)
)
_count = (func.count(), func.coalesce(func.sum(case((_is_late, 1), else_=0)), 0))
_COUNT: Select[Any] = select(*_count).where(official.c.body == bindparam("body"), _to_review)
_LATE: Select[Any] = (
    select(body.c.code, body.c.name, *_count)
    .join(official, official.c.body == body.c.id)
    .where(_to_review)
    .group_by(body.c.id, body.c.code, body.c.name)
    .order_by(body.c.name)
)
_CONFIRM = (
    update(official)
    .where(
        official.c.id.in_(bindparam("wanted", expanding=True)),
        official.c.body == bindparam("of_body"),
        official.c.departed == 0,
        official.c.id != bindparam("by"),
    )
    .values(reviewed=bindparam("at"), reviewed_by=bindparam("by"))
)
_VERSIONS = select(official.c.id, official.c.version).where(official.c.id.in_(bindparam("wanted", expanding=True)))
_soon: BindParameter[int] = bindparam("soon")
_SERVICE = (
    select(official.c.id, official.c.login, official.c.name, official.c.valid_until)
    .where(
        official.c.body == bindparam("body"),
        official.c.departed == 0,
        official.c.valid_until > bindparam("at"),
        official.c.valid_until <= _soon,
    )
    .order_by(official.c.valid_until, official.c.login)
    .limit(literal(MOST))
)
_IN_ROOMS = [
    Role.MODERATOR.value,
    Role.ORGANISER.value,
    Access.READER.value,
    Access.POSTER.value,
    Access.DRAFTER.value,
    Access.MANAGER.value,
]
_GRANTS = (
    select(
        *(official.c.id, official.c.login, official.c.name, role_grant.c.role, role_grant.c.valid_until),
        func.coalesce(room.c.name, area.c.name, literal("")).label("place"),
    )
    .select_from(role_grant)
    .join(official, official.c.id == role_grant.c.official)
    .outerjoin(room, and_(room.c.id == role_grant.c.scope, role_grant.c.role.in_(_IN_ROOMS)))
    .outerjoin(area, and_(area.c.id == role_grant.c.scope, role_grant.c.role == Role.LIAISON_OFFICER.value))
    .where(
        official.c.body == bindparam("body"),
        official.c.departed == 0,
        role_grant.c.valid_from <= bindparam("at"),
        role_grant.c.valid_until > bindparam("at"),
        role_grant.c.valid_until <= _soon,
        or_(official.c.valid_until > bindparam("at"), official.c.suspended),
    )
    .order_by(role_grant.c.valid_until, official.c.login, role_grant.c.id)
    .limit(literal(MOST))
)


def review(snapshot: Snapshot, leave: Leave) -> Review:
    """A page of those to be confirmed, the longest unconfirmed first: who is confirmed goes to the end."""
    leave.use(snapshot, leave.body)
    values = {"body": leave.body, "at": snapshot.now}
    rows = snapshot.connection.execute(_LIST, values).all()
    held = holdings(snapshot, [row.id for row in rows])
    lines = [
        Due(
            row.id, row.login, row.name, row.unit_name, state_of(row, snapshot.now), row.reviewed,
            row.confirmed_by or "", row.since + EVERY, row.since + EVERY <= snapshot.now, held[row.id],
        )
        for row in rows
    ]  # fmt: skip
    total, late = counts(snapshot, leave.body)
    return Review(lines, total, late)


def counts(snapshot: Snapshot, number: int) -> tuple[int, int]:
    """How many of a body are to be confirmed at all, and how many of them are late."""
    values = {"body": number, "at": snapshot.now, "late_since": snapshot.now - EVERY}
    total, late = snapshot.connection.execute(_COUNT, values).one()
    return int(total), int(late)


def confirm(tx: Tx, leave: Leave, numbers: Sequence[int]) -> int:
    """Say of some that they still take part; returns how many. NotFound, and nothing done, if one isn't theirs to say.

    It changes no version: who edits the entry meanwhile is not in each other's way.
    """
    wanted = sorted(set(numbers))
    if len(wanted) > MOST:
        raise NotFound(f"{len(wanted)} officials at once")
    leave.use(tx, leave.body)
    values = {"wanted": wanted, "of_body": leave.body, "at": tx.now, "by": leave.by}
    done = tx.connection.execute(_CONFIRM, values).rowcount
    if done != len(wanted):
        raise NotFound(f"{len(wanted) - done} of the officials")
    rows = tx.connection.execute(_VERSIONS, {"wanted": wanted})
    histories.record(
        tx.connection,
        [Change(histories.OFFICIAL, row.id, row.version, leave.by, tx.now, "confirmation") for row in rows],
    )
    return done


def ending(snapshot: Snapshot, leave: Leave) -> list[Ending]:
    """Whose service or role ends within thirty days, the first to end first."""
    leave.use(snapshot, leave.body)
    values = {"body": leave.body, "at": snapshot.now, "soon": snapshot.now + SOON}
    found = [
        Ending(row.id, row.login, row.name, "service", "", row.valid_until)
        for row in snapshot.connection.execute(_SERVICE, values)
    ] + [
        Ending(row.id, row.login, row.name, row.role, row.place, row.valid_until)
        for row in snapshot.connection.execute(_GRANTS, values)
    ]
    return sorted(found, key=lambda each: (each.until, each.login))


def late_bodies(view: View) -> list[Late]:
    """The bodies that the caller's body governs, by numbers and not by names. `view` is of those to govern."""
    view.use(Kind.BODY, Action.GOVERN)
    now = view.snapshot.now
    values = {**view.parameters, "at": now, "late_since": now - EVERY}
    rows = view.snapshot.connection.execute(_LATE.where(view.clause), values)
    return [Late(code, name, int(late), int(total)) for code, name, total, late in rows]
