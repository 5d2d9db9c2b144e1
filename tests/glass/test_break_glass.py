"""Break-glass: two officers of different bodies, for some hours, and the owners know of it before anybody reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from glass_world import WORDS
from sqlalchemy import text
from town import message

from directory import officials, roles
from directory.roles import Grant
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.glass.asking import HOUR, PATIENCE, Wanted
from groupware.glass.rows import Scope, State
from groupware.off_boarding import off_board
from policies.vocabulary import Marking, Role

if TYPE_CHECKING:
    from glass_world import Scene

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
WHY = "A life is in danger."
POST = Wanted(Scope.POST, "<one@client.test>", WHY, 2)


async def broken(scene: Scene, wanted: Wanted = POST) -> int:
    number = await scene.groupware.glass.ask(scene.caller("sam"), wanted)
    await scene.groupware.glass.confirm(scene.caller("sonja"), number)
    return number


async def states(scene: Scene) -> list[str]:
    return [each.state for each in await scene.groupware.glass.ledger()]


async def test_one_asks_another_confirms_and_the_owner_knows_before_anything_is_read(scene: Scene) -> None:
    one, two = await scene.post("anna", "one"), await scene.post("bruno", "two")
    await scene.change(one, marking=int(Marking.RED))
    desk, sam, sonja = scene.groupware.glass, scene.caller("sam"), scene.caller("sonja")
    number = await desk.ask(sam, POST)
    await scene.settle()
    assert [WHY in each for each in await scene.notices("simon")] == [True]
    assert await scene.notices("clara") == []
    with pytest.raises(Forbidden, match="glass-is-not-broken"):
        await desk.octets(sam, number, one)
    await desk.confirm(sonja, number)
    told = await scene.notices("clara")
    assert [all(word in each for word in ("Sam, Aland", "Sonja, Borland", "Until: ", WHY)) for each in told] == [True]
    assert [word in told[0] for word in ("Secret", WORDS)] == [False, False]
    assert await scene.notices("otto") == []  # nothing of bb's is covered
    assert [(each.id, each.opened) for each in (await desk.card(sam, number)).posts] == [(one, 0)]
    assert WORDS.encode() in await desk.octets(sam, number, one)
    assert (await desk.show(sam, number, one)).display.text.strip() == WORDS
    with pytest.raises(NotFound):
        await desk.octets(sam, number, two)
    for other in (sonja, scene.caller("stan"), scene.caller("simon"), scene.caller("anna"), scene.caller("clara")):
        with pytest.raises(Forbidden):
            await desk.octets(other, number, one)
    with pytest.raises(Forbidden, match="glass-needs-strong-login"):
        await desk.octets(scene.caller("sam", strong=False), number, one)
    await desk.end(sonja, number)
    with pytest.raises(Forbidden, match="glass-is-not-broken"):
        await desk.octets(sam, number, one)
    await scene.settle()
    assert "Messages that were opened: 1." in (await scene.notices("clara"))[-1]
    ledger = await scene.groupware.audit.item(scene.caller("stan"), one)
    assert [(each.asker, each.confirmer, each.reason) for each in ledger.emergencies] == [
        ("Sam, Aland", "Sonja, Borland", WHY)
    ]
    assert ("read", "Post", str(one)) in await scene.log("break_glass")
    assert ("changed", "Glass", str(number)) in await scene.log("end_glass") + await scene.log("glass-ended")
    (line,) = await desk.ledger()
    assert (line.state, line.asker, line.told, line.opened) == ("ended", "Sam, Aland", 1, 1)


async def test_no_other_way_opens_by_it(scene: Scene) -> None:
    one = await scene.post("anna", "one")
    await broken(scene)
    sam = scene.caller("sam")
    with pytest.raises(NotFound):
        await scene.groupware.raw(sam, "<one@client.test>")
    assert await scene.groupware.rooms(sam) == []
    await scene.settle()
    copies = "SELECT count(*) FROM copy WHERE official = :sam AND post = :post"
    of = {"sam": sam.official, "post": one}
    assert await scene.groupware.store.read(lambda s: s.connection.scalar(text(copies), of)) == 0


async def test_what_was_read_by_it_goes_no_further_than_by_its_readers(scene: Scene) -> None:
    one = await scene.post("anna", "one")
    await scene.change(one, marking=int(Marking.RED))
    number, sam = await broken(scene), scene.caller("sam")

    async def send(to: str, name: str) -> None:
        raw = message("sam", to, "Look", "At this.", message_id=f"<{name}@x>", references="<one@client.test>")
        await scene.groupware.submit(sam, raw, [await scene.groupware.recipient(sam, to)])

    await send("out@partner.test", "unopened")  # of what he hasn't read he learns nothing
    await scene.groupware.glass.octets(sam, number, one)
    for _ in range(2):
        with pytest.raises(Refused, match=r"owner-has-not-consented|marking-stays-inside"):
            await send("out@partner.test", "opened")
        await scene.change(one, marking=int(Marking.AMBER))
    await scene.change(one, marking=int(Marking.AMBER_STRICT))
    await send("anna@iconet.test", "inside")
    marked = "SELECT max(marking) FROM mail WHERE kind = 'mail'"
    assert await scene.groupware.store.read(lambda s: s.connection.scalar(text(marked))) == Marking.AMBER_STRICT


async def test_an_owner_without_a_speaker_is_told_as_well(scene: Scene) -> None:
    """Nor is it enough that who asks is told."""
    await scene.post("anna", "one")
    await scene.post("bruno", "two")
    people, told = scene.town.people, "Break-glass no. {} is confirmed"

    def change(tx: Tx) -> None:
        for name in ("clara", "otto"):
            roles.revoke_all(tx.connection, people[name], tx.now, 0, "test")
        aa = officials.get(tx.connection, people["sam"]).body
        roles.grant(tx.connection, Grant(people["sam"], Role.CONTACT_POINT, aa, reason="test"))

    await scene.groupware.store.run(change)
    await broken(scene)
    await broken(scene, Wanted(Scope.POST, "<two@client.test>", WHY, 2))
    for name in ("stan", "simon"):  # of the owner; of the authority, where the owner has but the two officers
        assert ["your messages" in each for each in await scene.notices(name)] == [True], name
    assert [told.format(number) in each for number, each in enumerate(await scene.notices("sam"), 1)] == [True, True]


async def test_nobody_is_their_own_second(scene: Scene) -> None:
    await scene.post("anna", "one")
    desk = scene.groupware.glass
    number = await desk.ask(scene.caller("sam"), POST)
    for who in ("sam", "stan", "clara", "otto"):
        with pytest.raises((Forbidden, NotFound)):
            await desk.confirm(scene.caller(who), number)
    said = "UPDATE role_grant SET granted_by = :sam WHERE official = :sonja AND role = 'security-officer'"
    of = {"sam": scene.town.people["sam"], "sonja": scene.town.people["sonja"]}
    await scene.groupware.store.run(lambda tx: tx.connection.execute(text(said), of))
    with pytest.raises(Refused, match="own-making"):
        await desk.confirm(scene.caller("sonja"), number)
    await desk.confirm(scene.caller("simon"), number)
    for who in ("anna", "clara", "dora"):
        with pytest.raises(Forbidden):
            await desk.ask(scene.caller(who), POST)


async def test_it_ends_by_itself_and_with_whoever_leaves(scene: Scene) -> None:
    one = await scene.post("anna", "one")
    desk, sam = scene.groupware.glass, scene.caller("sam")
    used, unused = await broken(scene), await desk.ask(sam, POST)
    assert WORDS.encode() in await desk.octets(sam, used, one)
    scene.ahead[0] = 2 * HOUR
    with pytest.raises(Forbidden, match="glass-has-run-out"):  # before any row has changed
        await desk.octets(sam, used, one)
    await scene.settle()
    assert await states(scene) == [State.OVER, State.ASKED]
    scene.ahead[0] = PATIENCE
    with pytest.raises(Forbidden, match="glass-has-run-out"):
        await desk.confirm(scene.caller("sonja"), unused)
    await scene.settle()
    assert await states(scene) == [State.OVER, State.LAPSED]
    assert ["is over" in each for each in await scene.notices("clara")] == [False, True]
    last = await broken(scene)
    await scene.groupware.store.run(lambda tx: off_board(tx, scene.town.people["sonja"]))
    assert (await states(scene))[-1] == State.ENDED
    with pytest.raises(Forbidden):
        await desk.octets(sam, last, one)


async def test_a_rooms_posts_that_come_later_and_codes_above_the_clearance(scene: Scene) -> None:
    await scene.cleared("sam", 1)
    one = await scene.post("anna", "one")
    number = await broken(scene, Wanted(Scope.ROOM, "return", WHY, 1))
    late, high = await scene.post("bruno", "late"), await scene.post("anna", "high")
    await scene.change(high, handling=2)
    desk, sam = scene.groupware.glass, scene.caller("sam")
    assert [each.id for each in (await desk.card(sam, number)).posts] == [one, late]
    assert await scene.notices("otto") == []
    assert WORDS.encode() in await desk.octets(sam, number, late)
    assert [WHY in each for each in await scene.notices("otto")] == [True]
    with pytest.raises(NotFound):
        await desk.octets(sam, number, high)
    await scene.cleared("sam", 0)
    with pytest.raises(Forbidden, match="glass-needs-clearance"):
        await desk.octets(sam, number, one)
    await desk.end(scene.caller("simon"), number)  # the central authority


async def test_who_asks_learns_nothing_of_what_there_is(scene: Scene) -> None:
    await scene.post("anna", "one")
    desk = scene.groupware.glass
    there = await desk.ask(scene.caller("sam"), POST)
    absent = await desk.ask(scene.caller("sam"), Wanted(Scope.POST, "<no@client.test>", WHY, 2))
    cards = [await desk.card(scene.caller("sam"), each) for each in (there, absent)]
    assert [(each.told, each.opened, each.posts, each.glass.item) for each in cards] == [(0, 0, (), 0)] * 2
    with pytest.raises(NotFound):
        await desk.confirm(scene.caller("sonja"), absent)
    for hours in (0, 25):
        with pytest.raises(Refused, match="unfit"):
            await desk.ask(scene.caller("sam"), Wanted(Scope.POST, "<one@client.test>", WHY, hours))
    for _ in range(8):
        await desk.ask(scene.caller("sam"), POST)
    with pytest.raises(Conflict, match="too-many-open"):
        await desk.ask(scene.caller("sam"), POST)
