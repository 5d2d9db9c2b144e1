"""What the attacking tests share: hand in, let the followers settle, look into a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from town import DOMAIN, Town, message

from groupware.folders import changes, names, numbering

if TYPE_CHECKING:
    from groupware.folders.numbering import State
    from groupware.posting import Receipt
    from groupware.service import Groupware
    from groupware.store import Tx

ROOM = f"return@{DOMAIN}"


async def settled(groupware: Groupware) -> None:
    """Run the followers until they have nothing left to do."""
    while any([await follower.step() for follower in groupware.followers()]):
        pass


async def opened(groupware: Groupware, town: Town, who: str, name: str) -> tuple[State, list[tuple[int, int]]]:
    """A folder brought up to date, with its (uid, flags)."""
    caller = town.caller(who)

    def look(tx: Tx) -> tuple[State, list[tuple[int, int]]]:
        found = names.find(tx, groupware.monitor, caller, name)
        state = numbering.open_folder(tx, groupware.monitor, caller, found)
        return state, list(changes.everything(tx, state))

    return await groupware.store.run(look)


async def uids(groupware: Groupware, town: Town, who: str, name: str) -> list[int]:
    """The UIDs of a folder brought up to date."""
    return [uid for uid, _ in (await opened(groupware, town, who, name))[1]]


async def send(groupware: Groupware, town: Town, who: str, raw: bytes, *to: str) -> Receipt:
    """Hand in a message by submission."""
    caller = town.caller(who)
    return await groupware.submit(caller, raw, [await groupware.recipient(caller, address) for address in to])


async def post(groupware: Groupware, town: Town, subject: str, message_id: str, references: str = "") -> None:
    """One of dora's, who moderates the room: published at once."""
    raw = message("dora", ROOM, subject, "text", message_id=message_id, references=references)
    await send(groupware, town, "dora", raw, ROOM)
    await settled(groupware)
