"""Who stands behind a pseudonym, as far as somebody may know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory.tables import body, official
from groupware.audit_tables import audit_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from groupware.monitor import View
    from groupware.store import Snapshot

_BEHIND = select(audit_subject.c.pseudonym, audit_subject.c.official).where(
    audit_subject.c.pseudonym.in_(bindparam("these", expanding=True))
)
_PEOPLE = (
    select(official.c.id, official.c.login, official.c.name, body.c.name.label("body"))
    .join(body, body.c.id == official.c.body)
    .where(official.c.id.in_(bindparam("these", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Person:
    """An official as the log names them. Without a name: whom the reader of the log may not know."""

    id: int
    login: str
    name: str
    body: str


def officials(snapshot: Snapshot, pseudonyms: Iterable[str]) -> dict[str, int]:
    """The officials behind pseudonyms; who was erased is not among them."""
    rows = snapshot.connection.execute(_BEHIND, {"these": sorted(set(pseudonyms))})
    return {row.pseudonym: row.official for row in rows}


def people(view: View, numbers: Iterable[int]) -> Mapping[int, Person]:
    """As the reader of the log may see them: `view` is of entries; of the others the body alone."""
    wanted = {"these": sorted(set(numbers))}
    snapshot = view.snapshot
    everybody = snapshot.connection.execute(_PEOPLE, wanted).all()
    seen = {row.id for row in snapshot.connection.execute(_PEOPLE.where(view.clause), {**wanted, **view.parameters})}
    return {row.id: Person(*row) if row.id in seen else Person(row.id, "", "", row.body) for row in everybody}
