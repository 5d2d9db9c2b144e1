"""Whether an address is taken already: officials, rooms, resources and units share one name space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, union_all

from directory import officials
from directory.tables import official, unit
from groupware.tables import resource, room

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupware.store import Snapshot

SLICE = 400
"""Names asked about by name; for more it is quicker to read all that are taken."""
_ROOMS = select(room.c.code).where(room.c.code.in_(bindparam("names", expanding=True)))
_RESOURCES = select(resource.c.address).where(resource.c.address.in_(bindparam("names", expanding=True)))
_EVERY = union_all(
    select(official.c.login),
    select(official.c.address),
    select(room.c.code),
    select(resource.c.address),
    select(unit.c.address),
)
_UNITS = select(unit.c.address).where(unit.c.address.in_(bindparam("names", expanding=True)))


def taken(snapshot: Snapshot, logins: Sequence[str], domain: str) -> frozenset[str]:
    """Those of the logins that can't be given to somebody new."""
    found = _taken(snapshot, logins, domain) if len(logins) <= SLICE else _all_taken(snapshot, domain)
    return frozenset(set(found) & set(logins))


def _taken(snapshot: Snapshot, logins: Sequence[str], domain: str) -> Iterator[str]:
    addresses = [f"{login}@{domain}" for login in logins]
    for name in officials.taken(snapshot.connection, logins, addresses):
        yield name.partition("@")[0]
    yield from snapshot.connection.scalars(_ROOMS, {"names": list(logins)})
    for statement in (_RESOURCES, _UNITS):
        for address in snapshot.connection.scalars(statement, {"names": addresses}):
            yield address.partition("@")[0]


def _all_taken(snapshot: Snapshot, domain: str) -> Iterator[str]:
    ours = f"@{domain}"
    return (name.removesuffix(ours) for name in snapshot.connection.scalars(_EVERY))
