"""Nobody gets anything out by asking, deciding or answering where it isn't theirs, or when it isn't any more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from release_world import MORE, ROOM, WORDS, Scene, town_of
from sqlalchemy import update
from town import DOMAIN, message

from directory import partners
from groupware import clock, tables
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.marks.changing import Wanted
from groupware.message.markings import Marks
from groupware.off_boarding import off_board
from groupware.releases import lapsing
from groupware.releases.words import DAY, PATIENCE, Word
from groupware.service import Groupware
from groupware.withdrawal import withdraw
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Place

    from groupware.store import Tx

pytestmark = pytest.mark.anyio


async def run(scene: Scene, act: Callable[[Tx], object]) -> None:
    await scene.groupware.store.run(act)


async def test_who_asks_does_not_decide_and_nobody_decides_twice(scene: Scene) -> None:
    token = await scene.post("bruno", "own")
    number = await scene.ask("bruno", token)
    with pytest.raises(Forbidden, match="nobody-consents-to-own-ask"):
        await scene.say("bruno", number, Word.YES)
    for stranger in ("clara", "anna", "dora"):
        with pytest.raises(NotFound):
            await scene.say(stranger, number, Word.YES)
        with pytest.raises(NotFound):
            await scene.groupware.releases.show(scene.caller(stranger), number)
        with pytest.raises(NotFound):
            await scene.groupware.releases.withdraw(scene.caller(stranger), number, "mine")
    with pytest.raises(Refused, match="the reason"):
        await scene.say("otto", number, Word.NO)
    assert await scene.say("otto", number, Word.NO, "Too early.") == "refused"
    for again in (Word.YES, Word.NO):
        with pytest.raises(Conflict, match="already-decided"):
            await scene.say("otto", number, again, "changed my mind")
    await scene.settle()
    assert await scene.sent() == []
    assert "Too early." in (await scene.notices("bruno"))[-1]


async def test_nothing_is_decided_after_the_ask_was_taken_back(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    number = await scene.ask("bruno", token)
    assert await scene.groupware.releases.withdraw(scene.caller("bruno"), number) == "withdrawn"
    with pytest.raises(Conflict, match="already-decided"):
        await scene.say("clara", number, Word.YES)
    with pytest.raises(Conflict, match="already-decided"):
        await scene.groupware.releases.withdraw(scene.caller("clara"), number, "mine, too")


STAGES = ("asked", "agreed", "packed")


async def at_each_stage(scene: Scene, asker: str, many: int = 1) -> list[dict[str, tuple[str, int]]]:
    """Posts and their releases, as token and number, some for each stage."""
    made: list[dict[str, tuple[str, int]]] = [{} for _ in range(many)]
    for number, found in enumerate(made):
        for stage in STAGES:
            token = await scene.post("anna", f"{stage}-{number}")
            found[stage] = token, await scene.ask(asker, token)
    for found in made:
        await scene.say("clara", found["packed"][1], Word.YES)
    await scene.groupware.releases.pack()
    for found in made:
        await scene.say("clara", found["agreed"][1], Word.YES)
    return made


async def test_what_has_changed_meanwhile_does_not_leave(scene: Scene) -> None:
    gone, raised = await at_each_stage(scene, "bruno", 2)
    assert [await scene.state(gone[stage][1]) for stage in STAGES] == list(STAGES)
    for stage in STAGES:
        await scene.change(raised[stage][0], marking=int(Marking.AMBER_STRICT))
        anna, token = scene.caller("anna"), gone[stage][0]
        await run(scene, lambda tx: withdraw(tx, scene.groupware.monitor, anna, token))  # noqa: B023 -- run at once
    for found in (gone, raised):
        assert await scene.say("clara", found["asked"][1], Word.YES) == "stopped"
    await scene.groupware.releases.pack()
    assert await scene.sent() == []
    for stage in STAGES:
        assert await scene.state(gone[stage][1]) == "stopped withdrawn-is-gone"
        assert await scene.state(raised[stage][1]) == "stopped marking-was-raised"


async def test_what_a_leaver_asked_for_ends(scene: Scene) -> None:
    [found] = await at_each_stage(scene, "bruno")
    await run(scene, lambda tx: off_board(tx, scene.town.people["bruno"]))
    with pytest.raises(Conflict, match="already-decided"):
        await scene.say("clara", found["asked"][1], Word.YES)
    await scene.settle()
    assert await scene.sent() == []
    assert {await scene.state(number) for _, number in found.values()} == {"lapsed asker-has-left"}


async def test_a_partner_that_is_dropped_gets_nothing(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    number = await scene.ask("bruno", token)
    await scene.say("clara", number, Word.YES)
    await scene.groupware.releases.pack()
    await run(scene, lambda tx: partners.allow(tx.connection, "partner.test", allowed=False))
    assert await scene.sent() == []
    assert (await scene.state(number)).startswith("stopped")
    for refused in ("x@elsewhere.test", "two@partner.test, three@partner.test", "nobody"):
        with pytest.raises(Refused):
            await scene.ask("bruno", token, recipient=refused)


async def test_consent_withdrawn_stops_what_waits(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    number = await scene.ask("bruno", token)
    await scene.say("clara", number, Word.YES)
    await scene.groupware.releases.pack()
    with pytest.raises(Refused, match="the reason"):
        await scene.groupware.releases.withdraw(scene.caller("emil"), number, " ")
    assert await scene.groupware.releases.withdraw(scene.caller("emil"), number, "Closed.") == "withdrawn"
    assert await scene.sent() == []
    with pytest.raises(Conflict, match="already-decided"):
        await scene.say("clara", number, Word.YES)


async def test_the_address_of_another_and_a_used_one(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    number = await scene.ask("bruno", token)
    await scene.settle()
    to = await scene.address("clara")
    yes = message("emil", to, "Re: consent", "Yes.", message_id="<emil@client.test>")
    for thief in ("emil", "bruno", "otto"):
        with pytest.raises(NotFound):
            await scene.send(thief, yes, to)
    robot = message("clara", to, "Re: consent", "Yes.", message_id="<robot@client.test>")
    robot = robot.replace(b"To: ", b"Auto-Submitted: auto-replied\r\nTo: ", 1)
    forged = message("emil", to, "Re: consent", "Yes.", message_id="<forged@client.test>")
    for bad, rule in ((robot, "auto-submitted"), (forged, "from-is-not-sender")):
        with pytest.raises(Refused, match=rule):
            await scene.send("clara", bad, to)
    vague = message("clara", to, "Re: consent", "> Yes.\r\n\r\nPerhaps.", message_id="<vague@client.test>")
    with pytest.raises(Refused, match="unfit"):
        await scene.send("clara", vague, to)
    two = message("clara", to, "Re: consent", "Yes.", message_id="<two@client.test>")
    with pytest.raises(Refused, match="release-address-alone"):
        await scene.send("clara", two, to, f"anna@{DOMAIN}")
    assert await scene.state(number) == "asked"
    await scene.send("clara", message("clara", to, "Re", "no: not now", message_id="<no@client.test>"), to)
    assert await scene.state(number) == "refused not now"
    with pytest.raises(Conflict, match="already-decided"):
        await scene.send("clara", message("clara", to, "Re", "Yes", message_id="<yes@client.test>"), to)


async def test_markings(scene: Scene) -> None:
    """FIRST TLP 2.0: RED for nobody else; AMBER+STRICT by its owner's word behind a strong sign-in only."""
    token = await scene.post("anna", "one")
    await scene.change(token, marking=int(Marking.RED))
    with pytest.raises(Refused, match="red-is-never-released"):
        await scene.ask("anna", token)
    await scene.change(token, marking=int(Marking.AMBER_STRICT))
    with pytest.raises(NotFound):
        await scene.ask("bruno", token)
    number = await scene.ask("anna", token)
    await scene.settle()
    assert not any("Reply-To" in each for each in await scene.notices("clara"))
    with pytest.raises(Forbidden, match="strict-release-needs-strong-login"):
        await scene.say("clara", number, Word.YES, strong=False)
    assert await scene.say("clara", number, Word.YES) == "agreed"
    await scene.settle()
    assert len(await scene.sent()) == 1


async def test_no_answer_means_no(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    number = await scene.ask("bruno", token)
    await scene.settle()
    desk, store = scene.groupware.releases, scene.groupware.store
    assert await store.read(lapsing.DEADLINES.next_due) > 4 * DAY
    short = await scene.ask("bruno", token, until=clock.now() + DAY)
    assert await desk.tend() == 0  # nobody is reminded of what lapses sooner than a reminder comes
    scene.ahead[0] = DAY
    assert await desk.tend() == 1
    assert await scene.state(short) == "lapsed no-answer-means-no"
    scene.ahead[0] = PATIENCE - DAY
    assert [await desk.tend(), await desk.tend()] == [1, 0]
    assert "still asked" in (await scene.notices("emil"))[-1]
    scene.ahead[0] = PATIENCE
    assert await desk.tend() == 1
    assert await scene.state(number) == "lapsed no-answer-means-no"
    await scene.settle()
    assert "nobody answered in time" in (await scene.notices("bruno"))[-1]
    with pytest.raises(Conflict, match="already-decided"):
        await scene.say("clara", number, Word.YES)


async def test_two_owners_and_two_delegates_at_once(postgresql_place: Place) -> None:
    """Side by side on PostgreSQL: of one owner's delegates one is heard, and the last of all owners lets it go."""
    async with postgresql_place.opened() as store:
        groupware = Groupware(store, DOMAIN)
        scene = Scene(groupware, await store.run(town_of), [])
        await scene.post("anna", "first")
        token = await scene.post("bruno", "second", f"{MORE}\r\n\r\n> {WORDS}")
        number = await scene.ask("anna", token)
        said = await asyncio.gather(
            *(scene.say(who, number, Word.YES) for who in ("clara", "emil", "otto", "bruno")), return_exceptions=True
        )
        assert sorted(str(each) for each in said if isinstance(each, str)) == ["agreed", "asked"]
        assert len([each for each in said if isinstance(each, Conflict)]) == 2
        await scene.settle()
        assert len(await scene.sent()) == 1
        await groupware.parser.close()


async def test_what_awaits_its_authors_word_is_neither_asked_for_nor_sent(scene: Scene) -> None:
    await run(scene, lambda tx: tx.connection.execute(update(tables.room).values(bars_personal_data=True)))
    raw = message("bruno", ROOM, "News", f"{WORDS} Call +32 470 12 34 56.", message_id="<unconfirmed@client.test>")
    await scene.send("bruno", raw, ROOM)
    (waiting,) = await scene.groupware.confirmation.waiting(scene.caller("bruno"))
    with pytest.raises(Refused, match="only-published-is-released"):
        await scene.ask("bruno", waiting.token)
    for who in ("anna", "dora", "otto"):
        with pytest.raises(NotFound):
            await scene.ask(who, waiting.token)
    published = await scene.post("anna", "one")
    number = await scene.ask("bruno", published)
    await scene.change(published, state="unconfirmed")
    assert await scene.say("clara", number, Word.YES) == "stopped"
    await scene.groupware.releases.pack()
    assert await scene.sent() == []


async def test_an_owner_who_marks_anew_meanwhile(scene: Scene) -> None:
    stricter, wider, back = [await scene.post("anna", name) for name in ("stricter", "wider", "back")]
    numbers = [await scene.ask("bruno", token) for token in (stricter, wider, back)]
    clara = scene.caller("clara")
    for token, marking in (
        (stricter, Marking.AMBER_STRICT),
        (wider, Marking.GREEN),
        (back, Marking.RED),
        (back, Marking.AMBER),
    ):
        await scene.groupware.marks.mark(clara, Wanted(token, Marks(marking), "It was wrong."))
    assert [await scene.say("clara", number, Word.YES) for number in numbers] == ["stopped", "agreed", "agreed"]
    await scene.settle()
    assert await scene.state(numbers[0]) == "stopped marking-was-raised"
    left = [raw for _, raw in await scene.sent()]
    assert [b"TLP:AMBER\r\n" in raw for raw in left] == [True, True]  # as it was asked: no wider by a later act
