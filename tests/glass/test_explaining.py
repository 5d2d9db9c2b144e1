"""Why can or can't somebody see something: of what isn't theirs nothing is told; security officers ask for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directory import roles
from directory.roles import Grant
from groupware.errors import Forbidden, NotFound
from policies.vocabulary import Access, Action

if TYPE_CHECKING:
    from glass_world import Scene

pytestmark = pytest.mark.anyio


async def test_ones_own_rights_and_whom_to_ask(scene: Scene) -> None:
    desk = scene.groupware.explaining
    own = await desk.rights(scene.caller("anna"), "return")
    assert ([each.label for each in own.rights], own.unit, own.competent) == (["Reader", "Poster"], "Unit A", True)
    there, absent = [await desk.rights(scene.caller("otto"), code) for code in ("return", "absent")]
    assert there.rights == absent.rights == []
    assert [each.login for each in await desk.contacts(scene.caller("anna"))] == ["clara"]
    assert await desk.contacts(scene.caller("simon")) == []
    people, rooms = scene.town.people, scene.town.rooms
    drafter = Grant(people["otto"], Access.DRAFTER, rooms["return"], reason="test")
    await scene.groupware.store.run(lambda tx: roles.grant(tx.connection, drafter))
    assert [each.label for each in (await desk.rights(scene.caller("otto"), "return")).rights] == ["Drafter"]


async def test_what_isnt_theirs_is_as_what_isnt_there(scene: Scene) -> None:
    await scene.post("anna", "one")
    desk = scene.groupware.explaining
    assert await desk.token(scene.caller("bruno"), "one@client.test")
    for who, name in (("otto", "<one@client.test>"), ("bruno", "<absent@client.test>"), ("sam", "<one@client.test>")):
        with pytest.raises(NotFound):
            await desk.token(scene.caller(who), name)


async def test_a_security_officer_asks_for_officials_of_their_own_body(scene: Scene) -> None:
    await scene.post("anna", "one")
    desk, sam, sonja, simon = scene.groupware.explaining, *(scene.caller(each) for each in ("sam", "sonja", "simon"))
    read = "<one@client.test>"
    assert (await desk.other(sam, "anna", Action.READ, read)).rules == ("reader-reads",)
    refused = await desk.other(sam, "emil", Action.READ, read)
    assert (refused.allowed, refused.rules) == (False, ("no-rule-permits",))
    assert (await desk.other(sonja, "otto", Action.ENTER, "return")).allowed is False  # bruno of bb enters it
    for caller, login, action, item in (
        (sam, "bruno", Action.READ, read),
        (sam, "nobody", Action.READ, read),
        (sam, "anna", Action.READ, "<absent@client.test>"),
        (simon, "simon", Action.READ, read),  # it concerns nobody of cc
        (sam, "anna", Action.SEE_ENTRY, "bruno"),
    ):
        with pytest.raises(NotFound):
            await desk.other(caller, login, action, item)
    with pytest.raises(Forbidden):
        await desk.other(scene.caller("clara"), "anna", Action.READ, read)
