"""The application service as the homeserver knows it, and what the bridge has to be able to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from connectors.matrix.answers import Conversation

if TYPE_CHECKING:
    from connectors.house import House

LOCALPART = "iconet"
"""Of the application service's own user."""
DEVICE = "ICONET"
"""What the bridge asserts with whatever it sends for an official: by this the policy module knows it, and nobody may
sign in with it. Transaction ids are kept for a device, over restarts of the homeserver (MSC4326)."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where the homeserver is and how ICONet proves itself to it (`as_token`), and it to ICONet (`hs_token`).

    All of it is the same after a restart of either, but for the port in `url` when any free one is taken. Requests with
    `as_token` and `?user_id=` act as that official, and with `&device_id=` DEVICE nobody is asked about what they say;
    the device has to exist (PUT /devices/DEVICE). Devices of somebody out of office are deleted, this one as well.
    """

    url: str
    server_name: str
    as_token: str
    hs_token: str

    @property
    def user_id(self) -> str:
        """The application service's own user."""
        return self.matrix_id(LOCALPART)

    def matrix_id(self, login: str) -> str:
        """An official's user."""
        return f"@{login}:{self.server_name}"

    def login(self, user_id: str) -> str:
        """The official's login in a user's id; "" for the application service's own and for another server's."""
        localpart, _, server = user_id.removeprefix("@").partition(":")
        return localpart if server == self.server_name and localpart != LOCALPART else ""


class Bridge(Conversation, Protocol):
    """What stands between rooms and Matrix rooms. Called in this order: listen, begin, woken and questions, stop."""

    async def listen(self) -> int:
        """Wait on loopback for the homeserver's transactions; returns the port. The homeserver doesn't run yet."""

    async def begin(self) -> None:
        """The homeserver answers. Returns when every room exists and can be entered; goes on in the background."""

    def woken(self) -> None:
        """The homeserver was away and answers again: whatever waits for it can be sent."""

    async def stop(self) -> None:
        """Take and send no more. The homeserver still answers; what isn't sent waits in the store."""


BridgeFactory = Callable[["House", Service], Bridge]
