"""What all sessions of the door share: the groupware, what is left of the limits, and who else is connected."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from connectors.crowd import Places
from connectors.submission import replies

if TYPE_CHECKING:
    from connectors.house import House


class Client(Protocol):
    """A session as others see it. `peer` is its network address."""

    peer: str

    def end(self, reply: str) -> None:
        """Close it, with this reply, after the command under way."""

    def abort(self) -> None:
        """Close it at once."""


class Shared:
    """Made once by the door. `empty` is set while nobody is connected."""

    def __init__(self, house: House) -> None:
        settings = house.settings.submission
        self.groupware = house.groupware
        self.host = house.settings.host
        self.largest = settings.largest << 20
        self.empty = asyncio.Event()
        self.empty.set()
        self._places = Places(settings.connections, settings.connections_of_one)
        self._clients: set[Client] = set()
        self._stopping = False

    def enter(self, client: Client) -> str:
        """Count a new one; the reply with which it has to end at once, or nothing."""
        self._clients.add(client)
        self.empty.clear()
        if self._stopping:
            return replies.STOPPING
        return "" if self._places.take(client, client.peer) else replies.TOO_MANY_CONNECTIONS

    def leave(self, client: Client) -> None:
        """It is over."""
        self._clients.discard(client)
        self._places.leave(client)
        if not self._clients:
            self.empty.set()

    def stop(self) -> None:
        """Ask everybody to go."""
        self._stopping = True
        for client in tuple(self._clients):
            client.end(replies.STOPPING)

    def abort(self) -> None:
        """Send away whoever hasn't gone."""
        for client in tuple(self._clients):
            client.abort()
