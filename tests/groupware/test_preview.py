"""Who could read this: what is told before a post is sent is what its delivery then does, whatever its marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import ROOM, send, settled
from sqlalchemy import func, select, update
from town import build, message

from directory import rights
from directory import tables as directory
from groupware import tables
from groupware.errors import Forbidden, NotFound
from groupware.message.markings import Marks
from policies.vocabulary import Door, Handling, Marking

if TYPE_CHECKING:
    from groupware.service import Groupware
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio


async def test_the_preview_is_the_delivery_that_follows(groupware: Groupware) -> None:
    town = await groupware.store.run(build)

    def clear(tx: Tx) -> None:
        cleared = directory.official.c.id.in_([town.people[name] for name in ("anna", "dora")])
        tx.connection.execute(update(directory.official).where(cleared).values(clearance=2))
        rights.bump(tx.connection)

    await groupware.store.run(clear)
    dora, seen = town.caller("dora", Door.PORTAL, strong=True), set()
    for number, (marking, handling) in enumerate((m, h) for m in Marking for h in (Handling.H0, Handling.H2)):
        subject = f"[{marking.label}] [{handling.label}] News {number}"
        told = await groupware.preview(dora, "return", Marks(marking, handling))
        raw = message("dora", ROOM, subject, "text", message_id=f"<{number}@client.test>")
        await send(groupware, town, "dora", raw, ROOM)
        await settled(groupware)

        def copies(snapshot: Snapshot, name: str = f"<{number}@client.test>") -> int:
            found = (
                select(func.count())
                .select_from(tables.copy)
                .join(tables.post, tables.post.c.id == tables.copy.c.post)
                .join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
                .where(tables.rendering.c.message_id == name)
            )
            return snapshot.connection.execute(found).scalar_one()

        delivered = await groupware.store.read(copies)
        assert told.by_mail == delivered, subject
        assert told.officials >= delivered
        assert told.officials == sum(number for state in told.states for _, number in state.units)
        seen.add(delivered)
    assert len(seen) > 2, "the marks make no difference, so nothing was shown"


async def test_the_preview_tells_states_and_units(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    told = await groupware.preview(town.caller("anna"), "return", Marks())
    assert told.marks == Marks(Marking.AMBER, Handling.H0)
    assert [(state.code, state.officials, state.units) for state in told.states] == [
        ("aa", 3, [("Unit A", 3)]),
        ("bb", 1, [("Unit B", 1)]),
    ]


async def test_who_may_not_post_is_told_nothing(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    with pytest.raises(Forbidden):
        await groupware.preview(town.caller("otto"), "return", Marks())
    with pytest.raises(NotFound):
        await groupware.preview(town.caller("anna"), "nowhere", Marks())
