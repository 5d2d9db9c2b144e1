"""Connections counted in all and by their network, by one rule at every door.

Of those that have not begun TLS the oldest goes where there are too many (`Crowd`); of clients the newest (`Places`).
"""

from __future__ import annotations

import ipaddress
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

LINK_LOCAL = "%"
"""What stands between such an address and its interface."""


def network_of(address: str) -> str:
    """Whom an address is counted for: an IPv4 address by itself, an IPv6 one as its /64, which one customer has."""
    if ":" not in address:
        return address
    whole = ipaddress.IPv6Address(address.partition(LINK_LOCAL)[0])
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return f"{int(whole) >> 64:x}/64"


@dataclass(frozen=True, slots=True, eq=False)
class Guest:
    """A connection that has not begun TLS; `until`, on the loop's clock in seconds, is when it is closed."""

    connection: socket.socket
    network: str
    until: float


class Crowd:
    """Guests in the order in which they came: up to `most`, and up to `most_of_one` from one network."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._all: OrderedDict[Guest, None] = OrderedDict()
        self._of: dict[str, OrderedDict[Guest, None]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._all)

    def __iter__(self) -> Iterator[Guest]:
        """The oldest first."""
        return iter(self._all)

    def enter(self, guest: Guest) -> Guest | None:
        """Count one more; who has to go for it: the oldest of its network, or of all."""
        same = self._of.setdefault(guest.network, OrderedDict())
        self._all[guest] = same[guest] = None
        if len(same) > self._most_of_one:
            return next(iter(same))
        return self.oldest if len(self._all) > self._most else None

    def leave(self, guest: Guest) -> None:
        """Count one less, if it was here."""
        if guest not in self._all:
            return
        del self._all[guest]
        same = self._of[guest.network]
        del same[guest]
        if not same:
            del self._of[guest.network]

    def has_room(self, network: str) -> bool:
        """Whether one more from there may enter without another having to go."""
        return len(self._all) < self._most and len(self._of.get(network, ())) < self._most_of_one

    def half_full(self, network: str) -> bool:
        """Whether half of the places are taken, of all or of those that one network may have."""
        same = self._of.get(network, ())
        return 2 * len(self._all) >= self._most or 2 * len(same) >= self._most_of_one

    @property
    def oldest(self) -> Guest | None:
        """Who came first."""
        return next(iter(self._all), None)


class Places:
    """A door's places for clients: `most` in all, and up to `most_of_one` for those of one network."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._taken: dict[object, str] = {}
        self._of: Counter[str] = Counter()

    def take(self, client: object, address: str) -> bool:
        """One for who comes from `address`; False when there is none, and the door has to say so."""
        network = network_of(address)
        if len(self._taken) >= self._most or self._of[network] >= self._most_of_one:
            return False
        self._taken[client] = network
        self._of[network] += 1
        return True

    def leave(self, client: object) -> None:
        """It is free again, if this one had it."""
        network = self._taken.pop(client, None)
        if network is None:
            return
        self._of[network] -= 1
        if not self._of[network]:
            del self._of[network]
