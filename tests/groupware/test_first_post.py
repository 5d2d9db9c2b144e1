"""One post's way through the domain: handed in, held, approved, copied, numbered, read; and nothing for others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from town import DOMAIN, MEMBERS, Town, build, message

from directory import roles
from groupware import tables
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.folders import changes, names, numbering
from groupware.moderation import Word

if TYPE_CHECKING:
    from groupware.service import Groupware

pytestmark = pytest.mark.anyio
POST = message("anna", f"return@{DOMAIN}", "A canary", "canary-1", message_id="<1@client.test>")


async def settled(groupware: Groupware) -> None:
    """Run the followers until they have nothing left to do."""
    while any([await follower.step() for follower in groupware.followers()]):
        pass


async def folder(groupware: Groupware, town: Town, who: str, name: str) -> list[tuple[int, int]]:
    caller = town.caller(who)

    def look(tx):  # noqa: ANN001, ANN202 -- Tx
        found = names.find(tx, groupware.monitor, caller, name)
        return changes.everything(tx, numbering.open_folder(tx, groupware.monitor, caller, found))

    return list(await groupware.store.run(look))


async def send(groupware: Groupware, town: Town, who: str, raw: bytes, *to: str):  # noqa: ANN201 -- Receipt
    caller = town.caller(who)
    return await groupware.submit(caller, raw, [await groupware.recipient(caller, address) for address in to])


async def test_a_post_is_held_approved_and_read(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    receipt = await send(groupware, town, "anna", POST, f"return@{DOMAIN}")
    assert receipt.held[0].number == 1
    await settled(groupware)
    for who in MEMBERS:
        assert await folder(groupware, town, who, "Areas/return") == []
    assert len(await folder(groupware, town, "anna", "INBOX")) == 1, "the author's notice"
    assert len(await folder(groupware, town, "dora", "INBOX")) == 1, "the moderator's notice"
    assert await folder(groupware, town, "bruno", "INBOX") == []
    assert [held.message_id for held in await groupware.held(town.caller("dora"))] == ["<1@client.test>"]
    assert await groupware.held(town.caller("anna")) == []
    assert await groupware.held(town.caller("emil")) == []
    token = (await groupware.held(town.caller("dora")))[0].id
    with pytest.raises((Forbidden, NotFound)):
        await groupware.decide(town.caller("emil"), token, Word.APPROVE)
    await groupware.decide(town.caller("dora"), token, Word.APPROVE)
    with pytest.raises(Conflict, match="already-decided"):
        await groupware.decide(town.caller("dora"), token, Word.REFUSE)
    await settled(groupware)
    for who in (*MEMBERS, "dora"):
        assert len(await folder(groupware, town, who, "Areas/return")) == 1, who
    assert len(await folder(groupware, town, "bruno", "INBOX")) == 1
    assert await groupware.raw(town.caller("bruno"), "<1@client.test>") == POST
    for who in ("otto", "emil"):
        assert await folder(groupware, town, who, "INBOX") == []
        with pytest.raises(NotFound):
            await folder(groupware, town, who, "Areas/return")
        with pytest.raises(NotFound):
            await groupware.raw(town.caller(who), "<1@client.test>")
        with pytest.raises((NotFound, Forbidden)):
            await groupware.recipient(town.caller(who), f"return@{DOMAIN}")
    card, display = await groupware.display(
        town.caller("clara"), (await groupware.newest(town.caller("clara"), "return"))[1][0].token
    )
    assert "canary-1" in display.text
    assert card.subject == "[TLP:AMBER] A canary"


async def test_a_repeat_has_the_same_answer_and_no_second_post(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    first = await send(groupware, town, "anna", POST, f"return@{DOMAIN}")
    assert await send(groupware, town, "anna", POST, f"return@{DOMAIN}") == first
    with pytest.raises(Conflict, match="message-id-reused"):
        await send(groupware, town, "anna", POST + b"more\r\n", f"return@{DOMAIN}")
    assert len(await groupware.held(town.caller("dora"))) == 1


async def test_a_lost_right_expunges_and_a_regained_one_numbers_anew(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await send(groupware, town, "dora", message("dora", "x", "s", "t", message_id="<d@x>"), f"return@{DOMAIN}")
    await settled(groupware)
    assert await folder(groupware, town, "bruno", "Areas/return") == [(1, 0)]
    assert await folder(groupware, town, "bruno", "INBOX") == [(1, 0)]
    grants = await groupware.store.read(lambda s: roles.held(s.connection, town.people["bruno"], s.now))
    await groupware.store.run(lambda tx: [roles.revoke(tx.connection, grant.id, tx.now) for grant in grants])
    assert await folder(groupware, town, "bruno", "INBOX") == []
    with pytest.raises(NotFound):
        await folder(groupware, town, "bruno", "Areas/return")


async def bodies(groupware: Groupware) -> set[bytes]:
    """Of all that is stored."""
    stored = await groupware.store.read(lambda s: s.connection.execute(select(tables.content.c.body)).scalars().all())
    return {bytes(raw).partition(b"\r\n\r\n")[2] for raw in stored}


async def test_mail_goes_to_people_and_partners(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await send(groupware, town, "anna", message("anna", "otto", "Hi", "hello", message_id="<m@x>"), f"otto@{DOMAIN}")
    assert await folder(groupware, town, "otto", "INBOX") == [(1, 0)]
    await send(groupware, town, "anna", message("anna", "p", "Hi", "out", message_id="<o@x>"), "x@partner.test")
    claimed = await groupware.claim_outbound()
    assert [each.recipient for each, _ in claimed] == ["x@partner.test"]
    assert claimed[0][1].endswith(b"\r\n\r\nTLP:AMBER\r\n\r\nout\r\n")
    assert await bodies(groupware) == {b"hello\r\n", b"out\r\n"}
    assert await groupware.claim_outbound() == []
    with pytest.raises(Refused, match="relay-denied"):
        await groupware.recipient(town.caller("anna"), "x@elsewhere.test")
    raw = message("anna", "p", "Hi", "out", message_id="<q@x>")
    with pytest.raises(Refused, match="third-party-beside-room"):
        await send(groupware, town, "anna", raw, "x@partner.test", f"return@{DOMAIN}")


async def test_from_must_be_the_one_who_signed_in(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    with pytest.raises(Refused, match="from-is-not-sender"):
        await send(groupware, town, "anna", message("bruno", "x", "s", "t", message_id="<f@x>"), f"return@{DOMAIN}")


async def test_a_race_of_moderators_has_one_winner(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await send(groupware, town, "anna", POST, f"return@{DOMAIN}")
    dora = town.caller("dora")
    token = (await groupware.held(dora))[0].id
    words = [Word.APPROVE, Word.REFUSE] * 4
    outcomes = await asyncio.gather(*(groupware.decide(dora, token, word) for word in words), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome is not None)
