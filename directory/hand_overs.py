"""Hand-overs as rows: one official's duties for another, from a moment on, once the other has accepted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, insert, not_, or_, select, update

from directory.duty_tables import hand_over
from directory.errors import UnknownEntryError
from directory.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


class HandOverState(StrEnum):
    """How far it is."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class HandOver:
    """One row; times in microseconds, 0 for not yet. `effective` 0 is: as soon as it is accepted and confirmed.

    `confirmed_by` is the giver or who else gave their word for them, 0 while nobody has.
    """

    giver: int
    taker: int
    effective: int
    note: str
    proposed_by: int
    proposed: int
    state: HandOverState = HandOverState.PROPOSED
    decided: int = 0
    done: int = 0
    confirmed_by: int = 0
    id: int = 0


_c = hand_over.c
_open = _c.state.in_((HandOverState.PROPOSED, HandOverState.ACCEPTED))
_ADD = insert(hand_over)
_BY_ID = select(hand_over).where(_c.id == bindparam("wanted"))
_OF = select(hand_over).where(or_(_c.giver == bindparam("of"), _c.taker == bindparam("of"))).order_by(_c.id.desc())
_OPEN_FROM = select(hand_over).where(_c.giver == bindparam("of"), _open)
_DUE = (
    select(hand_over)
    .where(_c.state == HandOverState.ACCEPTED, _c.effective <= bindparam("at"), _c.confirmed_by != 0)
    .order_by(_c.effective, _c.id)
)
_DECIDE = (
    update(hand_over)
    .where(_c.id == bindparam("wanted"), _c.state == bindparam("seen"))
    .values(state=bindparam("becomes"), decided=bindparam("at"))
)
_DO = (
    update(hand_over)
    .where(_c.id == bindparam("wanted"), _c.state == HandOverState.ACCEPTED, _c.confirmed_by != 0)
    .values(state=HandOverState.DONE, done=bindparam("at"))
)
_UNCONFIRMED = select(hand_over).where(_c.confirmed_by == 0, _open).order_by(_c.id)
_CONFIRM = (
    update(hand_over)
    .where(_c.id == bindparam("wanted"), _c.confirmed_by == 0, _open)
    .values(confirmed_by=bindparam("by"))
)
_agreed = and_(_c.state == HandOverState.ACCEPTED, _c.confirmed_by != 0)
_offered = and_(_c.proposed_by == bindparam("of"), _c.confirmed_by != _c.giver, not_(_agreed))
"""By this one for somebody else, neither in whose words nor agreed on yet."""
_END_OF = (
    update(hand_over)
    .where(or_(_c.giver == bindparam("of"), _c.taker == bindparam("of"), _offered), _open)
    .values(state=HandOverState.WITHDRAWN, decided=bindparam("at"))
)


def add(connection: Connection, new: HandOver) -> int:
    """Add a hand-over and return its id; `new.id` is ignored."""
    row = {
        "giver": new.giver,
        "taker": new.taker,
        "state": new.state,
        "effective": new.effective,
        "note": new.note,
        "proposed_by": new.proposed_by,
        "proposed": new.proposed,
        "confirmed_by": new.confirmed_by,
    }
    return add_row(connection, _ADD, row)


def get(connection: Connection, number: int) -> HandOver:
    """The hand-over of this id; UnknownEntryError if there is none."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    if row is None:
        raise UnknownEntryError(f"hand-over {number}")
    return _hand_over(row)


def of(connection: Connection, official: int) -> list[HandOver]:
    """All from an official or to them, newest first."""
    return [_hand_over(row) for row in connection.execute(_OF, {"of": official}).mappings()]


def open_from(connection: Connection, giver: int) -> list[HandOver]:
    """What is proposed or accepted and not done, of one giver."""
    return [_hand_over(row) for row in connection.execute(_OPEN_FROM, {"of": giver}).mappings()]


def unconfirmed(connection: Connection) -> list[HandOver]:
    """What was offered for a giver by somebody else, and waits for another word; oldest first."""
    return [_hand_over(row) for row in connection.execute(_UNCONFIRMED).mappings()]


def confirm(connection: Connection, number: int, by: int) -> bool:
    """Write down whose word it has; False if it has one, or isn't open any more."""
    return connection.execute(_CONFIRM, {"wanted": number, "by": by}).rowcount == 1


def due(connection: Connection, now: int) -> list[HandOver]:
    """What was accepted, confirmed and is to be done by now, in the order of its dates."""
    return [_hand_over(row) for row in connection.execute(_DUE, {"at": now}).mappings()]


def move(connection: Connection, known: HandOver, becomes: HandOverState, now: int) -> bool:
    """Bring it from the state in which it is known to another; False if it isn't in that one any more."""
    values = {"wanted": known.id, "seen": known.state, "becomes": becomes, "at": now}
    return connection.execute(_DECIDE, values).rowcount == 1


def close(connection: Connection, number: int, now: int) -> bool:
    """Write down that it is done; False if it is done already, not accepted or not confirmed."""
    return connection.execute(_DO, {"wanted": number, "at": now}).rowcount == 1


def end_of(connection: Connection, official: int, now: int) -> int:
    """Withdraw what is open from or to an official, or offered by them for another, not agreed on; return how many."""
    return connection.execute(_END_OF, {"of": official, "at": now}).rowcount


def _hand_over(row: RowMapping) -> HandOver:
    return HandOver(**{**row, "state": HandOverState(row["state"])})
