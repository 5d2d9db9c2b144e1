"""One post's way through the domain: handed in, held, approved, copied, numbered, read; and nothing for others."""

from __future__ import annotations

import asyncio

import pytest
from town import DOMAIN, MEMBERS, Town, build, message

from directory import roles
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.folders import changes, names, numbering
from groupware.folders.names import FolderKind
from groupware.house import House
from groupware.moderation import Word
from groupware.store import Store

pytestmark = pytest.mark.anyio
POST = message("anna", f"return@{DOMAIN}", "A canary", "canary-1", message_id="<1@client.test>")


@pytest.fixture
async def house(store: Store) -> House:
    return House(store, DOMAIN)


async def settled(house: House) -> None:
    """Run the followers until they have nothing left to do."""
    while any([await follower.step() for follower in house.followers()]):
        pass


async def folder(house: House, town: Town, who: str, name: str) -> list[tuple[int, int]]:
    caller = town.caller(who)

    def look(tx):  # noqa: ANN001, ANN202 -- Tx
        found = names.find(tx, house.monitor, caller, name)
        return changes.everything(tx, numbering.open_folder(tx, house.monitor, caller, found))

    return list(await house.store.run(look))


async def send(house: House, town: Town, who: str, raw: bytes, *to: str):  # noqa: ANN201 -- Receipt
    caller = town.caller(who)
    return await house.submit(caller, raw, [await house.recipient(caller, address) for address in to])


async def test_a_post_is_held_approved_and_read(house: House) -> None:
    town = await house.store.run(build)
    receipt = await send(house, town, "anna", POST, f"return@{DOMAIN}")
    assert receipt.held[0].number == 1
    await settled(house)
    for who in MEMBERS:
        assert await folder(house, town, who, "Areas/return") == []
    assert len(await folder(house, town, "anna", "INBOX")) == 1, "the author's notice"
    assert len(await folder(house, town, "dora", "INBOX")) == 1, "the moderator's notice"
    assert await folder(house, town, "bruno", "INBOX") == []
    assert [held.message_id for held in await house.held(town.caller("dora"))] == ["<1@client.test>"]
    assert await house.held(town.caller("anna")) == []
    assert await house.held(town.caller("emil")) == []
    token = (await house.held(town.caller("dora")))[0].id
    with pytest.raises((Forbidden, NotFound)):
        await house.decide(town.caller("emil"), token, Word.APPROVE)
    await house.decide(town.caller("dora"), token, Word.APPROVE)
    with pytest.raises(Conflict, match="already-decided"):
        await house.decide(town.caller("dora"), token, Word.REFUSE)
    await settled(house)
    for who in (*MEMBERS, "dora"):
        assert len(await folder(house, town, who, "Areas/return")) == 1, who
    assert len(await folder(house, town, "bruno", "INBOX")) == 1
    assert await house.raw(town.caller("bruno"), "<1@client.test>") == POST
    for who in ("otto", "emil"):
        assert await folder(house, town, who, "INBOX") == []
        with pytest.raises(NotFound):
            await folder(house, town, who, "Areas/return")
        with pytest.raises(NotFound):
            await house.raw(town.caller(who), "<1@client.test>")
        with pytest.raises((NotFound, Forbidden)):
            await house.recipient(town.caller(who), f"return@{DOMAIN}")
    card, display = await house.display(
        town.caller("clara"), (await house.newest(town.caller("clara"), "return"))[1][0].token
    )
    assert "canary-1" in display.text
    assert card.subject == "[TLP:AMBER] A canary"
    await house.close()


async def test_a_repeat_has_the_same_answer_and_no_second_post(house: House) -> None:
    town = await house.store.run(build)
    first = await send(house, town, "anna", POST, f"return@{DOMAIN}")
    assert await send(house, town, "anna", POST, f"return@{DOMAIN}") == first
    with pytest.raises(Conflict, match="message-id-reused"):
        await send(house, town, "anna", POST + b"more\r\n", f"return@{DOMAIN}")
    assert len(await house.held(town.caller("dora"))) == 1


async def test_a_lost_right_expunges_and_a_regained_one_numbers_anew(house: House) -> None:
    town = await house.store.run(build)
    await send(house, town, "dora", message("dora", "x", "s", "t", message_id="<d@x>"), f"return@{DOMAIN}")
    await settled(house)
    assert await folder(house, town, "bruno", "Areas/return") == [(1, 0)]
    assert await folder(house, town, "bruno", "INBOX") == [(1, 0)]
    grants = await house.store.read(lambda s: roles.held(s.connection, town.people["bruno"], s.now))
    await house.store.run(lambda tx: [roles.revoke(tx.connection, grant.id, tx.now) for grant in grants])
    assert await folder(house, town, "bruno", "INBOX") == []
    with pytest.raises(NotFound):
        await folder(house, town, "bruno", "Areas/return")


async def test_mail_goes_to_people_and_partners(house: House) -> None:
    town = await house.store.run(build)
    await send(house, town, "anna", message("anna", "otto", "Hi", "hello", message_id="<m@x>"), f"otto@{DOMAIN}")
    assert await folder(house, town, "otto", "INBOX") == [(1, 0)]
    await send(house, town, "anna", message("anna", "p", "Hi", "out", message_id="<o@x>"), "x@partner.test")
    claimed = await house.claim_outbound()
    assert [each.recipient for each, _ in claimed] == ["x@partner.test"]
    assert await house.claim_outbound() == []
    with pytest.raises(Refused, match="relay-denied"):
        await house.recipient(town.caller("anna"), "x@elsewhere.test")
    with pytest.raises(Refused, match="third-party-beside-room"):
        raw = message("anna", "p", "Hi", "out", message_id="<q@x>")
        await send(house, town, "anna", raw, "x@partner.test", f"return@{DOMAIN}")


async def test_from_must_be_the_one_who_signed_in(house: House) -> None:
    town = await house.store.run(build)
    with pytest.raises(Refused, match="from-is-not-sender"):
        await send(house, town, "anna", message("bruno", "x", "s", "t", message_id="<f@x>"), f"return@{DOMAIN}")


async def test_a_race_of_moderators_has_one_winner(house: House) -> None:
    town = await house.store.run(build)
    await send(house, town, "anna", POST, f"return@{DOMAIN}")
    dora = town.caller("dora")
    token = (await house.held(dora))[0].id
    words = [Word.APPROVE, Word.REFUSE] * 4
    outcomes = await asyncio.gather(*(house.decide(dora, token, word) for word in words), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome is not None)
