"""What the monitor remembers never outlives what it rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert
from town import DOMAIN, build

from directory import officials, rights, roles
from directory.roles import Grant
from directory.tables import area, role_grant
from groupware.errors import Forbidden, Refused
from groupware.service import Groupware
from groupware.store import Conditions
from policies.vocabulary import Access, Action, Kind

if TYPE_CHECKING:
    from conftest import Place

    from groupware.store import Tx

pytestmark = pytest.mark.anyio


async def test_what_was_decided_in_a_transaction_that_was_undone_is_forgotten(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    otto = town.caller("otto")

    def undone(tx):  # noqa: ANN001, ANN202 -- Tx
        roles.grant(tx.connection, Grant(otto.official, Access.READER, town.rooms["return"], reason="test"))
        assert groupware.monitor.decide(tx, otto, Action.ENTER, Kind.ROOM, town.rooms["return"]).allowed
        raise Refused("undone")

    with pytest.raises(Refused):
        await groupware.store.run(undone)
    await groupware.store.run(lambda tx: rights.bump(tx.connection))
    assert [room.code for room in await groupware.rooms(otto)] == ["liaison"]


async def test_a_right_given_and_taken_within_one_transaction_counts_at_once(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    otto, room = town.caller("otto"), town.rooms["return"]

    def use_case(tx: Tx) -> list[bool]:
        def may() -> bool:
            return groupware.monitor.decide(tx, otto, Action.ENTER, Kind.ROOM, room).allowed

        before = may()
        for access in Access:
            roles.grant(tx.connection, Grant(otto.official, access, room, reason="test"))
        given = may()
        tx.connection.execute(delete(role_grant).where(role_grant.c.official == otto.official))
        rights.bump(tx.connection)
        return [before, given, may()]

    assert await groupware.store.run(use_case) == [False, True, False]


async def test_a_recipient_leaves_office_by_the_calendar(place: Place) -> None:
    now = [1_000_000]
    async with place.opened(Conditions(now=lambda: now[0])) as store:
        groupware = Groupware(store, DOMAIN)
        town = await store.run(build)
        otto = await store.read(lambda snapshot: officials.get(snapshot.connection, town.people["otto"]))
        await store.run(lambda tx: officials.change(tx.connection, replace(otto, valid_until=2_000_000)))
        assert await groupware.recipient(town.caller("anna"), otto.address)
        now[0] = 2_000_000
        with pytest.raises(Forbidden, match="recipient-not-in-office"):
            await groupware.recipient(town.caller("anna"), otto.address)


async def test_an_error_of_the_database_tells_no_values(groupware: Groupware) -> None:
    def twice(tx):  # noqa: ANN001, ANN202 -- Tx
        for _ in range(2):
            tx.connection.execute(insert(area), {"id": 1, "code": "c", "name": "a canary"})

    with pytest.raises(Exception, match="area") as caught:
        await groupware.store.run(twice)
    assert "a canary" not in str(caught.value)
