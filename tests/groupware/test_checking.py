"""`iconet check` finds what doesn't fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import send
from sqlalchemy import delete, update
from town import DOMAIN, build, message

from groupware import tables
from groupware.checking import Fault
from groupware.service import Groupware

if TYPE_CHECKING:
    from sqlalchemy import Delete, Update

    from groupware.store import Store

pytestmark = pytest.mark.anyio
ROOM = f"return@{DOMAIN}"
DAMAGE: dict[str, Delete | Update] = {
    "no event tells of it": delete(tables.event).where(tables.event.c.kind == "post-held"),
    "no such state": update(tables.post).values(state="lost"),
    "published at no time": update(tables.post).values(state="published", published=0),
    "its size is not that": update(tables.rendering).values(size=1),
    "1 were received": update(tables.content).values(size=1),
    "another hash": update(tables.content).values(sha256=b"x"),
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_damage_is_named(store: Store, what: str) -> None:
    groupware = Groupware(store, DOMAIN)
    town = await store.run(build)
    await send(groupware, town, "anna", message("anna", ROOM, "s", "t", message_id="<1@x>"), ROOM)
    assert [found async for found in groupware.check() if isinstance(found, Fault)] == []
    await store.run(lambda tx: tx.connection.execute(DAMAGE[what]).close())
    faults = [found.text async for found in groupware.check() if isinstance(found, Fault)]
    assert any(what in fault for fault in faults), faults
