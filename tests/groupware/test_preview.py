"""Who could read this: what is told before a post is sent is what its delivery then does, whatever its marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import ROOM, send, settled
from sqlalchemy import delete, func, select, update
from town import build, message

from directory import rights, roles
from directory import tables as directory
from directory.roles import Grant
from groupware import second_person, tables
from groupware.errors import Forbidden, NotFound, Refused
from groupware.message.markings import Marks
from policies.vocabulary import Access, Action, Door, Handling, Kind, Marking

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


async def test_the_preview_tells_who_has_to_authorise_it_first(groupware: Groupware) -> None:
    """By the rule and with the colleagues by which the draft then waits, or is refused."""
    town = await groupware.store.run(build)
    groupware.monitor.second_person = second_person.read("TLP:AMBER+STRICT H2")
    bruno = town.people["bruno"]

    def change(tx: Tx) -> None:
        held = (directory.role_grant.c.official == bruno, directory.role_grant.c.role == Access.POSTER.value)
        tx.connection.execute(delete(directory.role_grant).where(*held))
        roles.grant(tx.connection, Grant(bruno, Access.DRAFTER, town.rooms["return"], reason="test"))
        person = directory.official.c.id == town.people["clara"]
        tx.connection.execute(update(directory.official).where(person).values(clearance=1))
        rights.bump(tx.connection)

    await groupware.store.run(change)
    for number, (name, marking, code, waits, who) in enumerate(
        (
            ("anna", Marking.AMBER, Handling.H0, "", []),
            ("anna", Marking.AMBER_STRICT, Handling.H0, "second-person-needed", ["clara", "dora"]),
            ("anna", Marking.RED, Handling.H2, "second-person-needed", ["dora"]),
            ("bruno", Marking.AMBER, Handling.H0, "awaits-authorisation", []),
        )
    ):
        told = await groupware.preview(town.caller(name), "return", Marks(marking, code))
        counted = [(state.code, unit, many) for state in told.authorisers for unit, many in state.units]
        assert (told.waits, counted) == (waits, [("aa", "Unit A", len(who))] if who else []), number
        raw = message(name, ROOM, f"[{marking.label}] [{code.label}] x", "x", message_id=f"<w{number}@client.test>")
        if name == "bruno":
            with pytest.raises(Refused, match="nobody-may-authorise"):
                await send(groupware, town, name, raw, ROOM)
            continue
        (outcome,) = (await send(groupware, town, name, raw, ROOM)).outcomes
        assert outcome.rule == (waits or "moderated-room")

        def may(snapshot: Snapshot) -> list[int]:
            newest = snapshot.connection.execute(select(func.max(tables.post.c.id))).scalar_one()
            return groupware.monitor.audience(snapshot, Action.AUTHORISE, Kind.POST, newest, strong=True)

        assert sorted(await groupware.store.read(may)) == sorted(town.people[each] for each in who)


async def test_who_may_not_post_is_told_nothing(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    with pytest.raises(Forbidden):
        await groupware.preview(town.caller("otto"), "return", Marks())
    with pytest.raises(NotFound):
        await groupware.preview(town.caller("anna"), "nowhere", Marks())
