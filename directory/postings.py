"""Postings of liaison officers as rows, planned ones with the bodies that are interested in them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from directory.countries import is_code
from directory.duty_tables import posting, posting_area, posting_body, posting_interest
from directory.errors import StaleError, UnfitError, UnknownEntryError
from directory.rows import add_row, grouped
from directory.tables import FOREVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, RowMapping, Table

LONGEST_PLACE, LONGEST_DUTIES = 200, 2_000
"""Letters of a city or seat, and of what somebody is there for."""


@dataclass(frozen=True, slots=True)
class Interest:
    """A body that would use a planned posting: who says so, and a note."""

    body: int
    official: int
    note: str
    at: int


@dataclass(frozen=True, slots=True)
class Posting:
    """One row with its areas and the other bodies that it serves; in force from `valid_from` to before `valid_until`.

    `host_country` is an ISO 3166-1 alpha-2 code.
    """

    official: int
    host_country: str
    host_city: str
    valid_from: int
    valid_until: int = FOREVER
    seat: str = ""
    duties: str = ""
    planned: bool = False
    areas: frozenset[int] = frozenset()
    serves: frozenset[int] = frozenset()
    version: int = 1
    id: int = 0


_c, _i = posting.c, posting_interest.c
_ADD = insert(posting)
_CHANGE = update(posting).where(_c.id == bindparam("wanted"), _c.version == bindparam("seen"))
_BY_ID = select(posting).where(_c.id == bindparam("wanted"))
_OF = select(posting).where(_c.official == bindparam("of")).order_by(_c.valid_from)
_CURRENT = select(posting).where(_c.valid_until > bindparam("at")).order_by(_c.host_country, _c.host_city, _c.id)
_OVERLAPPING = select(_c.id).where(
    _c.official == bindparam("of"),
    _c.id != bindparam("besides"),
    ~_c.planned,
    _c.valid_from < bindparam("last"),
    _c.valid_until > bindparam("first"),
)
_END = (
    update(posting)
    .where(_c.id == bindparam("wanted"), _c.version == bindparam("seen"), _c.valid_until > bindparam("at"))
    .values(valid_until=bindparam("at"), version=_c.version + 1)
)
_END_OF = (
    update(posting)
    .where(_c.official == bindparam("of"), _c.valid_until > bindparam("at"))
    .values(valid_until=bindparam("at"), version=_c.version + 1)
)
_LASTING = posting.c.valid_until > bindparam("at")
_AREAS = select(posting_area.c.posting, posting_area.c.area).join(posting).where(_LASTING)
_SERVED = select(posting_body.c.posting, posting_body.c.body).join(posting).where(_LASTING)
_INTERESTS = (
    select(_i.posting, _i.body, _i.official, _i.note, _i.at).join(posting).where(_LASTING).order_by(_i.at, _i.body)
)
_INTEREST = insert(posting_interest)
_NO_INTEREST = delete(posting_interest).where(_i.posting == bindparam("this"), _i.body == bindparam("whose"))


def add(connection: Connection, new: Posting) -> int:
    """Add a posting and return its id. UnfitError for one that can't be, or overlaps another of the official's."""
    number = add_row(connection, _ADD, _row(connection, new))
    _link(connection, number, new)
    return number


def change(connection: Connection, changed: Posting) -> None:
    """Write one anew. Errors as for `add`; StaleError when it isn't of the version that `changed` was made from."""
    row = {**_row(connection, changed), "version": changed.version + 1}
    if not connection.execute(_CHANGE, {**row, "wanted": changed.id, "seen": changed.version}).rowcount:
        get(connection, changed.id)
        raise StaleError(f"posting {changed.id}")
    _link(connection, changed.id, changed)


def get(connection: Connection, number: int) -> Posting:
    """The posting of this id; UnknownEntryError if there is none."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    if row is None:
        raise UnknownEntryError(f"posting {number}")
    return _posting(connection, row)


def of(connection: Connection, official: int) -> list[Posting]:
    """All of an official, past ones too."""
    return [_posting(connection, row) for row in connection.execute(_OF, {"of": official}).mappings()]


def current(connection: Connection, now: int) -> list[Posting]:
    """All that haven't ended, planned and coming ones too, by country and city."""
    areas, served = (grouped(connection, each, {"at": now}) for each in (_AREAS, _SERVED))
    return [
        Posting(
            **row,
            areas=frozenset(area for (area,) in areas[row["id"]]),
            serves=frozenset(body for (body,) in served[row["id"]]),
        )
        for row in connection.execute(_CURRENT, {"at": now}).mappings()
    ]


def end(connection: Connection, number: int, seen: int, now: int) -> None:
    """End one now; one that had not begun never will. StaleError when it isn't of the version seen, or has ended."""
    if not connection.execute(_END, {"wanted": number, "seen": seen, "at": now}).rowcount:
        raise StaleError(f"posting {number}")


def end_of(connection: Connection, official: int, now: int) -> int:
    """End those of an official; one that had not begun never will. Returns how many."""
    return connection.execute(_END_OF, {"of": official, "at": now}).rowcount


def interests(connection: Connection, now: int) -> Mapping[int, Sequence[Interest]]:
    """Which bodies are interested in each of those, the first one first."""
    found = grouped(connection, _INTERESTS, {"at": now})
    return defaultdict(list, {number: [Interest(*row) for row in rows] for number, rows in found.items()})


def declare_interest(connection: Connection, number: int, new: Interest) -> None:
    """Say that a body is interested, in place of what it said before."""
    withdraw_interest(connection, number, new.body)
    row = {"posting": number, "body": new.body, "official": new.official, "note": new.note, "at": new.at}
    connection.execute(_INTEREST, row)


def withdraw_interest(connection: Connection, number: int, body: int) -> None:
    """Say that it isn't, or leave it so."""
    connection.execute(_NO_INTEREST, {"this": number, "whose": body})


def _row(connection: Connection, new: Posting) -> dict[str, object]:
    if not is_code(new.host_country):
        raise UnfitError(f"country {new.host_country!r}")
    if new.valid_from >= new.valid_until:
        raise UnfitError("a posting ends after it begins")
    for text, longest in ((new.host_city, LONGEST_PLACE), (new.seat, LONGEST_PLACE)):
        if len(text) > longest or not text.isprintable():
            raise UnfitError("a place is one line")
    if len(new.duties) > LONGEST_DUTIES or "\0" in new.duties:
        raise UnfitError("duties are a text")
    _refuse_overlap(connection, new)
    return {
        "official": new.official,
        "host_country": new.host_country,
        "host_city": new.host_city,
        "seat": new.seat,
        "duties": new.duties,
        "planned": new.planned,
        "valid_from": new.valid_from,
        "valid_until": new.valid_until,
    }


def _refuse_overlap(connection: Connection, new: Posting) -> None:
    """An official is in one place at a time; plans may compete."""
    values = {"of": new.official, "besides": new.id, "first": new.valid_from, "last": new.valid_until}
    if not new.planned and connection.execute(_OVERLAPPING, values).first():
        raise UnfitError("it overlaps another posting of the same official")


def _link(connection: Connection, number: int, new: Posting) -> None:
    _rewrite(connection, posting_area, number, "area", new.areas)
    _rewrite(connection, posting_body, number, "body", new.serves)


def _rewrite(connection: Connection, table: Table, number: int, column: str, keys: frozenset[int]) -> None:
    connection.execute(delete(table).where(table.c.posting == number))
    for key in sorted(keys):
        connection.execute(insert(table), {"posting": number, column: key})


def _posting(connection: Connection, row: RowMapping) -> Posting:
    areas = connection.scalars(select(posting_area.c.area).where(posting_area.c.posting == row["id"]))
    serves = connection.scalars(select(posting_body.c.body).where(posting_body.c.posting == row["id"]))
    return Posting(**row, areas=frozenset(areas), serves=frozenset(serves))
