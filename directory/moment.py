"""The time of the transaction that a connection is in, for what has to be worked out at each change of the directory.

Whoever opens a transaction says so here, once; a change that nobody gave a time is refused where it would need one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

_KEY = "moment"


class TimelessError(LookupError):
    """Nobody said when this connection's transaction is: a fault of ours."""


def keep(connection: Connection, now: int) -> None:
    """The transaction that begins on this connection is at `now` (microseconds)."""
    connection.info[_KEY] = now


def of(connection: Connection) -> int:
    """When it is. Raises TimelessError."""
    if _KEY not in connection.info:
        raise TimelessError("no moment is kept for this connection")
    moment: int = connection.info[_KEY]
    return moment
