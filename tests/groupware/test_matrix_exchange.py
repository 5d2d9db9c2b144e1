"""What the bridge is told and tells, without a homeserver, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from town import DOMAIN, Town, build, message

from directory import rights, roles
from directory.roles import Grant
from groupware import administering, clock, tables
from groupware.errors import Refused
from groupware.matrix.announcing import announce
from groupware.matrix.hearing import Heard
from groupware.matrix.saying import Held, Published
from groupware.moderation import Word
from groupware.service import Groupware
from policies.vocabulary import Access

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from groupware.matrix.outbox import Queued
    from groupware.matrix.rooms import Room
    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio
NOW = 1_795_000_000_000_000


@pytest.fixture
async def groupware(store: Store) -> AsyncIterator[Groupware]:
    made = Groupware(store, DOMAIN)
    yield made
    await made.parser.close()
    await made.confirmation.close()


@pytest.fixture
async def town(groupware: Groupware) -> Town:
    town = await groupware.store.run(build)
    for code, number in town.rooms.items():
        await groupware.matrix.remember(number, f"!{code}")
    return town


async def nothing(url: str) -> bytes:
    raise AssertionError(url)


async def room(groupware: Groupware) -> Room:
    return next(room for room in await groupware.matrix.rooms() if room.code == "return")


async def mail(groupware: Groupware, town: Town, who: str, raw: bytes) -> None:
    caller = town.caller(who)
    await groupware.submit(caller, raw, [await groupware.recipient(caller, f"return@{DOMAIN}")])


async def queued(groupware: Groupware, town: Town) -> Sequence[Queued]:
    while any([await follower.step() for follower in groupware.matrix.followers()]):
        pass
    return await groupware.matrix.following(town.rooms["return"])


def heard(where: Room, number: int, sender: str, words: str, **more: Any) -> Heard:  # noqa: ANN401 -- content of an event
    return Heard(f"${number}", where, sender, {"msgtype": "m.text", "body": words, **more}, NOW)


async def say(groupware: Groupware, town: Town, who: str, words: str, name: str = "t") -> Published | Held:
    said = {"msgtype": "m.text", "body": words}
    return await groupware.matrix.say(town.caller(who), town.rooms["return"], said, (who, name), nothing)


async def subjects(groupware: Groupware, town: Town) -> list[str]:
    _, posts = await groupware.newest(town.caller("dora"), "return")
    return [post.subject for post in posts]


async def test_a_post_is_queued_told_and_sent_once(groupware: Groupware, town: Town) -> None:
    await mail(groupware, town, "dora", message("dora", f"return@{DOMAIN}", "A canary", "canary-1"))
    (row,) = await queued(groupware, town)
    ready = await groupware.matrix.ready(row, "https://localhost")
    assert ready is not None
    assert (ready.sender, ready.content["body"]) == ("dora", "[TLP:AMBER] A canary\n\ncanary-1")
    await groupware.matrix.sent(row, "$e")
    await groupware.matrix.sent(row, "$e")
    assert await queued(groupware, town) == []
    assert await groupware.matrix.waiting() == frozenset()


async def test_our_own_event_is_known_again_before_the_answer_comes(groupware: Groupware, town: Town) -> None:
    await mail(groupware, town, "dora", message("dora", f"return@{DOMAIN}", "Mine", "text"))
    (row,) = await queued(groupware, town)
    ready = await groupware.matrix.ready(row, "")
    assert ready is not None
    event = Heard("$mine", await room(groupware), "dora", ready.content, NOW)
    await groupware.matrix.take(event)
    assert await queued(groupware, town) == []
    await groupware.matrix.sent(row, "$mine")
    assert await subjects(groupware, town) == ["[TLP:AMBER] Mine"]


async def test_what_is_said_becomes_a_post_once(groupware: Groupware, town: Town) -> None:
    event = heard(await room(groupware), 1, "dora", "canary-said")
    for _ in range(2):
        assert await groupware.matrix.is_new("1")
        await groupware.matrix.take(event)
    await groupware.matrix.taken("1")
    assert not await groupware.matrix.is_new("1")
    assert await subjects(groupware, town) == ["[TLP:AMBER] canary-said"]
    assert await queued(groupware, town) == []


@pytest.mark.parametrize("sender", ["otto", "nobody", "", "anna"])
async def test_an_event_that_can_be_no_post_is_taken_back(groupware: Groupware, town: Town, sender: str) -> None:
    await groupware.matrix.take(heard(await room(groupware), 1, sender, "canary-wrong"))
    (row,) = await queued(groupware, town)
    assert (row.kind, row.event) == ("redact", "$1")
    assert await subjects(groupware, town) == []


async def test_a_forged_key_makes_an_event_nobodys(groupware: Groupware, town: Town) -> None:
    await mail(groupware, town, "dora", message("dora", f"return@{DOMAIN}", "First", "text"))
    (row,) = await queued(groupware, town)
    await groupware.matrix.sent(row, "$sent")
    forged = heard(await room(groupware), 2, "dora", "canary-forged", **{"eu.iconet.post": {"ref": row.key}})
    await groupware.matrix.take(forged)
    assert [(each.kind, each.event) for each in await queued(groupware, town)] == [("redact", "$2")]
    assert await subjects(groupware, town) == ["[TLP:AMBER] First"]


async def test_a_held_message_and_its_notice_find_each_other(groupware: Groupware, town: Town) -> None:
    found = await say(groupware, town, "anna", "canary-held")
    assert isinstance(found, Held)
    assert (found.number, found) == (1, await say(groupware, town, "anna", "canary-held"))
    for sender, number in (("bruno", 1), ("anna", 2), ("anna", 3)):  # another's, hers, and hers again
        await groupware.matrix.take(Heard(f"${number}", await room(groupware), sender, found.content, NOW))
    assert [each.event for each in await queued(groupware, town)] == ["$1", "$3"]
    (held,) = await groupware.held(town.caller("dora"))
    await groupware.decide(town.caller("dora"), held.id, Word.APPROVE)
    assert [(each.kind, each.event) for each in await queued(groupware, town)][2:] == [("post", ""), ("redact", "$2")]


async def test_a_decision_may_be_quicker_than_the_notice(groupware: Groupware, town: Town) -> None:
    found = await say(groupware, town, "anna", "canary-quick")
    assert isinstance(found, Held)
    (held,) = await groupware.held(town.caller("dora"))
    await groupware.decide(town.caller("dora"), held.id, Word.REFUSE)
    assert await queued(groupware, town) == []
    await groupware.matrix.take(Heard("$late", await room(groupware), "anna", found.content, NOW))
    assert [(each.kind, each.event) for each in await queued(groupware, town)] == [("redact", "$late")]


async def test_a_moderator_says_it_at_once(groupware: Groupware, town: Town) -> None:
    assert await say(groupware, town, "dora", "canary-free") == Published({"msgtype": "m.text", "body": "canary-free"})


async def test_what_is_marked_beyond_the_room_is_not_said_in_it(groupware: Groupware, town: Town) -> None:
    long = "word " * 40
    for words in ("[TLP:RED] canary", f"{long}[TLP:AMBER+STRICT]", "[H1] canary", f"{long} Handling: H3"):
        with pytest.raises(Refused, match="stays-inside"):
            await say(groupware, town, "dora", words, words)
    found = await say(groupware, town, "dora", "TLP:AMBER canary")
    assert found == Published({"msgtype": "m.text", "body": "TLP:AMBER canary"})


async def test_an_answer_says_what_it_inherits(groupware: Groupware, town: Town) -> None:
    """In a room of TLP:GREEN, to a post that is TLP:AMBER; a label of its own counts, too."""
    green = update(tables.room).values(marking=1, handling=1)
    await groupware.store.run(lambda tx: (tx.connection.execute(green), rights.bump(tx.connection)))
    await mail(groupware, town, "dora", message("dora", f"return@{DOMAIN}", "[TLP:AMBER] First", "text"))
    (row,) = await queued(groupware, town)
    await groupware.matrix.sent(row, "$sent")
    answer = {"msgtype": "m.text", "m.relates_to": {"m.in_reply_to": {"event_id": "$sent"}}}
    for said, shown in (("canary", "[TLP:AMBER] canary"), ("[TLP:AMBER] [H1] c", "[TLP:AMBER] [H1] c")):
        content = {**answer, "body": said}
        found = await groupware.matrix.say(town.caller("dora"), town.rooms["return"], content, (said,), nothing)
        assert found.content["body"] == shown
        await groupware.matrix.take(Heard(f"${said}", await room(groupware), "dora", found.content, NOW))
    posts = (await groupware.newest(town.caller("dora"), "return"))[1]
    assert [(post.marking, post.handling) for post in posts] == [(2, 1)] * 3


async def test_announcements_keep_their_order(groupware: Groupware, town: Town) -> None:
    for words in ("first", "second"):
        await groupware.store.run(lambda tx, words=words: announce(tx, town.rooms["return"], words))
    rows = await queued(groupware, town)
    told = [await groupware.matrix.ready(row, "") for row in rows]
    assert [ready.content["body"] for ready in told if ready] == ["first", "second"]


# ---- members


async def names(groupware: Groupware) -> list[tuple[str, str]]:
    plan = await groupware.matrix.plan()
    assert plan is not None
    assert plan.leave == []
    return sorted((seat.room.code, seat.login) for seat in plan.enter)


async def test_who_may_enter_is_wanted(groupware: Groupware, town: Town) -> None:
    assert town
    wanted = [("liaison", "emil"), ("liaison", "otto")]
    assert await names(groupware) == wanted + [("return", name) for name in ("anna", "bruno", "clara", "dora")]
    assert [seat.room.code for seat in await groupware.matrix.seats("anna")] == ["return"]
    assert await groupware.matrix.seats("nobody") == []


async def test_nothing_is_looked_at_while_no_right_changes(groupware: Groupware, town: Town) -> None:
    plan = await groupware.matrix.plan()
    assert plan is not None
    assert await groupware.matrix.plan(plan.moment) is None
    later = clock.now() + 1000 * clock.MICROSECONDS

    def give(tx: Tx) -> None:
        grant = Grant(town.people["otto"], Access.READER, town.rooms["return"], valid_from=later, reason="test")
        administering.grant(tx, grant)

    await groupware.store.run(give)
    again = await groupware.matrix.plan(plan.moment)
    assert again is not None
    assert again.moment.until == later


async def test_who_loses_the_right_while_being_joined_is_put_out(groupware: Groupware, town: Town) -> None:
    seats = await groupware.matrix.seats("anna")
    entering = await groupware.matrix.entering(seats)
    assert entering == seats

    def take(tx: Tx) -> None:
        for grant in roles.held(tx.connection, town.people["anna"], tx.now):
            administering.revoke(tx, grant.id)

    await groupware.store.run(take)
    plan = await groupware.matrix.plan()
    assert plan is not None
    assert [seat.login for seat in plan.leave] == ["anna"]
    await groupware.matrix.left(plan.leave)
    assert await groupware.matrix.entered(entering) == seats
    assert await groupware.matrix.entering(seats) == []
    again = await groupware.matrix.plan()
    assert again is not None
    assert [seat.login for seat in again.leave] == ["anna"]


async def test_what_the_homeserver_says_of_a_room_counts(groupware: Groupware, town: Town) -> None:
    await groupware.matrix.entered(await groupware.matrix.entering(await groupware.matrix.seats("anna")))
    await groupware.matrix.present(town.rooms["return"], ["bruno", "otto"])
    plan = await groupware.matrix.plan()
    assert plan is not None
    assert [seat.login for seat in plan.leave] == ["otto"]
    assert ("return", "anna") in [(seat.room.code, seat.login) for seat in plan.enter]
    assert ("return", "bruno") not in [(seat.room.code, seat.login) for seat in plan.enter]


async def test_one_bridge_at_a_time_sends_to_a_room(groupware: Groupware, town: Town) -> None:
    other = Groupware(groupware.store, DOMAIN, "other")
    assert await groupware.matrix.lease() == frozenset(town.rooms.values())
    assert await other.matrix.lease() == frozenset()
    await groupware.matrix.release()
    assert await other.matrix.lease() == frozenset(town.rooms.values())


async def test_another_homeserver_is_told_everything_again(groupware: Groupware, town: Town) -> None:
    for subject in ("One", "Two"):
        await mail(groupware, town, "dora", message("dora", f"return@{DOMAIN}", subject, "text"))
    for row in await queued(groupware, town):
        await groupware.matrix.sent(row, f"${row.id}")
    await groupware.matrix.forget(town.rooms["return"])
    rows = await queued(groupware, town)
    told = [await groupware.matrix.ready(row, "") for row in rows]
    assert [ready.content["body"].split("\n")[0] for ready in told if ready] == ["[TLP:AMBER] One", "[TLP:AMBER] Two"]


async def test_what_seems_to_hold_personal_data_never_reaches_the_room(groupware: Groupware, town: Town) -> None:
    bar = update(tables.room).where(tables.room.c.code == "return").values(bars_personal_data=True)
    await groupware.store.run(lambda tx: tx.connection.execute(bar))
    assert isinstance(await say(groupware, town, "dora", "The meeting is on 3 May 2027.", "harmless"), Published)
    secret = "He was born on 3 May 1990, passport no. AB4471903."
    for again in range(2):
        held = await say(groupware, town, "dora", secret)
        assert isinstance(held, Held)
        assert held.content["body"] == "awaits its author's word, no. 1", again
    await groupware.matrix.take(Heard("$notice", await room(groupware), "dora", held.content, NOW))
    await groupware.matrix.take(heard(await room(groupware), 7, "dora", secret))  # it slipped past the module
    assert [(row.kind, row.event) for row in await queued(groupware, town)] == [("redact", "$7")]
    dora = town.caller("dora")
    first, second = await groupware.confirmation.waiting(dora)
    assert await groupware.confirmation.confirm(dora, first.token, "He agreed.") == "published"
    await groupware.areas.withdraw(dora, second.token)
    rows = await queued(groupware, town)
    assert sorted((str(row.kind), row.event) for row in rows) == [("post", ""), ("redact", "$7"), ("redact", "$notice")]
