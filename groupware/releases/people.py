"""Who is told of a release: the delegates who may decide about it, and what people and owners are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from directory import tables as directory
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_NAMED: Select[Any] = (
    select(directory.official.c.name, directory.official.c.address, directory.body.c.name.label("body"))
    .join(directory.body, directory.body.c.id == directory.official.c.body)
    .where(directory.official.c.id == bindparam("this"))
)
_OWNER: Select[Any] = (
    select(directory.unit.c.name, directory.body.c.name.label("body"))
    .join(directory.body, directory.body.c.id == directory.unit.c.body)
    .where(directory.unit.c.id == bindparam("this"))
)


def deciders(snapshot: Snapshot, monitor: Monitor, consent: int) -> Sequence[int]:
    """Whoever may decide about a consent that is open, behind whatever sign-in."""
    return monitor.audience(snapshot, Action.DECIDE_RELEASE, Kind.CONSENT, consent, strong=True)


def sees(snapshot: Snapshot, monitor: Monitor, consent: int) -> Sequence[int]:
    """Whoever may know of a consent: the owner's delegates, and who asked."""
    return monitor.audience(snapshot, Action.READ, Kind.CONSENT, consent, strong=True)


def person(snapshot: Snapshot, official: int) -> str:
    """`Anna, Aland`."""
    row = snapshot.connection.execute(_NAMED, {"this": official}).one()
    return f"{row.name}, {row.body}"


def owner(snapshot: Snapshot, unit: int) -> str:
    """`Aland, Unit A`."""
    row = snapshot.connection.execute(_OWNER, {"this": unit}).one()
    return f"{row.body}, {row.name}"
