"""Deciding in rooms that were closed, after authors who have left, and who is told that it's decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import ROOM, send, settled, uids
from sqlalchemy import update
from town import Town, build, message

from directory import rights
from groupware import tables
from groupware.errors import Conflict, Forbidden, NotFound
from groupware.moderation import Word

if TYPE_CHECKING:
    from groupware.service import Groupware

pytestmark = pytest.mark.anyio
POST = message("anna", ROOM, "A canary", "canary-1", message_id="<1@client.test>")


async def held(groupware: Groupware) -> tuple[Town, str]:
    """A post of anna's that waits for dora's word."""
    town = await groupware.store.run(build)
    await send(groupware, town, "anna", POST, ROOM)
    return town, (await groupware.held(town.caller("dora")))[0].id


async def change_room(groupware: Groupware, **values: bool) -> None:
    def change(tx) -> None:  # noqa: ANN001 -- Tx
        tx.connection.execute(update(tables.room).where(tables.room.c.code == "return").values(**values))
        rights.bump(tx.connection)

    await groupware.store.run(change)


async def test_nothing_is_approved_in_a_closed_room(groupware: Groupware) -> None:
    town, token = await held(groupware)
    dora = town.caller("dora")
    await change_room(groupware, closed=True)
    with pytest.raises(Conflict, match="closed-room"):
        await groupware.decide(dora, token, Word.APPROVE)
    await settled(groupware)
    assert await uids(groupware, town, "bruno", "Areas/return") == []
    await groupware.decide(dora, token, Word.REFUSE, "the room is closed")
    assert await groupware.held(dora) == []


async def test_the_moderator_of_a_closed_room_is_told_that_it_is_decided(groupware: Groupware) -> None:
    town, token = await held(groupware)
    dora = town.caller("dora")
    await groupware.decide(dora, token, Word.APPROVE)
    await change_room(groupware, closed=True)
    with pytest.raises(Conflict, match="already-decided"):
        await groupware.decide(dora, token, Word.APPROVE)
    with pytest.raises(Conflict, match="already-decided"):
        await groupware.review(dora, token)


async def test_who_posts_without_a_moderator_is_not_told_more_than_others(groupware: Groupware) -> None:
    town, token = await held(groupware)
    await groupware.decide(town.caller("dora"), token, Word.REFUSE)
    await change_room(groupware, moderated=False)
    for who in ("bruno", "otto"):
        with pytest.raises((Forbidden, NotFound)):
            await groupware.decide(town.caller(who), token, Word.APPROVE)


async def test_what_an_official_left_behind_is_still_decided(groupware: Groupware) -> None:
    town, token = await held(groupware)
    await groupware.off_board(town.caller("anna"))
    await groupware.decide(town.caller("dora"), token, Word.APPROVE)
    await settled(groupware)
    assert await uids(groupware, town, "bruno", "Areas/return") == [1]
