"""Whether an address is taken already: officials, rooms, resources and units share one name space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import officials
from directory.tables import unit
from groupware.tables import resource, room

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupware.store import Snapshot

SLICE = 400
"""Names asked about in one statement: SQLite takes some thousands of parameters."""
_ROOMS = select(room.c.code).where(room.c.code.in_(bindparam("names", expanding=True)))
_RESOURCES = select(resource.c.address).where(resource.c.address.in_(bindparam("names", expanding=True)))
_UNITS = select(unit.c.address).where(unit.c.address.in_(bindparam("names", expanding=True)))


def taken(snapshot: Snapshot, logins: Sequence[str], domain: str) -> frozenset[str]:
    """Those of the logins that can't be given to somebody new."""
    found: set[str] = set()
    for begin in range(0, len(logins), SLICE):
        found |= set(_taken(snapshot, logins[begin : begin + SLICE], domain))
    return frozenset(found & set(logins))


def _taken(snapshot: Snapshot, logins: Sequence[str], domain: str) -> Iterator[str]:
    addresses = [f"{login}@{domain}" for login in logins]
    for name in officials.taken(snapshot.connection, logins, addresses):
        yield name.partition("@")[0]
    yield from snapshot.connection.scalars(_ROOMS, {"names": list(logins)})
    for statement in (_RESOURCES, _UNITS):
        for address in snapshot.connection.scalars(statement, {"names": addresses}):
            yield address.partition("@")[0]
