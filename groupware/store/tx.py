"""A transaction as a use case sees it: a connection, one time, and the events to tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import insert

from directory import moment
from groupware.acts import changed, denied, permitted, refused
from groupware.errors import IconetError
from groupware.sealing.seals import OFF
from groupware.store.dialect import current_txid
from groupware.store.prepared import prepared, sqlite_of
from groupware.tables import event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Delete, Insert, Select, Update

    from groupware.acts import Act, Asked
    from groupware.sealing.seals import Seals

T = TypeVar("T")
_APPEND = insert(event).values(txid=current_txid()).inline()


class Snapshot:
    """A consistent view at one moment, `now` in microseconds; the database refuses to write through it.

    `open` until the query or use case has ended; permits given in it end with it. `rights` is the monitor's: the
    version that it read here, and how many changes of rights this connection had made by then; so is `asked`, what
    it was asked last. `acts` go on record with the answer. `seals` opens what is sealed.
    """

    __slots__ = ("_sqlite", "acts", "asked", "connection", "now", "open", "rights", "seals")

    def __init__(self, connection: Connection, now: int, seals: Seals = OFF) -> None:
        self.connection = connection
        self.seals = seals
        self._sqlite = sqlite_of(connection)
        self.now = now
        self.open = True
        self.rights: tuple[int, int] | None = None
        self.asked: Asked | None = None
        self.acts: list[Act] = []

    def leave_given(self, rules: tuple[str, ...]) -> None:
        """The monitor gave leave for what it was asked last. To look changes nothing, so it isn't put on record."""

    def first(self, statement: Select[Any] | Update, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- a row, or None
        """The first row that a statement at module level gives, or None: the quick way for where each post passes."""
        if self._sqlite is None:
            return self.connection.execute(statement, values).first()
        ready = prepared(statement, values)
        found = ready.run(self._sqlite, values).fetchone()
        return None if found is None else ready.row(found)

    def rows(self, statement: Select[Any], values: Mapping[str, Any]) -> list[Any]:
        """All rows that a statement at module level gives, the same way."""
        if self._sqlite is None:
            return list(self.connection.execute(statement, values))
        ready = prepared(statement, values)
        return [ready.row(found) for found in ready.run(self._sqlite, values)]

    def tuples(self, statement: Select[Any], values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """All rows that a statement at module level gives, as the driver gives them: the quick way for very many."""
        if self._sqlite is None:
            return self.connection.execute(statement, values).all()
        return prepared(statement, values).run(self._sqlite, values).fetchall()


S = TypeVar("S", bound=Snapshot)


class Tx(Snapshot):
    """One use case's transaction: all of it becomes durable together, events included, or nothing does.

    A use case lets database errors pass, or turns them into errors of its own, but never goes on after one: the
    transaction may be over already. It neither commits nor rolls back by hand.
    """

    __slots__ = ("_events", "_record")

    def __init__(self, connection: Connection, now: int, record: Record, seals: Seals = OFF) -> None:
        super().__init__(connection, now, seals)
        self._record = record
        moment.keep(connection, now)
        self._events: list[dict[str, str | int]] = []

    def record(self, kind: str, subject: int, room: int = 0) -> None:
        """Tell of a change; the event is written with it or not at all, and on record if it is an act."""
        self._events.append({"kind": str(kind), "subject": subject, "room": room, "at": self.now})
        act = changed(kind, subject, self.acts[-1] if self.acts else None)
        if act is not None:
            self.acts.append(act)

    def leave_given(self, rules: tuple[str, ...]) -> None:
        """The monitor gave leave for what it was asked last: it goes on record with what is done by it."""
        if self.asked is not None:
            self.acts.append(permitted(self.asked, rules))

    def leave_refused(self, rules: tuple[str, ...]) -> None:
        """The monitor refused what it was asked last, and what else is done here goes on."""
        if self.asked is not None:
            self.acts.append(refused(self.asked, rules))

    def insert(self, statement: Insert, row: Mapping[str, Any]) -> int:
        """Insert one row into a table whose key is `id`, and return its id."""
        if self._sqlite is not None:
            return prepared(statement, row).run(self._sqlite, row).lastrowid or 0
        key = self.connection.execute(statement, row).inserted_primary_key
        if key is None:
            raise TypeError("an inline insert returns no key")
        return int(key[0])

    def insert_all(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that have all the same columns."""
        if not rows:
            return
        if self._sqlite is None:
            self.connection.execute(statement, rows)
        else:
            prepared(statement, rows[0]).run_for_each(self._sqlite, rows)

    def insert_tuples(self, statement: Insert, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows given as values in the order of the columns: the quick way for very many."""
        if not rows:
            return
        if self._sqlite is None:
            self.connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])
        else:
            prepared(statement, dict.fromkeys(columns)).run_tuples(self._sqlite, columns, rows)

    def change(self, statement: Update | Delete, values: Mapping[str, Any]) -> int:
        """Run a statement at module level and return how many rows it changed."""
        if self._sqlite is None:
            return self.connection.execute(statement, values).rowcount
        return prepared(statement, values).run(self._sqlite, values).rowcount

    def finish(self) -> bool:
        """Write the events and acts; True if there were events. Only the store calls this, after the use case."""
        self.insert_all(_APPEND, self._events)
        if self.acts:
            self._record(self, self.acts)
        return bool(self._events)


def perform(call: Callable[[S], T], view: S) -> T:
    """Call it with a view that is open until then. Its result may go to a future, which can't carry a StopIteration."""
    try:
        return call(view)
    except StopIteration as error:
        raise RuntimeError("StopIteration") from error
    finally:
        view.open = False


class Seen(NamedTuple, Generic[T]):
    """What a query came to, and what goes on record of it before anybody is told."""

    answer: T | None
    error: IconetError | None
    acts: Sequence[Act]

    def told(self) -> T:
        """The answer; raises what the query raised."""
        if self.error is not None:
            raise self.error
        return cast("T", self.answer)


def see(query: Callable[[Snapshot], T], snapshot: Snapshot) -> Seen[T]:
    """Run a query; its own refusal is part of what is seen, and any other error passes."""
    try:
        return Seen(perform(query, snapshot), None, snapshot.acts)
    except IconetError as error:
        act = denied(snapshot.asked, error)
        return Seen(None, error, () if act is None else (act,))


Record = Callable[[Tx, Sequence["Act"]], None]
"""What puts acts on record."""
UseCase = Callable[[Tx], T]
Query = Callable[[Snapshot], T]
