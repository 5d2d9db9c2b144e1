"""Who could read this? Asked before a post is sent, and answered from the rules that its delivery will follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, case, func, select

from directory.tables import body, official, unit
from groupware import reading
from groupware.chain import DRAFTED, SECOND_PERSON
from groupware.errors import NotFound
from groupware.facts import Coming
from groupware.message.markings import UNMARKED, Marks, strictest
from groupware.second_person import of_room
from groupware.tables import room
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor, Permit
    from groupware.store import Snapshot

_above_it = room.alias("above")
_ROOM: Select[Any] = (
    select(
        *(room.c.id, room.c.marking, room.c.handling, room.c.second_person),
        func.coalesce(_above_it.c.second_person, "").label("second_above"),
    )
    .outerjoin(_above_it, _above_it.c.id == room.c.parent)
    .where(room.c.code == bindparam("code"))
)
_COUNTED: Select[Any] = (
    select(body.c.code, body.c.name.label("body"), unit.c.name.label("unit"), func.count().label("officials"))
    .select_from(official)
    .join(unit, unit.c.id == official.c.unit)
    .join(body, body.c.id == official.c.body)
    .group_by(body.c.code, body.c.name, unit.c.id, unit.c.name)
    .order_by(body.c.name, body.c.code, unit.c.name, unit.c.id)
)


@dataclass(frozen=True, slots=True)
class State:
    """How many officials of a state or institution, and of which of its units."""

    code: str
    name: str
    officials: int
    units: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Preview:
    """`officials` could read it, signed in strongly where its marking asks for that; so many get it `by_mail`.

    `waits` names the rule by which it is a draft first (groupware.chain), "" where it isn't; `authorisers` are then
    those of whom one has to authorise it: where there is nobody, it is refused.
    """

    marks: Marks
    officials: int
    by_mail: int
    states: Sequence[State]
    waits: str = ""
    authorisers: Sequence[State] = ()


def preview(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, code: str, asked: Marks, answered: str = ""
) -> Preview:
    """Of a post with these marks, or stricter ones that it inherits, by the caller in the room.

    `answered` is the token of the post that it answers. Raises NotFound or Forbidden, told alike.
    """
    row = snapshot.connection.execute(_ROOM, {"code": code}).one_or_none()
    if row is None:
        raise NotFound(code)
    permit = monitor.require(snapshot, caller, Action.POST, Kind.ROOM, row.id)
    above = _above(snapshot, monitor, caller, answered)
    marks = strictest(Marks(Marking(row.marking), Handling(row.handling)), asked, above)
    alone = monitor.decide(snapshot, caller, Action.POST_ALONE, Kind.ROOM, row.id).allowed
    second = SECOND_PERSON if of_room(monitor.second_person, row).asks(marks) else ""
    return _counted(snapshot, monitor, permit, row.id, marks, second if alone else DRAFTED)


def _counted(snapshot: Snapshot, monitor: Monitor, permit: Permit, room_id: int, marks: Marks, waits: str) -> Preview:
    coming = Coming(permit.caller.official, permit.unit, int(marks.marking), int(marks.handling))
    could = monitor.readers_to_be(snapshot, room_id, coming, strong=True)
    gets = monitor.readers_to_be(snapshot, room_id, coming, strong=False)
    by_mail = func.sum(case((gets, 1), else_=0)).label("by_mail")
    rows = snapshot.connection.execute(_COUNTED.add_columns(by_mail).where(could), {"now": snapshot.now}).all()
    draft = replace(coming, draft=True)
    may = _COUNTED.where(monitor.readers_to_be(snapshot, room_id, draft, strong=True)) if waits else None
    authorisers = [] if may is None else _states(snapshot.connection.execute(may, {"now": snapshot.now}).all())
    number, by = sum(each.officials for each in rows), sum(each.by_mail for each in rows)
    return Preview(marks, number, by, _states(rows), waits, authorisers)


def _states(rows: Sequence[Any]) -> Sequence[State]:
    return [_state(code, list(units)) for code, units in groupby(rows, key=lambda each: each.code)]


def _state(code: str, units: Sequence[Any]) -> State:
    return State(
        code, units[0].body, sum(each.officials for each in units), [(each.unit, each.officials) for each in units]
    )


def _above(snapshot: Snapshot, monitor: Monitor, caller: Caller, answered: str) -> Marks:
    if not answered:
        return UNMARKED
    card = reading.by_token(monitor.view(snapshot, caller, Action.READ, Kind.POST), answered)
    return Marks(Marking(card.marking), Handling(card.handling))
