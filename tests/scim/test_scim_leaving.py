"""Who leaves by SCIM leaves as by the operator's command: the same ends, and what is open is closed at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from scim_desk import new, patch
from sqlalchemy import select

from directory import contact_points, officials, roles
from directory.contact_points import ContactPoint
from directory.roles import Grant
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.live import Session
from groupware.people.leave import OPERATOR
from groupware.tables import event
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import httpx
    from scim_desk import Desk

    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
AT_ONCE = 2.0
"""Seconds in which an open session must be closed."""


async def by_patch(_desk: Desk, client: httpx.AsyncClient, path: str) -> None:
    assert (await client.patch(path, json=patch(("replace", "active", False)))).status_code == 200


async def by_put(_desk: Desk, client: httpx.AsyncClient, path: str) -> None:
    written = new("clara", displayName="Clara", active=False)
    assert (await client.put(path, json=written)).status_code == 200


async def by_delete(_desk: Desk, client: httpx.AsyncClient, path: str) -> None:
    assert (await client.delete(path)).status_code == 204


async def by_operator(desk: Desk, _client: httpx.AsyncClient, _path: str) -> None:
    await desk.groupware.duties.off_board_by_operator(desk.town.people["clara"])


Leaving = Callable[["Desk", "httpx.AsyncClient", str], "Awaitable[None]"]
WAYS = (by_patch, by_put, by_delete)


async def given(desk: Desk) -> None:
    """clara is the contact point, with emil after her, and sends for anna."""
    people = desk.town.people

    def use_case(tx: Tx) -> None:
        body = officials.get(tx.connection, people["clara"]).body
        for name, role, scope in (
            ("clara", Role.CONTACT_POINT, body),
            ("emil", Role.DEPUTY, body),
            ("clara", Access.SENDER, people["anna"]),
            ("anna", Access.SENDER, people["clara"]),
        ):
            roles.grant(tx.connection, Grant(people[name], role, scope, reason="test"))
        contact_points.add(tx.connection, ContactPoint(body, holder=people["clara"], deputies=(people["emil"],)))

    await desk.groupware.store.run(use_case)


@pytest.mark.parametrize("leaves", WAYS)
async def test_an_open_session_is_closed_at_once(desk: Desk, leaves: Leaving) -> None:
    live, closed, others, woken = desk.groupware.live, asyncio.Event(), asyncio.Event(), asyncio.Event()
    people = desk.town.people
    live.join(Session(people["clara"], 0, lambda: None, closed.set, door="imap"))
    live.join(Session(people["anna"], 0, woken.set, others.set, door="imap"))
    await live.step()
    async with asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(live.run())
        await leaves(desk, await desk.client(), f"/Users/{desk.id('clara')}")
        async with asyncio.timeout(AT_ONCE):
            await closed.wait()
            await woken.wait()
        watch.cancel()
    assert not others.is_set(), "nobody else's"


async def stands(desk: Desk) -> tuple[bool, bool, set[tuple[str, int]], int, tuple[int, ...], set[str]]:
    """What there is of clara afterwards, and what was told of her: without ids and moments."""

    def query(snapshot: Snapshot) -> tuple[bool, bool, set[tuple[str, int]], int, tuple[int, ...], set[str]]:
        connection, number = snapshot.connection, desk.town.people["clara"]
        left = officials.get(connection, number)
        held = {(str(each.role), each.scope) for each in roles.all_of(connection, number, snapshot.now)}
        point = contact_points.find(connection, left.body)
        kinds = set(connection.scalars(select(event.c.kind).where(event.c.subject == number)))
        assert point is not None
        return left.suspended, left.departed > 0, held, point.holder, point.deputies, kinds

    return await desk.groupware.store.read(query)


@pytest.mark.parametrize("leaves", [*WAYS, by_operator])
async def test_it_is_the_same_as_the_operators_off_boarding(desk: Desk, leaves: Leaving) -> None:
    await given(desk)
    await leaves(desk, await desk.client(), f"/Users/{desk.id('clara')}")
    suspended, departed, held, holder, deputies, kinds = await stands(desk)
    assert (suspended, departed, held) == (True, True, set())
    assert (holder, deputies) == (desk.town.people["emil"], ())
    assert {EventKind.OFFICIAL_OFF_BOARDED, EventKind.RIGHTS_CHANGED} <= kinds


@pytest.mark.parametrize("leaves", WAYS)
async def test_whom_a_keeper_has_suspended_leaves_all_the_same(desk: Desk, leaves: Leaving) -> None:
    """Lifting the suspension later lets nobody back who has left: RFC 7643 4.1.1 has one `active`, we have two."""
    await given(desk)
    clara = desk.town.people["clara"]
    await desk.groupware.store.run(lambda tx: officials.suspend(tx.connection, clara))
    client = await desk.client()
    await leaves(desk, client, f"/Users/{desk.id('clara')}")
    suspended, departed, held, *_ = await stands(desk)
    assert (suspended, departed, held) == (True, True, set())
    again = await desk.groupware.store.read(lambda snapshot: officials.get(snapshot.connection, clara).version)
    with pytest.raises(Refused, match="departed"):
        await desk.groupware.people.resume(OPERATOR, clara, again)


async def test_what_else_is_written_of_somebody_suspended_off_boards_nobody(desk: Desk) -> None:
    await given(desk)
    clara = desk.town.people["clara"]
    await desk.groupware.store.run(lambda tx: officials.suspend(tx.connection, clara))
    client, path = await desk.client(), f"/Users/{desk.id('clara')}"
    for title in ("Head of unit", "Head of unit"):
        answer = await client.patch(path, json=patch(("replace", "title", title)))
        assert (answer.status_code, answer.json()["active"], answer.json()["title"]) == (200, False, title)
    suspended, departed, held, *_ = await stands(desk)
    assert (suspended, departed, bool(held)) == (True, False, True)
