"""Who stands behind a pseudonym: found by trying every key that there still is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory.tables import body, official
from groupware.acts import pseudonym
from groupware.audit_tables import audit_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from groupware.monitor import View
    from groupware.store import Snapshot

_KEYS = select(audit_subject.c.official, audit_subject.c.key)
_PEOPLE = (
    select(official.c.id, official.c.login, official.c.name, body.c.name.label("body"))
    .join(body, body.c.id == official.c.body)
    .where(official.c.id.in_(bindparam("these", expanding=True)))
)
_NOBODY = 0


@dataclass(frozen=True, slots=True)
class Person:
    """An official as the log names them. Without a name: whom the reader of the log may not know, or who was erased."""

    id: int
    login: str
    name: str
    body: str


class Behind:
    """The officials behind pseudonyms. It remembers for as long as the process runs; who is erased is forgotten."""

    def __init__(self) -> None:
        self._officials: dict[str, int] = {}

    def officials(self, snapshot: Snapshot, pseudonyms: Iterable[str]) -> dict[str, int]:
        """Those whose key there still is."""
        keys = {row.official: bytes(row.key) for row in snapshot.connection.execute(_KEYS)}
        known = frozenset(self._officials.values())
        new = {pseudonym(key, each): each for each, key in keys.items() if each not in known}
        self._officials = {name: each for name, each in self._officials.items() if each in keys} | new
        return {name: self._officials[name] for name in pseudonyms if name in self._officials}


def people(view: View, officials: Iterable[int]) -> Mapping[int, Person]:
    """As the reader of the log may see them: `view` is of entries; of the others the body alone."""
    wanted = {"these": sorted(set(officials) - {_NOBODY})}
    snapshot = view.snapshot
    everybody = snapshot.connection.execute(_PEOPLE, wanted).all()
    seen = {row.id for row in snapshot.connection.execute(_PEOPLE.where(view.clause), {**wanted, **view.parameters})}
    return {row.id: Person(*row) if row.id in seen else Person(row.id, "", "", row.body) for row in everybody}
