"""An official as those see them who may see the entry at all: the same for each of them.

Only those in office stand in address books. Whoever is suspended, has left or isn't there yet is absent.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, bindparam, false, select

from directory.tables import body, official, role_grant, unit
from groupware.card_tables import card
from policies.vocabulary import Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select

    from groupware.monitor import View
    from groupware.store import Snapshot

_FORM = 1
"""Raised when cards are written in another way, so that clients fetch them anew."""
NOW = bindparam("now", type_=BigInteger)
IN_OFFICE: ColumnElement[bool] = and_(
    official.c.suspended == false(),
    body.c.suspended == false(),
    official.c.valid_from <= NOW,
    official.c.valid_until > NOW,
)
PUBLIC_DUTIES = (Role.CONTACT_POINT, Role.DEPUTY, Role.LIAISON_OFFICER)
"""The duties that a card tells of (RFC 6350 6.6.2)."""
_ALL = (
    select(
        official.c.id,
        official.c.login,
        official.c.address,
        official.c.name,
        official.c.unit,
        unit.c.code.label("unit_code"),
        official.c.given_name,
        official.c.surname,
        official.c.title,
        official.c.phone,
        official.c.mobile,
        official.c.languages,
        body.c.code.label("body_code"),
        body.c.name.label("body_name"),
        card.c.digest,
        card.c.changed,
    )
    .join(body, body.c.id == official.c.body)
    .join(unit, unit.c.id == official.c.unit)
    .outerjoin(card, card.c.official == official.c.id)
    .order_by(official.c.surname, official.c.name, official.c.id)
)
_ENTRIES = _ALL.where(IN_OFFICE)
_UNITS = select(unit.c.id, unit.c.parent, unit.c.name)
_DUTIES = (
    select(role_grant.c.official, role_grant.c.role)
    .where(role_grant.c.role.in_(PUBLIC_DUTIES), role_grant.c.valid_from <= NOW, role_grant.c.valid_until > NOW)
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One official. `units` go from the top of the body down to the official's own; unknown texts are empty.

    `noted` is the digest of its contents when its card was last handed out, and `changed` since when it is that.
    """

    official: int
    login: str
    address: str
    name: str
    body_code: str
    body: str
    units: tuple[str, ...]
    unit: int = 0
    unit_code: str = ""
    duties: tuple[str, ...] = ()
    given_name: str = ""
    surname: str = ""
    title: str = ""
    phone: str = ""
    mobile: str = ""
    languages: tuple[str, ...] = ()
    noted: bytes = b""
    changed: int = 0

    @property
    def digest(self) -> bytes:
        """Of all that a card tells: the same as long as nothing of it changes."""
        texts = (self.login, self.address, self.name, self.body, self.given_name, self.surname, self.title)
        lists = (self.units, self.duties, self.languages)
        told = repr((_FORM, texts, self.phone, self.mobile, lists))
        return hashlib.blake2b(told.encode(), digest_size=16).digest()


def seen(view: View, only: ColumnElement[bool] | None = None) -> list[Entry]:
    """The entries that the caller may see, by surname; `only` those of them for which this is true."""
    view.use(Kind.OFFICIAL, Action.SEE_ENTRY)
    wanted = view.clause if only is None else and_(view.clause, only)
    return _read(view.snapshot, wanted, view.parameters)


def kept(view: View, numbers: Collection[int]) -> list[Entry]:
    """Those of these officials whose entries the caller keeps, in office or not."""
    view.use(Kind.OFFICIAL, Action.ADMINISTER)
    return _read(view.snapshot, and_(view.clause, official.c.id.in_(sorted(numbers))), view.parameters, _ALL)


def everybody(snapshot: Snapshot) -> list[Entry]:
    """All entries there are, for the operator."""
    return _read(snapshot, None, {"now": snapshot.now})


def _read(
    snapshot: Snapshot,
    wanted: ColumnElement[bool] | None,
    values: Mapping[str, int],
    some: Select[tuple[Any, ...]] = _ENTRIES,
) -> list[Entry]:
    statement = some if wanted is None else some.where(wanted)
    rows = snapshot.connection.execute(statement, values).all()
    paths, duties = unit_paths(snapshot), _duties(snapshot)
    return [
        Entry(
            official=row.id,
            login=row.login,
            address=row.address,
            name=row.name,
            body_code=row.body_code,
            body=row.body_name,
            units=paths[row.unit],
            unit=row.unit,
            unit_code=row.unit_code,
            duties=tuple(duties[row.id]),
            given_name=row.given_name,
            surname=row.surname,
            title=row.title,
            phone=row.phone,
            mobile=row.mobile,
            languages=tuple(tag.strip() for tag in row.languages.split(",") if tag.strip()),
            noted=row.digest or b"",
            changed=row.changed or 0,
        )
        for row in rows
    ]


def unit_paths(snapshot: Snapshot) -> Mapping[int, tuple[str, ...]]:
    """Each unit's name, with the names of those above it before."""
    units = {row.id: row for row in snapshot.connection.execute(_UNITS)}
    return {number: _path(units, number) for number in units}


def _path(units: Mapping[int, object], number: int) -> tuple[str, ...]:
    names: list[str] = []
    at: int | None = number
    while at is not None:
        row = units[at]
        names.append(row.name)  # type: ignore[attr-defined] # a row of _UNITS
        at = row.parent  # type: ignore[attr-defined] # same
    return tuple(reversed(names))


def _duties(snapshot: Snapshot) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for row in snapshot.connection.execute(_DUTIES, {"now": snapshot.now}):
        found[row.official].append(Role(row.role).label)
    for words in found.values():
        words.sort()
    return found
