"""From a drafter's message to a colleague's word (RFC 7912), at the use cases; one world for all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
import town
from sqlalchemy import delete, func, select, update

from directory import roles
from directory.roles import Grant
from directory.tables import role_grant
from groupware import drafts, off_boarding, second_person, tables
from groupware.draft_tables import draft
from groupware.drafting.deciding import Word
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.house_rules import HouseRules, KeyRules
from groupware.moderation import Word as Moderated
from groupware.service import Groupware, open_groupware
from policies.vocabulary import Access, Action, Door, Handling, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from email.message import Message
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.posting import Receipt
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
SECRET = "the ferry of Thursday"
NAMES = "<draft-{}@iconet.test>"
DAY = 24 * 3600 * 1_000_000


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class World:
    """anna drafts for clara and dora (who moderates) of her own body; bruno is of another one."""

    groupware: Groupware
    town: town.Town
    posted: int = 0

    def caller(self, name: str, door: Door = Door.SUBMISSION, *, strong: bool = False) -> Caller:
        return self.town.caller(name, door, strong=strong)

    async def post(self, name: str, text: str = SECRET, extra: str = "", subject: str = "") -> Receipt:
        self.posted += 1
        raw = town.message(name, "return@iconet.test", subject or f"Post {self.posted}", text)
        raw = f"Message-ID: {NAMES.format(self.posted)}\r\n{extra}".encode() + raw
        return await self.mail(name, raw, "return@iconet.test")

    async def mail(self, name: str, raw: bytes, address: str) -> Receipt:
        to = await self.groupware.recipient(self.caller(name), address)
        return await self.groupware.submit(self.caller(name), raw, [to])

    async def drafted(self, name: str = "anna", **words: str) -> str:
        """The token of a new draft."""
        receipt = await self.post(name, **words)
        assert [each.number > 0 for each in receipt.drafted] == [True]
        return (await self.groupware.drafting.own(self.caller(name, strong=True)))[-1].token

    async def state(self, token: str) -> str:
        statement = select(tables.post.c.state).where(tables.post.c.token == token)
        return str(await self.groupware.store.read(lambda snapshot: snapshot.connection.execute(statement).scalar()))

    async def do(self, change: Callable[[Tx], object]) -> None:
        await self.groupware.store.run(change)

    async def told(self, name: str) -> list[bytes]:
        """All notices that somebody has, oldest first."""
        for follower in self.groupware.followers():
            while await follower.step():
                pass
        made = (
            select(tables.content.c.body)
            .select_from(tables.mail)
            .join(tables.mail_recipient, tables.mail_recipient.c.mail == tables.mail.c.id)
            .join(tables.rendering, tables.rendering.c.id == tables.mail.c.rendering)
            .join(tables.content, tables.content.c.id == tables.rendering.c.content)
            .where(tables.mail.c.kind == "notice", tables.mail_recipient.c.official == self.town.people[name])
            .order_by(tables.mail.c.id)
        )
        found = await self.groupware.store.read(lambda snapshot: snapshot.connection.scalars(made).all())
        return [bytes(each) for each in found]

    async def address(self, name: str) -> str:
        """Where somebody answers about the draft that they were asked about last."""
        asked = message_from_bytes((await self.told(name))[-1])
        return str(asked["Reply-To"])

    async def answer(self, name: str, address: str, text: str, sender: str = "") -> None:
        self.posted += 1
        raw = town.message(
            sender or name,
            address,
            "Re: asked",
            text.replace("\n", "\r\n"),
            message_id=f"<answer-{self.posted}@iconet.test>",
        )
        await self.mail(name, raw, address)


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    path: Path = tmp_path_factory.mktemp("drafts")
    groupware = await open_groupware(path, directory=path, domain=town.DOMAIN)
    groupware.confirmation.portal = lambda: "https://portal.test"

    def plant(tx: Tx) -> town.Town:
        made = town.build(tx)
        anna, room = made.people["anna"], made.rooms["return"]
        tx.connection.execute(
            delete(role_grant).where(role_grant.c.official == anna, role_grant.c.role == Access.POSTER.value)
        )
        roles.grant(tx.connection, Grant(anna, Access.DRAFTER, room, reason="test"))
        tx.connection.execute(update(tables.room).where(tables.room.c.id == room).values(moderated=False))
        return made

    yield World(groupware, await groupware.store.run(plant))
    await groupware.close()


async def test_nobody_but_author_and_colleagues_sees_a_draft(world: World) -> None:
    token = await world.drafted()
    store, monitor = world.groupware.store, world.groupware.monitor
    number = (await world.groupware.post(world.caller("anna"), token)).id
    asked = (Action.LIST, Action.READ, Action.MODERATE, Action.WITHDRAW, Action.CONFIRM, Action.AUTHORISE)
    expected = {
        "anna": {Action.READ, Action.WITHDRAW},
        "clara": {Action.READ, Action.AUTHORISE},
        "dora": {Action.READ, Action.AUTHORISE},
        "bruno": set(),
        "otto": set(),
        "emil": set(),
    }
    for name, may in expected.items():
        caller = world.caller(name, strong=True)

        def found(snapshot: Snapshot, caller: Caller = caller) -> set[Action]:
            return {each for each in asked if monitor.decide(snapshot, caller, each, Kind.POST, number).allowed}

        assert await store.read(found) == may, name
        lines = await world.groupware.drafting.to_authorise(caller)
        assert [each.token for each in lines] == ([token] if Action.AUTHORISE in may else []), name
        if not may:
            with pytest.raises((NotFound, Forbidden)):
                await world.groupware.drafting.show(caller, token)
            with pytest.raises((NotFound, Forbidden)):
                await world.groupware.drafting.decide(caller, token, Word.AUTHORISE)
    await world.groupware.indexer.step()
    words = select(tables.search_text.c.body)
    assert await store.read(lambda snapshot: snapshot.connection.scalars(words).all()) == []
    assert [each.state async for each in world.groupware.listing()] == ["held"]
    assert [fault async for fault in world.groupware.check() if "fault" in fault.row()] == []
    assert (await world.groupware.drafting.show(world.caller("clara"), token)).display.text.strip() == SECRET
    with pytest.raises((NotFound, Forbidden)):
        await world.groupware.drafting.decide(world.caller("anna", strong=True), token, Word.AUTHORISE)


async def test_a_colleague_authorises_by_answering_a_mail(world: World) -> None:
    """RFC 7912 4.2, 4.3, 5 and 8.1."""
    (line,) = await world.groupware.drafting.to_authorise(world.caller("clara"))
    asked = message_from_bytes((await world.told("clara"))[-1])
    (_, enclosed) = asked.get_payload()
    assert enclosed.get_content_type() == "message/rfc822"
    (inside,) = enclosed.get_payload()
    assert (inside["From"], inside.get_payload().strip()) == ("Anna <anna@iconet.test>", SECRET)
    assert "MMHS-Authorizing-Users" not in inside
    for name in ("bruno", "otto", "emil"):
        assert not any(SECRET.encode() in each for each in await world.told(name))
    address = str(asked["Reply-To"])
    with pytest.raises(NotFound):
        await world.answer("dora", address, "yes")
    with pytest.raises(NotFound):
        await world.answer("bruno", address, "yes", sender="clara")
    with pytest.raises(Refused, match="from-is-not-sender"):
        await world.answer("clara", address, "yes", sender="dora")
    with pytest.raises(Refused, match="unfit"):
        await world.answer("clara", address, "perhaps")
    assert await world.state(line.token) == "draft"
    before = await raw_of(world, line.token)
    await world.answer("clara", address, "Yes, go ahead.\n\n> quoted")
    assert await world.state(line.token) == "published"
    shown = await rendered(world, "bruno", line.token)
    assert shown.get_all("MMHS-Authorizing-Users") == ["Clara <clara@iconet.test>"]
    assert (shown["From"], shown["Sender"]) == ("Anna <anna@iconet.test>", None)
    after = await raw_of(world, line.token)
    assert after[1] == before[1]
    assert after[0].removeprefix(b"MMHS-Authorizing-Users: Clara <clara@iconet.test>\r\n") == before[0]
    assert b"published" in (await world.told("anna"))[-1]


async def raw_of(world: World, token: str) -> tuple[bytes, bytes]:
    """Header block and body as readers get them."""
    _, raw = await world.groupware.rendered(world.caller("clara", strong=True), token)
    head, _, body = raw.partition(b"\r\n\r\n")
    return head, body


async def test_three_doors_race_for_one_draft(world: World) -> None:
    token = await world.drafted()
    mine, number = await world.address("clara"), (await world.groupware.drafting.own(world.caller("anna")))[0].number
    said = await asyncio.gather(
        world.answer("clara", mine, "yes"),
        world.groupware.drafting.decide(world.caller("dora", Door.API), token, Word.REFUSE, "not like this"),
        world.groupware.drafting.say(world.caller("dora", Door.MATRIX), f"draft return {number} yes"),
        return_exceptions=True,
    )
    decided = [isinstance(each, Conflict) or "is already" in str(each) for each in said]
    assert sorted(decided) == [False, True, True], said
    assert await world.state(token) in ("published", "withdrawn")
    for name, answer in (("clara", "yes"), ("clara", "no, too late")):
        with pytest.raises(Conflict, match=r"already-decided: already (authorised|refused) by (Clara|Dora), at "):
            await world.answer(name, mine, answer)
    for stranger in ("bruno", "otto"):
        with pytest.raises((NotFound, Forbidden)):
            await world.groupware.drafting.decide(world.caller(stranger, strong=True), token, Word.AUTHORISE)


async def test_a_second_answer_decides_nothing_and_is_told_who_did_when(world: World) -> None:
    token = await world.drafted()
    address = await world.address("clara")
    dora = str(message_from_bytes((await world.told("dora"))[-1])["Reply-To"])
    raw = town.message("clara", address, "Re: asked", "yes", message_id="<once@iconet.test>")
    again = raw.replace(b"yes", b"no, not so").replace(b"<once@", b"<twice@")
    anew = raw.replace(b"<once@iconet.test>", b"<thrice@iconet.test>")
    for _ in range(3):
        await world.mail("clara", raw, address)
    assert await world.state(token) == "published"
    known = await world.groupware.store.read(_decisions)
    for other in (again, anew):
        with pytest.raises(Conflict, match=r"already-decided: already authorised by Clara, at \w{3}, \d"):
            await world.mail("clara", other, address)
    with pytest.raises(Conflict, match="message-id-reused"):
        await world.mail("clara", raw.replace(b"yes", b"no, not so"), address)
    with pytest.raises(Conflict, match="already authorised by Clara, at "):
        await world.answer("dora", dora, "no, not like this")
    for word in Word:
        with pytest.raises(Conflict, match="already authorised by Clara, at "):
            await world.groupware.drafting.decide(world.caller("dora", Door.PORTAL), token, word, "why")
    for stranger in ("bruno", "otto"):
        with pytest.raises((NotFound, Forbidden)):
            await world.mail(stranger, town.message(stranger, address, "x", "yes", message_id="<st@x>"), address)
    assert await world.groupware.store.read(_decisions) == known
    assert (await rendered(world, "bruno", token)).get_all("MMHS-Authorizing-Users") == ["Clara <clara@iconet.test>"]


def _decisions(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """All that was said about drafts."""
    rows = snapshot.connection.execute(select(draft.c.post, draft.c.word, draft.c.by, draft.c.said, draft.c.reason))
    return [tuple(row) for row in rows]


LONG = "At half past four the ferry of Thursday leaves the eastern quay with nine people and two escorts on board"


async def test_who_opened_a_draft_has_had_it_when_it_ends(world: World) -> None:
    """TLP:RED isn't mailed: it counts for who read it in the portal, and for nobody else; published or not."""
    away = town.message("clara", "out@partner.test", "News", f"I heard: {LONG}.", message_id="<away@x>")
    token = await world.drafted(subject="[TLP:RED] quay", text=LONG)
    await world.told("clara")
    await world.groupware.drafting.show(world.caller("clara", Door.PORTAL, strong=True), token)
    await world.groupware.areas.withdraw(world.caller("anna", strong=True), token)
    with pytest.raises((NotFound, Forbidden)):
        await world.groupware.post(world.caller("clara", Door.PORTAL, strong=True), token)
    with pytest.raises(Refused, match="owner-has-not-consented"):
        await world.mail("clara", away, "out@partner.test")
    theirs = town.message("dora", "out@partner.test", "News", f"I heard: {LONG}.", message_id="<never@x>")
    await world.mail("dora", theirs, "out@partner.test")  # who never opened it learns nothing by trying


async def test_in_chat_only_colleagues_decide_and_nothing_strict(world: World) -> None:
    token = await world.drafted()
    await world.told("clara")
    (line,) = await world.groupware.drafting.to_authorise(world.caller("clara"))
    untold = await world.groupware.drafting.untold()
    assert sorted(each.login for each in untold) == ["clara", "dora"]
    assert not any(SECRET in each.text for each in untold)
    for each in untold:
        await world.groupware.drafting.told(each)
    assert await world.groupware.drafting.untold() == []
    chat = world.groupware.drafting.say
    assert await chat(world.caller("clara"), "release 7 yes") == ""
    assert "no draft" in await chat(world.caller("bruno"), f"draft return {line.number} yes")
    assert "begin your answer" in await chat(world.caller("clara"), f"draft return {line.number} perhaps")
    assert "refused" in await chat(world.caller("clara"), f"draft return {line.number} no, another time")
    assert await world.state(token) == "withdrawn"
    mail = (await world.told("anna"))[-1]
    assert b"Your colleague writes:" in mail
    assert b"> another time" in mail
    strict = await world.drafted(subject="[TLP:AMBER+STRICT] stay here")
    await world.told("clara")
    assert await world.groupware.drafting.untold() == []
    (line,) = await world.groupware.drafting.to_authorise(world.caller("clara"))
    assert "portal or your mail" in await chat(world.caller("clara"), f"draft return {line.number} yes")
    await world.groupware.drafting.decide(world.caller("clara"), strict, Word.REFUSE, "no")


async def test_a_client_says_nothing_about_authorising_users(world: World) -> None:
    """RFC 7912 8.1: forged fields."""
    token = await world.drafted(extra="MMHS-Authorizing-Users: Clara <clara@iconet.test>\r\n")
    assert b"MMHS" not in (await raw_of(world, token))[0]
    await world.groupware.drafting.decide(world.caller("dora"), token, Word.AUTHORISE)
    shown = await rendered(world, "bruno", token)
    assert shown.get_all("MMHS-Authorizing-Users") == ["Dora <dora@iconet.test>"]


async def rendered(world: World, name: str, token: str) -> Message:
    """As a reader gets it."""
    _, raw = await world.groupware.rendered(world.caller(name), token)
    return message_from_bytes(raw)


async def test_a_new_draft_supersedes_an_old_one_and_authors_withdraw(world: World) -> None:
    first = await world.drafted()
    second = await world.drafted(extra=f"Supersedes: {NAMES.format(world.posted)}\r\n")
    assert [await world.state(each) for each in (first, second)] == ["withdrawn", "draft"]
    receipt = await world.groupware.drafting.redraft(world.caller("anna"), second, "Better", "Written anew")
    assert len(receipt.drafted) == 1
    (line,) = await world.groupware.drafting.own(world.caller("anna"))
    assert (line.subject, await world.state(second)) == ("[TLP:AMBER] Better", "withdrawn")
    with pytest.raises(Conflict, match="already-decided"):
        await world.groupware.drafting.redraft(world.caller("anna"), second, "Better", "Again")
    with pytest.raises(Conflict, match="already-decided"):
        await world.groupware.drafting.decide(world.caller("clara"), second, Word.AUTHORISE)
    with pytest.raises(NotFound):
        await world.groupware.areas.withdraw(world.caller("dora"), line.token)
    await world.groupware.areas.withdraw(world.caller("anna"), line.token)
    assert await world.groupware.drafting.own(world.caller("anna")) == []


async def test_what_a_colleague_was_mailed_stays_inside_and_written_anew_keeps_its_code(world: World) -> None:
    token = await world.drafted(subject="[H1] coded")
    name = NAMES.format(world.posted)
    await world.told("clara")
    await world.groupware.drafting.redraft(world.caller("anna"), token, "Better", "Written anew")
    (line,) = await world.groupware.drafting.own(world.caller("anna"))
    assert (await world.groupware.post(world.caller("anna"), line.token)).handling == Handling.H1
    await world.groupware.areas.withdraw(world.caller("anna"), line.token)
    to = "out@partner.test"
    with pytest.raises(Refused, match="owner-has-not-consented"):
        await world.mail("clara", town.message("clara", to, "Fwd", "See.", message_id="<fwd@x>", references=name), to)


async def test_where_bytes_are_secret_an_authorised_message_reads_as_any_other(tmp_path: Path) -> None:
    rules = HouseRules(secrecy=KeyRules(tmp_path / "keys", sealing=True))
    groupware = await open_groupware(
        tmp_path / "sealed", directory=tmp_path / "sealed", domain=town.DOMAIN, rules=rules
    )
    world = World(groupware, await groupware.store.run(town.build))
    groupware.monitor.second_person = second_person.read("TLP:AMBER+STRICT")
    await world.do(lambda tx: tx.connection.execute(update(tables.room).values(moderated=False)))
    token = await world.drafted("clara", subject="[TLP:AMBER+STRICT] sealed")
    assert await groupware.drafting.decide(world.caller("anna"), token, Word.AUTHORISE) == "published"
    shown = await rendered(world, "dora", token)
    assert (shown["MMHS-Authorizing-Users"], shown["From"]) == ("Anna <anna@iconet.test>", "Clara <clara@iconet.test>")
    assert [fault async for fault in groupware.check() if "fault" in fault.row()] == []
    await groupware.close()


async def test_what_nobody_decides_is_reminded_of_and_lapses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await world.drafted()
    before = len(await world.told("clara"))
    await world.do(
        lambda tx: tx.connection.execute(
            update(draft).values(at=tx.now - 6 * DAY, until=tx.now + DAY).where(draft.c.word == "")
        )
    )
    with monkeypatch.context() as most:
        most.setattr(drafts, "MOST_WAITING", 1)
        with pytest.raises(Refused, match="too-many-drafts"):
            await world.post("anna")
    assert await world.groupware.drafting.tend() == 1
    assert await world.groupware.drafting.tend() == 0
    assert len(await world.told("clara")) == before + 1
    await world.do(lambda tx: tx.connection.execute(update(draft).values(until=tx.now).where(draft.c.word == "")))
    assert await world.groupware.drafting.tend() == 1
    assert await world.state(token) == "withdrawn"
    assert b"no colleague decided in time" in (await world.told("anna"))[-1]


async def test_it_goes_on_into_the_usual_chain(world: World) -> None:
    """Moderators, and the author's word about personal data, come after the colleague's."""
    room = world.town.rooms["return"]

    def rule(**values: bool) -> Callable[[Tx], object]:
        change = update(tables.room).where(tables.room.c.id == room).values(**values)
        return lambda tx: tx.connection.execute(change)

    await world.do(rule(moderated=True, bars_personal_data=True))
    plain, personal = await world.drafted(), await world.drafted(text="born on 14 March 1991, passport no. ZK4417083")
    decide = world.groupware.drafting.decide
    assert await decide(world.caller("dora"), plain, Word.AUTHORISE) == "held"
    await world.groupware.decide(world.caller("dora"), plain, Moderated.APPROVE)
    assert (await rendered(world, "bruno", plain))["MMHS-Authorizing-Users"] == "Dora <dora@iconet.test>"
    assert await decide(world.caller("clara"), personal, Word.AUTHORISE) == "unconfirmed"
    await world.do(rule(moderated=False))
    assert await world.groupware.confirmation.confirm(world.caller("anna"), personal, "an example") == "published"
    assert (await rendered(world, "bruno", personal))["MMHS-Authorizing-Users"] == "Clara <clara@iconet.test>"
    await world.do(rule(bars_personal_data=False))


async def test_strict_markings_need_a_second_person(world: World) -> None:
    room = world.town.rooms["return"]

    def choose(text: str) -> Callable[[Tx], object]:
        change = update(tables.room).where(tables.room.c.id == room).values(second_person=text)
        return lambda tx: tx.connection.execute(change)

    await world.do(choose("TLP:RED"))
    assert (await world.post("clara", subject="[TLP:AMBER+STRICT] one")).drafted == ()
    red = await world.drafted("clara", subject="[TLP:RED] two")
    asked = (await world.told("dora"))[-1]
    assert b"message/rfc822" not in asked
    assert b"Reply-To" not in asked
    with pytest.raises((NotFound, Forbidden)):
        await world.groupware.drafting.decide(world.caller("dora"), red, Word.AUTHORISE)
    assert await world.groupware.drafting.decide(world.caller("dora", strong=True), red, Word.AUTHORISE) == "published"
    with pytest.raises(Refused, match="nobody-may-authorise"):
        await world.post("bruno", subject="[TLP:RED] alone in his body")
    await world.do(choose(""))
    world.groupware.monitor.second_person = second_person.read("TLP:AMBER+STRICT, H2")
    strict = await world.drafted("dora", subject="[TLP:AMBER+STRICT] three")
    assert await world.groupware.drafting.decide(world.caller("clara"), strict, Word.AUTHORISE) == "published"
    world.groupware.monitor.second_person = second_person.NOTHING
    assert str(second_person.read("h2 tlp:red")) == "TLP:RED H2"


async def test_rights_that_ended_decide_nothing_and_drafts_fall(world: World) -> None:
    token, people, room = await world.drafted(), world.town.people, world.town.rooms["return"]
    mine = await world.address("clara")

    def end(name: str) -> Callable[[Tx], object]:
        return lambda tx: roles.revoke_all(tx.connection, people[name], tx.now, 0, "test")

    await world.do(end("clara"))
    with pytest.raises((NotFound, Forbidden)):
        await world.answer("clara", mine, "yes")
    with pytest.raises((NotFound, Forbidden)):
        await world.groupware.drafting.decide(world.caller("clara"), token, Word.AUTHORISE)
    await world.do(end("anna"))
    assert await world.groupware.drafting.decide(world.caller("dora"), token, Word.AUTHORISE) == "withdrawn"
    again = [Grant(people["anna"], access, room, reason="test") for access in (Access.READER, Access.DRAFTER)]
    await world.do(lambda tx: [roles.grant(tx.connection, each) for each in again])
    left = await world.drafted()
    await world.do(lambda tx: off_boarding.off_board(tx, people["anna"]))
    assert await world.state(left) == "withdrawn"
    waiting = select(func.count()).select_from(draft).where(draft.c.word == "")
    assert await world.groupware.store.read(lambda snapshot: snapshot.connection.execute(waiting).scalar()) == 0
    assert [fault async for fault in world.groupware.check() if "fault" in fault.row()] == []
