"""How a message gets to a partner: one way for all, chosen by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from groupware.outbound import Claimed


class UndeliveredError(Exception):
    """The other side didn't take it. `temporary` says whether to try again."""

    def __init__(self, reply: str, *, temporary: bool) -> None:
        super().__init__(reply)
        self.temporary = temporary


class Carrier(Protocol):
    """Takes one message to one recipient."""

    async def carry(self, claimed: Claimed, raw: bytes) -> str:
        """What the other side said when it had the message for good. Raises UndeliveredError."""
