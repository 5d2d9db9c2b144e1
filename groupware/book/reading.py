"""The directory's rows as entries, read in one transaction. What stayed as it was stays the same object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from directory.tables import body, official, unit
from groupware.book.entries import Body, EntryKind, Person, Unit

if TYPE_CHECKING:
    from groupware.book.entries import Entry, Key
    from groupware.store import Snapshot

_BODIES = select(body.c.id, body.c.code, body.c.name, body.c.kind).where(~body.c.suspended).order_by(body.c.id)
_UNITS = (
    select(unit.c.id, unit.c.code, unit.c.name, unit.c.body, unit.c.parent, unit.c.address, unit.c.phone)
    .join(body, body.c.id == unit.c.body)
    .where(~body.c.suspended)
    .order_by(unit.c.id)
)
_PEOPLE = (
    select(
        official.c.id,
        official.c.login,
        official.c.address,
        official.c.name,
        official.c.given_name,
        official.c.surname,
        official.c.title,
        official.c.phone,
        official.c.mobile,
        official.c.languages,
        official.c.unit,
        official.c.valid_from,
        official.c.valid_until,
    )
    .join(body, body.c.id == official.c.body)
    .where(
        ~official.c.suspended,
        ~body.c.suspended,
        official.c.departed == 0,
        official.c.valid_until > bindparam("now"),
    )
    .order_by(official.c.id)
)
Rows = dict[Any, tuple[Any, "Entry"]]
"""What was read last of each key, and what was made of it."""


class Reader:
    """Remembers what it has read, so that reading again makes only what has changed."""

    def __init__(self) -> None:
        self._known: Rows = {}

    def read(self, snapshot: Snapshot) -> dict[Key, Entry]:
        """Everything that may be found, by its key: bodies, then units, then officials."""
        known: Rows = {}
        for row in snapshot.rows(_BODIES, {}):
            self._keep(known, EntryKind.BODY, row, None)
        for row in snapshot.rows(_UNITS, {}):
            self._keep(known, EntryKind.UNIT, row, known[EntryKind.BODY, row.body][1])
        for row in snapshot.rows(_PEOPLE, {"now": snapshot.now}):
            self._keep(known, EntryKind.PERSON, row, known[EntryKind.UNIT, row.unit][1])
        self._known = known
        return {key: entry for key, (_, entry) in known.items()}

    def _keep(self, known: Rows, kind: EntryKind, row: Any, above: Entry | None) -> None:  # noqa: ANN401 -- a row
        key = (kind, row.id)
        before = self._known.get(key)
        if before is not None and before[0] == row and _above(before[1]) is above:
            known[key] = before
        else:
            known[key] = row, _made(row, above)


def _above(entry: Entry) -> Entry | None:
    if isinstance(entry, Person):
        return entry.unit
    return entry.body if isinstance(entry, Unit) else None


def _made(row: Any, above: Entry | None) -> Entry:  # noqa: ANN401 -- a row
    if above is None:
        return Body(row.id, row.code, row.name, row.kind)
    if isinstance(above, Body):
        return Unit(row.id, row.code, row.name, above, row.parent or 0, row.address, row.phone)
    if isinstance(above, Unit):
        return _person(row, above)
    raise TypeError(type(above).__name__)


def _person(row: Any, home: Unit) -> Person:  # noqa: ANN401 -- a row
    """Whose name isn't in parts has the last word of it as surname, since address books ask for one."""
    given, _, last = row.name.rpartition(" ")
    languages = tuple(filter(None, (tag.strip() for tag in row.languages.split(","))))
    return Person(
        id=row.id,
        login=row.login,
        mail=row.address,
        name=row.name,
        given_name=row.given_name if row.surname else given,
        surname=row.surname or last,
        title=row.title,
        phone=row.phone,
        mobile=row.mobile,
        languages=languages,
        unit=home,
        since=row.valid_from,
        until=row.valid_until,
    )
