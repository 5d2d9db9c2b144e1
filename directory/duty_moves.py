"""What went from whom to whom, as rows: so many duties of a kind, by a hand-over or because somebody left."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from directory.duty_tables import duty_move
from directory.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOBODY = 0


@dataclass(frozen=True, slots=True)
class Move:
    """One row; `at` in microseconds. `taker` is NOBODY for what nobody could take, `hand_over` 0 for who left."""

    giver: int
    taker: int
    what: str
    count: int
    at: int
    hand_over: int = 0
    id: int = 0


_c = duty_move.c
_ADD = insert(duty_move)
_FORGET = delete(duty_move).where(_c.giver == bindparam("of"), _c.taker == NOBODY)
_BY_ID = select(duty_move).where(_c.id == bindparam("wanted"))
_OF_HAND_OVER = select(duty_move).where(_c.hand_over == bindparam("wanted")).order_by(_c.id)
_OF_LEAVER = select(duty_move).where(_c.giver == bindparam("of"), _c.at >= bindparam("at")).order_by(_c.id)


def add(connection: Connection, new: Move) -> int:
    """Write it down and return its id; `new.id` is ignored."""
    row = asdict(new)
    del row["id"]
    return add_row(connection, _ADD, row)


def forget_left(connection: Connection, giver: int) -> None:
    """Forget what nobody could take of somebody's: it is looked for anew."""
    connection.execute(_FORGET, {"of": giver})


def find(connection: Connection, number: int) -> Move | None:
    """The one of this id, if it isn't forgotten."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    return None if row is None else Move(**row)


def of_hand_over(connection: Connection, number: int) -> list[Move]:
    """What went with a hand-over."""
    return [Move(**row) for row in connection.execute(_OF_HAND_OVER, {"wanted": number}).mappings()]


def of_leaver(connection: Connection, giver: int, since: int) -> list[Move]:
    """What went to others since somebody left at this time (microseconds)."""
    return [Move(**row) for row in connection.execute(_OF_LEAVER, {"of": giver, "at": since}).mappings()]
