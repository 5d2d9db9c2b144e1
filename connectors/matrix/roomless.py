"""A homeserver without rooms: officials sign in, and there is nothing to enter and nowhere to speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.matrix.answers import Refuse

if TYPE_CHECKING:
    from connectors.house import House
    from connectors.matrix.answers import Said, Verdict
    from connectors.matrix.service import Service
    from groupware.caller import Caller


class Roomless:
    """Implements connectors.matrix.service.Bridge."""

    def __init__(self, _house: House, _service: Service) -> None:
        """It needs neither."""

    async def listen(self) -> int:
        """No port: the homeserver sends nothing."""
        return 0

    async def begin(self) -> None:
        """There is nothing to prepare."""

    def woken(self) -> None:
        """Nothing waits."""

    async def stop(self) -> None:
        """Nothing runs."""

    async def room_of(self, _room_id: str) -> int | None:
        """No room is one of ours."""
        return None

    async def welcome(self, _user_id: str) -> None:
        """There is no room to be in."""

    async def may_say(self, _said: Said, _caller: Caller) -> Verdict:
        """Nobody hears."""
        return Refuse("M_FORBIDDEN", "There is no such room")
