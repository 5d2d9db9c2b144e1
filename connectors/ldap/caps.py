"""How much one client, one network and everybody together may have of the door, and for how long. Times in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.settings import Ldap


@dataclass(frozen=True, slots=True)
class Caps:
    """`bind` is the time from the first octet to a successful bind by name, `idle` the longest silence after it.

    `write` is how long a client may leave what was sent to it untaken, `search` how long one search takes at most;
    so many `mistakes` at binding end a connection. `handshake` is the time for TLS to be begun, and again for its
    handshake; `closing` for it to end when the client doesn't say goodbye.
    """

    bind: float = 60.0
    idle: float = 1800.0
    write: float = 60.0
    handshake: float = 10.0
    closing: float = 1.0
    search: float = 10.0
    mistakes: int = 10
    connections: int = 4000
    of_one_network: int = 1000


def caps_of(settings: Ldap) -> Caps:
    """As they are set."""
    return Caps(
        bind=settings.sign_in_seconds,
        idle=settings.idle_seconds,
        connections=settings.connections,
        of_one_network=settings.connections_of_one,
    )
