"""Rooms and sub-themes: opened in an area, changed, closed to new posts, archived for reading only."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from directory import areas
from groupware import clock, second_person, tables
from groupware.areas import acting, codes
from groupware.errors import Conflict, Refused
from groupware.retention import classes
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx

HIGHEST_HANDLING = 3
LONGEST_PATIENCE = 90 * 24
"""Hours."""
HOUR = 3_600 * clock.MICROSECONDS
_ADD = insert(tables.room)
_OF_AREA = select(tables.room).where(tables.room.c.area == bindparam("which")).order_by(tables.room.c.id)
_CHANGE = update(tables.room).where(tables.room.c.id == bindparam("this"), tables.room.c.version == bindparam("seen"))


class State(StrEnum):
    """Open to posts; closed to new ones; or archived: closed, and no more among the open rooms in lists."""

    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"

    def at_least(self, other: State) -> State:
        """The stricter of the two."""
        return max(self, other, key=list(State).index)


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set of a room. `owner` is called BODY/UNIT; `patience` is in hours, 0 for never.

    `second_person` says which markings need a second person's word (groupware.second_person), "" for none.
    Where it `bars_personal_data`, a post that seems to hold some waits for its author's word.
    `marking`, `handling` and `retention` are the defaults of the posts to come; those that are there keep theirs.
    """

    name: str
    owner: str
    topic: str = ""
    moderated: bool = True
    marking: Marking = Marking.AMBER
    handling: int = 0
    retention: str = "standard"
    patience: int = 24
    bars_personal_data: bool = False
    second_person: str = ""


def create(
    tx: Tx,
    monitor: Monitor,
    by: Caller | None,
    area: str,
    code: str,
    wanted: Settings,
    domain: str,
    under: str = "",
) -> int:
    """Open a room in an area, or with `under` a sub-theme of one of its rooms; returns its id.

    A sub-theme whose room is stricter is opened as strict. Raises NotFound or Forbidden (told alike),
    Conflict(code-taken) and Refused by rule.
    """
    place = acting.area(tx, area)
    who = acting.leave(tx, monitor, by, Action.MANAGE, Kind.AREA, place.id)
    if place.state != State.OPEN:
        raise Refused("area-closed", "this area is closed: reopen it first")
    codes.require_fit(code)
    codes.require_free(tx, code, domain, place.id)
    above = _above(tx, place.id, under)
    wanted = _as_strict(wanted, above) if above else wanted
    with acting.told():
        competence = areas.competence_of(tx.connection, place.code)
    fixed = {"area": place.id, "code": code, "competence": competence, "parent": above.id if above else 0}
    number = tx.insert(_ADD, {**fixed, **_row(tx, wanted, above)})
    acting.note(tx, who, "room-opened", place.id, number, code=code, under=under, **asdict(wanted))
    return number


def change(tx: Tx, monitor: Monitor, by: Caller | None, code: str, wanted: Settings, seen: int | None) -> None:
    """Set all that can be set of a room, of which the version `seen` was looked at (None: whichever there is).

    Raises NotFound or Forbidden (told alike), Conflict(changed-meanwhile) and Refused by rule.
    """
    row, who = acting.managed(tx, monitor, by, code)
    less = second_person.read(_second_person(wanted)), second_person.read(row.second_person)
    if less[0] != less[0].or_else(less[1]):
        _require_area(tx, monitor, by, row.area)
    if (row.moderated and not wanted.moderated) or (row.bars_personal_data and not wanted.bars_personal_data):
        _require_area(tx, monitor, by, row.area)
    above = acting.room_by_id(tx, row.parent) if row.parent else None
    new = _row(tx, wanted, above)
    was = {name: row._mapping[name] for name, value in new.items() if row._mapping[name] != value}  # noqa: SLF001 -- SQLAlchemy's public name
    _write(tx, row, seen, new)
    acting.note(tx, who, "room-changed", row.area, row.id, was=was, now={name: new[name] for name in was})


def set_state(tx: Tx, monitor: Monitor, by: Caller | None, code: str, state: State, seen: int | None) -> None:
    """Close, archive or reopen a room. Raises as `change` does, and Refused(area-closed) for more than its area is."""
    row, who = acting.managed(tx, monitor, by, code)
    least = State(areas.get_area(tx.connection, row.area).state)
    if state.at_least(least) is not state:
        raise Refused("area-closed", f"its area is {least}: reopen that first")
    _put(tx, row, state, "" if least is State.OPEN else state, seen)
    acting.note(tx, who, f"room-{state}", row.area, row.id)


def set_area_state(tx: Tx, monitor: Monitor, by: Caller | None, code: str, state: State, seen: int | None) -> None:
    """Close, archive or reopen an area: its rooms follow, and what each was by itself is kept until it is open again.

    Raises NotFound or Forbidden (told alike), Conflict(changed-meanwhile).
    """
    area = acting.area(tx, code)
    who = acting.leave(tx, monitor, by, Action.MANAGE, Kind.AREA, area.id)
    with acting.told():
        stands = replace(area, state=state, version=area.version if seen is None else seen)
        areas.change_area(tx.connection, stands)
    for row in tx.connection.execute(_OF_AREA, {"which": area.id}).all():
        own = State(row.own_state) if row.own_state else state_of(row)
        becomes = own.at_least(state)
        _put(tx, row, becomes, "" if state is State.OPEN else own, None)
        if becomes is not state_of(row):
            acting.note(tx, who, f"room-{becomes}", area.id, row.id, with_area=code)
    acting.note(tx, who, f"area-{state}", area.id)


def state_of(row: Row[Any]) -> State:
    """How a room stands, by itself or with its area."""
    return State.ARCHIVED if row.archived else State.CLOSED if row.closed else State.OPEN


def _put(tx: Tx, row: Row[Any], state: State, own: str, seen: int | None) -> None:
    archived = (row.archived or tx.now) if state is State.ARCHIVED else 0
    _write(tx, row, seen, {"closed": state is not State.OPEN, "archived": archived, "own_state": own})


def _require_area(tx: Tx, monitor: Monitor, by: Caller | None, area: int) -> None:
    """Who only manages the room takes neither the four eyes nor the gate for personal data from it. Raises Refused."""
    if by is not None and not monitor.decide(tx, by, Action.MANAGE, Kind.AREA, area).allowed:
        raise Refused(
            "moderation-is-the-areas",
            "only who administers the area's body switches moderation, second persons or the bar to personal data off",
        )


def _above(tx: Tx, area: int, under: str) -> Row[Any] | None:
    """The room that a sub-theme belongs to."""
    if not under:
        return None
    above = acting.room(tx, under)
    if above.area != area or above.parent:
        raise Refused("unfit-parent", "a sub-theme belongs to a room of the same area, not to another sub-theme")
    return above


def _as_strict(wanted: Settings, above: Row[Any]) -> Settings:
    """What is wanted, at least as strict as the room above."""
    marking = max(wanted.marking, Marking(above.marking))
    bars = wanted.bars_personal_data or above.bars_personal_data
    return replace(wanted, marking=marking, handling=max(wanted.handling, above.handling), bars_personal_data=bars)


def _write(tx: Tx, row: Row[Any], seen: int | None, new: dict[str, Any]) -> None:
    """Change the row, if it is still the one that was looked at."""
    version = row.version if seen is None else seen
    done = tx.connection.execute(_CHANGE, {"this": row.id, "seen": version, **new, "version": version + 1}).rowcount
    if done != 1:
        raise Conflict("changed-meanwhile", "somebody else has changed this room meanwhile")


def _row(tx: Tx, wanted: Settings, above: Row[Any] | None) -> dict[str, Any]:
    """The settings as columns. Raises Refused by rule."""
    _require_strict_enough(wanted, above)
    classes.require(tx, wanted.retention)
    if not 0 <= wanted.patience <= LONGEST_PATIENCE:
        raise Refused("unfit-patience", f"0 to {LONGEST_PATIENCE} hours")
    return {
        "name": acting.called(wanted.name),
        "topic": acting.called(wanted.topic, acting.LONGEST_TEXT) if wanted.topic.strip() else "",
        "owner": acting.unit(tx, wanted.owner),
        "moderated": wanted.moderated,
        "marking": int(wanted.marking),
        "handling": wanted.handling,
        "retention": wanted.retention,
        "patience": wanted.patience * HOUR,
        "bars_personal_data": wanted.bars_personal_data,
        "second_person": _second_person(wanted),
    }


def _second_person(wanted: Settings) -> str:
    """In the words that there are. Raises Refused."""
    try:
        return str(second_person.read(wanted.second_person))
    except ValueError as error:
        raise Refused("unfit-second-person", str(error)) from error


def _require_strict_enough(wanted: Settings, above: Row[Any] | None) -> None:
    """FIRST TLP 2.0: CLEAR is for the public, which nothing is by default; a sub-theme is as strict as its room."""
    least = max(Marking.GREEN, above.marking if above else 0)
    if wanted.marking < least:
        raise Refused("marking-too-loose", f"the default marking is at least {Marking(least).label}")
    if not (above.handling if above else 0) <= wanted.handling <= HIGHEST_HANDLING:
        raise Refused(
            "handling-too-loose", f"a handling code is 0 to {HIGHEST_HANDLING}, and at least the room's above"
        )
    if above and above.bars_personal_data and not wanted.bars_personal_data:
        raise Refused("personal-data-barred-above", "the room's above bars personal data, so its sub-themes do")
