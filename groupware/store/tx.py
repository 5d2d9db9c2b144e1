"""A transaction as a use case sees it: a connection, one time, and the events to tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import insert

from groupware.store.dialect import current_txid
from groupware.tables import event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Insert

T = TypeVar("T")
_APPEND = insert(event).values(txid=current_txid()).inline()


class Snapshot:
    """A consistent view at one moment, `now` in microseconds; the database refuses to write through it.

    `open` until the query or use case has ended; permits given in it end with it. `rights` is the monitor's: the
    version that it read here, and how many changes of rights this connection had made by then.
    """

    __slots__ = ("connection", "now", "open", "rights")

    def __init__(self, connection: Connection, now: int) -> None:
        self.connection = connection
        self.now = now
        self.open = True
        self.rights: tuple[int, int] | None = None


S = TypeVar("S", bound=Snapshot)


class Tx(Snapshot):
    """One use case's transaction: all of it becomes durable together, events included, or nothing does.

    A use case lets database errors pass, or turns them into errors of its own, but never goes on after one: the
    transaction may be over already. It neither commits nor rolls back by hand.
    """

    __slots__ = ("_events",)

    def __init__(self, connection: Connection, now: int) -> None:
        super().__init__(connection, now)
        self._events: list[dict[str, str | int]] = []

    def record(self, kind: str, subject: int, room: int = 0) -> None:
        """Tell of a change; the event is written with it or not at all."""
        self._events.append({"kind": str(kind), "subject": subject, "room": room, "at": self.now})

    def insert(self, statement: Insert, row: Mapping[str, Any]) -> int:
        """Insert one row into a table whose key is `id`, and return its id."""
        key = self.connection.execute(statement, row).inserted_primary_key
        if key is None:
            raise TypeError("an inline insert returns no key")
        return int(key[0])

    def finish(self) -> bool:
        """Write the events; True if there were any. Only the store calls this, after the use case."""
        if self._events:
            self.connection.execute(_APPEND, self._events if len(self._events) > 1 else self._events[0])
        return bool(self._events)


def perform(call: Callable[[S], T], view: S) -> T:
    """Call it with a view that is open until then. Its result may go to a future, which can't carry a StopIteration."""
    try:
        return call(view)
    except StopIteration as error:
        raise RuntimeError("StopIteration") from error
    finally:
        view.open = False


UseCase = Callable[[Tx], T]
Query = Callable[[Snapshot], T]
