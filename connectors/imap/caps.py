"""How much one client, one network and everybody together may have of the door, and for how long. Times in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.settings import Imap


@dataclass(frozen=True, slots=True)
class Caps:
    """`login` is the time from the first octet to a successful login, `idle` the longest silence after it.

    `write` is how long a client may leave what was sent to it untaken; `mistakes` in a row end a connection.
    `handshake` is the time for TLS to be begun, and again for its handshake; `closing` for it to end when the
    client doesn't say goodbye.
    """

    login: float = 60.0
    idle: float = 1800.0
    write: float = 60.0
    handshake: float = 10.0
    closing: float = 1.0
    mistakes: int = 10
    connections: int = 4000
    of_one_network: int = 1000


def caps_of(settings: Imap) -> Caps:
    """As they are set."""
    return Caps(
        login=settings.sign_in_seconds,
        idle=settings.idle_seconds,
        connections=settings.connections,
        of_one_network=settings.connections_of_one,
    )
