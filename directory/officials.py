"""Officials: found by login or mail address, in any case; suspended, never deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, or_, select, update

from directory import access, rights, units
from directory.errors import StaleError, TakenError, UnfitError, UnknownEntryError
from directory.rows import add_row
from directory.tables import FOREVER, body, official

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

LONGEST_NAME = 254
"""Octets of a login or address (RFC 5321 4.5.3.1.3 less the angle brackets)."""
LONGEST_LOCAL = 64
"""Octets before the @ (RFC 5321 4.5.3.1.1)."""
LONGEST_CALLED = 200
"""Letters of what somebody is called: it has to fit into a line of a header."""
_LOGIN = re.compile(r"[a-z0-9.-]{1,64}")
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9-]+\.)+[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Official:
    """One row of `directory.tables`. In office from `valid_from` until before `valid_until`, unless suspended."""

    id: int
    login: str
    address: str
    name: str
    body: int
    unit: int
    clearance: int = 3
    listed: bool = True
    suspended: bool = False
    valid_from: int = 0
    valid_until: int = FOREVER
    given_name: str = ""
    surname: str = ""
    title: str = ""
    phone: str = ""
    mobile: str = ""
    languages: str = ""
    external_id: str = ""
    departed: int = 0
    reviewed: int = 0
    reviewed_by: int = 0
    version: int = 1


DETAILS = ("given_name", "surname", "title", "phone", "mobile", "languages", "external_id")
"""What is shown in address books, as plain text of one line."""
_ADD = insert(official)
_BY_ID = select(official).where(official.c.id == bindparam("wanted"))
_BY_LOGIN = select(official).where(official.c.login == bindparam("wanted"))
_BY_ADDRESS = select(official).where(official.c.address == bindparam("wanted"))
_BY_EXTERNAL = select(official).where(
    official.c.body == bindparam("in_body"), official.c.external_id == bindparam("wanted")
)
_CHANGE = update(official).where(official.c.id == bindparam("wanted"), official.c.version == bindparam("seen"))
_REWRITTEN = ("name", "unit", "clearance", "listed", "valid_from", "valid_until", *DETAILS)
"""What is written of many at once: what isn't there keeps its indexes untouched."""
_CHANGE_MANY = _CHANGE.values({name: bindparam(f"new_{name}") for name in (*_REWRITTEN, "body", "version")})
_IN_OFFICE = (
    select(official.c.id)
    .join(body, body.c.id == official.c.body)
    .where(
        official.c.id == bindparam("wanted"),
        ~official.c.suspended,
        ~body.c.suspended,
        official.c.valid_from <= bindparam("at"),
        official.c.valid_until > bindparam("at"),
    )
)
_OF = select(official).where(official.c.body == bindparam("in_body")).order_by(official.c.login)
_MARKS = (
    select(official.c.id, official.c.login, official.c.version, official.c.reviewed)
    .where(official.c.body == bindparam("in_body"))
    .order_by(official.c.login)
)
_TAKEN = select(official.c.login, official.c.address).where(
    or_(
        official.c.login.in_(bindparam("logins", expanding=True)),
        official.c.address.in_(bindparam("addresses", expanding=True)),
    )
)
_OUT_OF_OFFICE = (
    select(official.c.login)
    .join(body, body.c.id == official.c.body)
    .where(
        or_(
            official.c.suspended,
            body.c.suspended,
            official.c.valid_from > bindparam("at"),
            official.c.valid_until <= bindparam("at"),
        )
    )
)


def folded(name: str) -> str:
    """A login or address as it is kept and compared: lower case, both halves; "" for what cannot be either."""
    fit = name.isascii() and name.isprintable() and len(name) <= LONGEST_NAME
    return name.lower() if fit else ""


def is_address(text: str) -> bool:
    """Whether this is a mail address as it is kept: folded, of plain words (RFC 5321 4.1.2 Dot-string)."""
    return bool(_ADDRESS.fullmatch(text)) and text == folded(text) and text.index("@") <= LONGEST_LOCAL


def add(connection: Connection, new: Official) -> int:
    """Add an official and return the id; `new.id` and `new.body` are ignored: the unit has a body.

    UnfitError if the login, address or name is malformed, TakenError if somebody has it.
    """
    row = _row(connection, new)
    number = add_row(connection, _ADD, row)
    rights.bump(connection)
    access.rederive_for_official(connection, number)
    return number


def change(connection: Connection, changed: Official) -> None:
    """Write an official anew: `change(connection, replace(found, unit=7))`. Errors as for `add`.

    StaleError if the row isn't of the version that `changed` was made from; the new row's is one higher.
    """
    row = {**_row(connection, changed), "version": changed.version + 1}
    if not connection.execute(_CHANGE, {**row, "wanted": changed.id, "seen": changed.version}).rowcount:
        get(connection, changed.id)
        raise StaleError(f"official {changed.id}")
    rights.bump(connection)
    access.rederive_for_official(connection, changed.id)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of many officials, ready to be written: made before the transaction in which others wait."""

    added: Sequence[dict[str, object]]
    changed: Sequence[dict[str, object]]
    bodies: Sequence[int]


def batch(added: Sequence[Official], changed: Sequence[Official]) -> Batch:
    """The rows of these, whose `body` is that of their units. Works on values alone. UnfitError as for `add`.

    Who is added with 0 as `valid_from` begins when it is written.
    """
    new = [{**_fit(each), "body": each.body} for each in added]
    rewritten = [
        {f"new_{name}": value for name, value in _fit(each).items() if name in _REWRITTEN}
        | {"new_body": each.body, "new_version": each.version + 1, "wanted": each.id, "seen": each.version}
        for each in changed
    ]
    return Batch(new, rewritten, sorted({each.body for each in (*added, *changed)}))


def write_all(connection: Connection, rows: Batch, now: int) -> None:
    """Add and change many at once.

    That nobody has a new login, and that no row has changed since, is the caller's to know.
    """
    if rows.added:
        connection.execute(_ADD, [_begun(row, now) for row in rows.added])
    if rows.changed:
        connection.execute(_CHANGE_MANY, rows.changed)
    rights.bump(connection)
    for number in rows.bodies:
        access.rederive_for_body(connection, number)


def _begun(row: dict[str, object], now: int) -> dict[str, object]:
    return row if row["valid_from"] else {**row, "valid_from": min(now, int(str(row["valid_until"])) - 1)}


def suspend(connection: Connection, number: int, *, suspended: bool = True) -> None:
    """Shut an official out at once, or with `suspended=False` let them in again."""
    change(connection, replace(get(connection, number), suspended=suspended))


def get(connection: Connection, number: int) -> Official:
    """The official of this id; UnknownEntryError if there is none."""
    found = _first(connection, _BY_ID, number)
    if found is None:
        raise UnknownEntryError(f"official {number}")
    return found


def by_login(connection: Connection, login: str) -> Official | None:
    """The official of this login, in any case."""
    return _first(connection, _BY_LOGIN, folded(login))


def by_address(connection: Connection, address: str) -> Official | None:
    """The official of this mail address, in any case."""
    return _first(connection, _BY_ADDRESS, folded(address))


def by_external(connection: Connection, body: int, external_id: str) -> Official | None:
    """The official whom a body's own system calls so."""
    row = connection.execute(_BY_EXTERNAL, {"in_body": body, "wanted": external_id}).mappings().first()
    return None if row is None else Official(**row)


def by_name(connection: Connection, name: str) -> Official | None:
    """The official of this login or address: what people type at a door."""
    return by_address(connection, name) if "@" in name else by_login(connection, name)


def of_body(connection: Connection, body: int) -> list[Official]:
    """All of a body, by login, those who left included."""
    return [Official(**row) for row in connection.execute(_OF, {"in_body": body}).mappings()]


def marks(connection: Connection, body: int) -> list[tuple[int, str, int, int]]:
    """Id, login, version and last confirmation of all of a body, by login: equal marks, equal entries."""
    return [tuple(row) for row in connection.execute(_MARKS, {"in_body": body})]


def taken(connection: Connection, logins: Sequence[str], addresses: Sequence[str]) -> set[str]:
    """Which of these, folded, somebody has already. At most some thousands at a time."""
    rows = connection.execute(_TAKEN, {"logins": list(logins), "addresses": list(addresses)})
    return {name for row in rows for name in row} & {*logins, *addresses}


def in_office(connection: Connection, number: int, now: int) -> bool:
    """Whether an official, and their body, may do anything at all."""
    return connection.execute(_IN_OFFICE, {"wanted": number, "at": now}).first() is not None


def out_of_office(connection: Connection, now: int) -> list[str]:
    """The logins of those who may do nothing at all."""
    return list(connection.scalars(_OUT_OF_OFFICE, {"at": now}))


def _row(connection: Connection, new: Official) -> dict[str, object]:
    row = _fit(new)
    _refuse_taken(connection, str(row["login"]), str(row["address"]), new.id)
    return {**row, "body": units.body_of(connection, new.unit)}


def _fit(new: Official) -> dict[str, object]:
    login, address = folded(new.login), folded(new.address)
    if not _LOGIN.fullmatch(login):
        raise UnfitError(f"login {new.login!r}")
    if not is_address(address):
        raise UnfitError(f"address {new.address!r}")
    if not new.name.isprintable() or len(new.name) > LONGEST_CALLED:
        raise UnfitError(f"name of {login!r}")
    details = {detail: getattr(new, detail) for detail in DETAILS}
    for detail, text in details.items():
        if text and (not text.isprintable() or len(text) > LONGEST_CALLED):
            raise UnfitError(f"{detail} of {login!r}")
    return {
        "login": login,
        "address": address,
        "name": new.name,
        "unit": new.unit,
        "clearance": new.clearance,
        "listed": new.listed,
        "suspended": new.suspended,
        "valid_from": new.valid_from,
        "valid_until": new.valid_until,
        "departed": new.departed,
        "reviewed": new.reviewed,
        "reviewed_by": new.reviewed_by,
        **details,
    }


def _refuse_taken(connection: Connection, login: str, address: str, own: int) -> None:
    for holder in (by_login(connection, login), by_address(connection, address)):
        if holder is not None and holder.id != own:
            raise TakenError(f"{login} or {address}")


def _first(connection: Connection, statement: Select[*tuple[Any, ...]], wanted: int | str) -> Official | None:
    row = connection.execute(statement, {"wanted": wanted}).mappings().first()
    return None if row is None else Official(**row)
