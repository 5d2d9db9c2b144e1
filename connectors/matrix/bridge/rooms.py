"""Each ICONet room has one Matrix room, kept as the room is; made once, and found by its alias when we forgot it.

Rights in it are ICONet's to give: the bridge alone has power. A moderator has none either: what is moderated is
moderated in ICONet, where four eyes and the audit log are. Nobody but the bridge invites, names, redacts or pins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.matrix.bridge.client import MatrixError
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.matrix.bridge.client import Client
    from connectors.matrix.service import Service
    from groupware.matrix.exchange import Exchange
    from groupware.matrix.rooms import Room

VERSION = "11"
"""Of rooms. Version 12 has ids without a domain, which clients of today refuse."""
NOBODY, OURS = 0, 100


async def establish(client: Client, service: Service, exchange: Exchange, room: Room) -> Room:
    """A room with its Matrix room as it should be, and whoever is in it known."""
    known = await _established(client, service, exchange, room)
    await settle(client, service, known)
    await exchange.present(known.id, await client.members(known.matrix))
    return known


async def _established(client: Client, service: Service, exchange: Exchange, room: Room) -> Room:
    if room.matrix and await client.state(room.matrix, "m.room.create") is not None:
        return room
    if room.matrix:
        await exchange.forget(room.id)
    matrix = await _made(client, service, room)
    await exchange.remember(room.id, matrix)
    return replace(room, matrix=matrix)


async def _made(client: Client, service: Service, room: Room) -> str:
    """A new room, or the one of this name: the alias is ours alone (its namespace is exclusive)."""
    try:
        return await client.create(room.code, _wanted(service, room))
    except MatrixError as error:
        if error.code != "M_ROOM_IN_USE":
            raise
        return await client.behind(f"#{room.code}:{service.server_name}")


async def settle(client: Client, service: Service, room: Room) -> None:
    """What is said of the room, and who may do what in it, as ICONet has it now."""
    for kind, wanted in _state(service, room).items():
        if await client.state(room.matrix, kind) != wanted:
            await client.set_state(room.matrix, kind, wanted)


def _wanted(service: Service, room: Room) -> Mapping[str, Any]:
    """Client-Server API, createRoom."""
    state = _state(service, room)
    return {
        "preset": "private_chat",
        "room_version": VERSION,
        "creation_content": {"m.federate": False},
        "power_level_content_override": state.pop("m.room.power_levels"),
        "initial_state": [{"type": kind, "state_key": "", "content": content} for kind, content in state.items()],
    }


def _state(service: Service, room: Room) -> dict[str, Mapping[str, Any]]:
    return {
        "m.room.name": {"name": room.name},
        "m.room.topic": {"topic": _topic(room)},
        "m.room.join_rules": {"join_rule": "invite"},
        "m.room.history_visibility": {"history_visibility": "shared"},
        "m.room.guest_access": {"guest_access": "forbidden"},
        "m.room.power_levels": power_levels(service.user_id, closed=room.closed),
    }


def _topic(room: Room) -> str:
    """What the room is about, and what becomes of messages there."""
    rules = [f"{room.code}: {Marking(room.marking).label} unless labelled otherwise."]
    rules += ["Closed to new messages."] if room.closed else []
    rules += ["Messages await moderation."] if room.moderated and not room.closed else []
    return " ".join(filter(None, (room.topic, *rules)))


def power_levels(ours: str, *, closed: bool = False) -> dict[str, Any]:
    """People may send messages, unless the room is closed; everything else is the bridge's."""
    return {
        "users": {ours: OURS},
        "users_default": NOBODY,
        "events": {"m.room.redaction": OURS, "m.room.encryption": OURS, "m.room.tombstone": OURS},
        "events_default": OURS if closed else NOBODY,
        "state_default": OURS,
        "invite": OURS,
        "kick": OURS,
        "ban": OURS,
        "redact": OURS,
        "notifications": {"room": OURS},
    }
