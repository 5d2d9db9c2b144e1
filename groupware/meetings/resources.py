"""What can be booked, and who may: the resources of the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from directory import rights
from directory import tables as directory
from groupware import given, tables
from groupware.errors import Conflict, NotFound, Refused
from groupware.people import places
from groupware.reserved import RESERVED
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import View
    from groupware.store import Snapshot, Tx

DAYS_AHEAD = 366
"""How far ahead a resource can be booked unless it is said otherwise: up to the same date of next year."""

_resource = tables.resource.c
_INSERT = insert(tables.resource)
_INSERT_AREA = insert(tables.resource_area)
_ALL = select(_resource.id, _resource.address, _resource.name, _resource.capacity, _resource.zone, _resource.days_ahead)
_BY_ADDRESS = _ALL.where(_resource.address == bindparam("address"))
_AREAS = (
    select(tables.resource_area.c.resource, directory.area.c.code, directory.area.c.name)
    .join(directory.area, directory.area.c.id == tables.resource_area.c.area)
    .join(tables.room, tables.room.c.area == directory.area.c.id)
    .group_by(tables.resource_area.c.resource, directory.area.c.id, directory.area.c.code, directory.area.c.name)
    .order_by(directory.area.c.id)
)


@dataclass(frozen=True, slots=True)
class Resource:
    """A meeting room, a booth, a projector. `zone` is its local time, `days_ahead` how far ahead it can be booked."""

    id: int
    address: str
    name: str
    capacity: int
    zone: str
    days_ahead: int = DAYS_AHEAD


@dataclass(frozen=True, slots=True)
class ResourceCard:
    """A resource with those areas of its members that the caller takes part in, each by code and name."""

    resource: Resource
    areas: tuple[tuple[str, str], ...]


def add(tx: Tx, new: Resource, owner: int, areas: Sequence[int]) -> int:
    """Have it booked from now on by the members of these areas; its `id` is given here. `owner` is a unit.

    Refused(reserved-name), Conflict(code-taken): people, rooms, resources and units' mailboxes share one name space.
    """
    local, _, domain = new.address.lower().partition("@")
    if local in RESERVED:
        raise Refused("reserved-name", "This name has a meaning of its own.")
    if places.taken(tx, [local], domain):
        raise Conflict("code-taken", "This address isn't free.")
    row = {
        "address": new.address.lower(),
        "name": new.name,
        "capacity": new.capacity,
        "owner": owner,
        "zone": new.zone,
        "days_ahead": new.days_ahead,
    }
    number = tx.insert(_INSERT, row)
    for area in areas:
        tx.connection.execute(_INSERT_AREA, {"resource": number, "area": area})
    rights.bump(tx.connection)
    return number


def find(snapshot: Snapshot, address: str) -> Resource | None:
    """By its address in lower case. Whether somebody may know of it is for the monitor to say."""
    row = snapshot.connection.execute(_BY_ADDRESS, {"address": address}).first()
    return None if row is None else Resource(*row)


def all_of(view: View, entered: View) -> list[ResourceCard]:
    """Those whose calendar the caller may see, by name. Of areas whose rooms aren't `entered` nothing is told."""
    view.use(Kind.RESOURCE, Action.SEE_BOOKINGS)
    entered.use(Kind.ROOM, Action.ENTER)
    found = view.snapshot.connection.execute(_ALL.where(view.clause).order_by(_resource.name), view.parameters)
    cards = [Resource(*row) for row in found]
    areas = view.snapshot.connection.execute(_AREAS.where(entered.clause), entered.parameters).all()
    return [ResourceCard(each, tuple((r.code, r.name) for r in areas if r.resource == each.id)) for each in cards]


def one_of(view: View, entered: View, address: str) -> ResourceCard:
    """One of them. Raises NotFound, the same for forbidden and absent."""
    wanted = given.name(address).lower()
    for card in all_of(view, entered):
        if card.resource.address == wanted:
            return card
    raise NotFound(address)
