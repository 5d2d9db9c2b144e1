"""Text extraction at arm's length: a child process decodes bodies, so that a hostile one costs at most that child."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupware.message import frames
from groupware.message.child import ANSWER_WITHIN, Child
from groupware.message.prints import Prints
from groupware.message.text import NOT_SHOWN, Attachment, Display

if TYPE_CHECKING:
    from collections.abc import Mapping


class Parser(Child):
    """The child that decodes bodies for pages, rooms and the search index."""

    def __init__(self, answer_within: float = ANSWER_WITHIN) -> None:
        super().__init__("groupware.message.worker", answer_within)

    async def display(self, *octets: bytes) -> Display:
        """What a page shows of a message; `NOT_SHOWN` where the child failed or took too long."""
        reply = await self.ask({"want": frames.DISPLAY}, *octets)
        return _display(reply) if reply else NOT_SHOWN

    async def rich(self, raw_head: bytes, body: bytes) -> str:
        """Its HTML as a Matrix room may show it; empty without, and where the child failed or took too long."""
        reply = await self.ask({"want": frames.RICH}, raw_head, body)
        return str(reply["html"]) if reply else ""

    async def search_text(self, raw_head: bytes, body: bytes) -> tuple[str, str]:
        """Folded words of header and body; both empty where the child failed or took too long."""
        reply = await self._again(frames.SEARCH_TEXT, raw_head, body)
        return (str(reply["header"]), str(reply["body"])) if reply else ("", "")

    async def prints(self, *octets: bytes, own: bool = False) -> Prints | None:
        """By what a message is known again (groupware.message.prints); None where the child failed or was too slow."""
        reply = await self._again(frames.OWN_PRINTS if own else frames.PRINTS, *octets)
        if not reply:
            return None
        return Prints(tuple(map(int, reply["prints"])), tuple(map(str, reply["names"])), bool(reply["whole"]))

    async def _again(self, want: str, *octets: bytes) -> Mapping[str, Any] | None:
        """What is kept for good is asked twice, if the child may have died of something else."""
        reply = await self.ask({"want": want}, *octets)
        # Nobody else's turn can come between the two lines: there is nothing to wait for.
        return reply if reply or self.overran else await self.ask({"want": want}, *octets)


def _display(reply: Mapping[str, Any]) -> Display:
    attachments = tuple(Attachment(**attachment) for attachment in reply["attachments"])
    return Display(**{**reply, "attachments": attachments})
