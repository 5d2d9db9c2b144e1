"""Who off-boarded whom, when and why, what ended by that, and when each door was closed: kept for who asks later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory.keeping_tables import departure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_c = departure.c
_ADD = insert(departure)
_LAST = select(departure).where(_c.official == bindparam("of")).order_by(_c.id.desc()).limit(1)
_CLOSED = (
    update(departure).where(_c.official == bindparam("of"), _c.at == bindparam("left")).values(doors=bindparam("said"))
)


@dataclass(frozen=True, slots=True)
class Departure:
    """`by` is an official, 0 for the operator; `ended` says how much of what, `doors` (door, sessions, closed at).

    Times in microseconds. `doors` is empty where nobody waited for them.
    """

    official: int
    at: int
    by: int
    why: str
    ended: tuple[tuple[str, int], ...]
    doors: tuple[tuple[str, int, int], ...] = ()


def add(connection: Connection, new: Departure) -> None:
    """Write one down."""
    row = {"official": new.official, "at": new.at, "by": new.by, "why": new.why}
    connection.execute(_ADD, {**row, "ended": json.dumps(new.ended), "doors": "[]"})


def closed(connection: Connection, official: int, at: int, doors: Sequence[tuple[str, int, int]]) -> None:
    """Add what the doors said of who left then."""
    connection.execute(_CLOSED, {"of": official, "left": at, "said": json.dumps(doors)})


def last(connection: Connection, official: int) -> Departure | None:
    """The last of an official."""
    row = connection.execute(_LAST, {"of": official}).first()
    if row is None:
        return None
    ended, doors = json.loads(row.ended), json.loads(row.doors)
    return Departure(row.official, row.at, row.by, row.why, tuple(map(tuple, ended)), tuple(map(tuple, doors)))
