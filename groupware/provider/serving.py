"""Whom a client may serve: the officials of some states and institutions, those who may enter some areas, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory.tables import area
from groupware import tables
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.provider.clients import Client
    from groupware.store import Snapshot

_ROOMS = (
    select(tables.room.c.id)
    .join(area, area.c.id == tables.room.c.area)
    .where(area.c.code.in_(bindparam("codes", expanding=True)))
    .order_by(tables.room.c.id)
)


def serves(snapshot: Snapshot, monitor: Monitor, client: Client, caller: Caller, body: str) -> bool:
    """Whether the client's allow-list has this official, of the body with the code `body`."""
    if client.bodies and body not in client.bodies:
        return False
    return not client.areas or _enters_one(snapshot, monitor, client, caller)


def _enters_one(snapshot: Snapshot, monitor: Monitor, client: Client, caller: Caller) -> bool:
    rooms = snapshot.connection.scalars(_ROOMS, {"codes": list(client.areas)}).all()
    return any(monitor.decide(snapshot, caller, Action.ENTER, Kind.ROOM, room).allowed for room in rooms)
