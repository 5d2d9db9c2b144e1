"""Entries and units, kept by the admins of their own body."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from people_world import DAY, START, someone
from sqlalchemy import select

from directory import units as directory_units
from directory.tables import FOREVER
from groupware import tables
from groupware.areas.access import Asked
from groupware.areas.rooms import Settings
from groupware.book.entries import Attribute
from groupware.book.filters import equals
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.people.entry import of_official
from groupware.people.faults import BadEntry
from groupware.people.leave import OPERATOR
from groupware.people.looking import State
from groupware.people.own import Own
from groupware.people.units import UnitEntry
from policies.vocabulary import Action, Door, Kind, Role

if TYPE_CHECKING:
    from people_world import World

    from groupware.people.looking import Card
    from groupware.store import Snapshot

pytestmark = pytest.mark.anyio


def entry_of(card: Card, **fields: object) -> object:
    return replace(of_official(card.official, card.unit), **fields)


async def test_somebody_new_is_there_without_any_right(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    number = await people.add(adela, "aa", "nina.nova", someone(phone="+358 9 555 01 23", languages="fi,sv"))
    card = await people.entry_of(adela, "nina.nova")
    assert (card.official.id, card.official.address, card.unit) == (number, "nina.nova@iconet.test", "u1")
    assert (card.state, card.official.clearance, card.official.valid_from) == (State.ACTIVE, 0, START)
    assert [(line.what, line.by) for line in card.history] == [(("entry",), "Adela")]
    held = await world.groupware.store.read(lambda s: directory_grants(s, number))
    assert held == []


def directory_grants(snapshot: Snapshot, number: int) -> list[object]:
    from directory import roles  # noqa: PLC0415 -- beside its one use

    return list(roles.held(snapshot.connection, number, snapshot.now))


@pytest.mark.parametrize(
    ("login", "fields", "field", "rule"),
    [
        ("Nina", {}, "login", "bad-login"),
        ("", {}, "login", "bad-login"),
        ("postmaster", {}, "login", "reserved-login"),
        ("mailer-daemon", {}, "login", "reserved-login"),
        ("autodiscover", {}, "login", "reserved-login"),
        ("moderators", {}, "login", "reserved-login"),
        ("anna", {}, "login", "login-taken"),
        ("bela", {}, "login", "login-taken"),
        ("return", {}, "login", "login-taken"),
        ("nina", {"name": " "}, "name", "name-missing"),
        ("nina", {"name": "=cmd()"}, "name", "formula"),
        ("nina", {"name": "\uff1dcmd()"}, "name", "formula"),
        ("nina", {"title": "x" * 201}, "title", "too-long"),
        ("nina", {"title": "a\nb"}, "title", "bad-text"),
        ("nina", {"title": "a\0b"}, "title", "bad-text"),
        ("nina", {"phone": "=1+1"}, "phone", "bad-phone"),
        ("nina", {"languages": "Finnish"}, "languages", "bad-languages"),
        ("nina", {"unit": "nowhere"}, "unit", "no-such-unit"),
        ("nina", {"clearance": 4}, "clearance", "bad-clearance"),
        ("nina", {"valid_from": 5, "valid_until": 5}, "last_day", "bad-dates"),
    ],
)
async def test_what_no_entry_may_have_is_said_by_field(
    lone: World, login: str, fields: dict[str, object], field: str, rule: str
) -> None:
    with pytest.raises(BadEntry) as refused:
        await lone.groupware.people.add(lone.strong("adela"), "aa", login, someone(**fields))
    assert {name: problem.rule for name, problem in refused.value.problems.items()} == {field: rule}


async def test_two_admins_edit_one_entry_and_the_second_is_told_what_changed(world: World) -> None:
    people = world.groupware.people
    card = await world.card("anna")
    first, second = entry_of(card, phone="+358 9 1234"), entry_of(card, title="Head of unit")
    await people.change(world.strong("adela"), card.official.id, first, card.official.version)
    with pytest.raises(Conflict) as conflict:
        await people.change(world.strong("alma"), card.official.id, second, card.official.version)
    assert conflict.value.rule == "changed-meanwhile"
    assert "Adela changed telephone at 08:00 UTC on 15 January." in conflict.value.text
    now = (await world.card("anna")).official
    assert (now.phone, now.title, now.version) == ("+358 9 1234", "", card.official.version + 1)


async def test_nothing_new_is_no_change(world: World) -> None:
    card = await world.card("anna")
    same = await world.groupware.people.change(world.strong("adela"), card.official.id, entry_of(card), 1)
    assert same == 1
    assert (await world.card("anna")).history == []


async def test_an_official_moves_within_the_body_and_gets_dates(world: World) -> None:
    people, card = world.groupware.people, await world.card("anna")
    moved = entry_of(card, unit="u2", valid_until=START + DAY)
    await people.change(world.strong("adela"), card.official.id, moved, 1)
    assert (await world.card("anna")).unit == "u2"
    world.time.pass_days(2)
    assert (await world.card("anna")).state is State.ENDED
    back = entry_of(await world.card("anna"), valid_until=FOREVER)
    await people.change(world.strong("adela"), card.official.id, back, 2)
    assert (await world.card("anna")).state is State.ACTIVE


async def test_suspended_and_resumed(world: World) -> None:
    people, card = world.groupware.people, await world.card("anna")
    version = await people.suspend(world.strong("carol"), card.official.id, card.official.version)
    assert (await world.card("anna")).state is State.SUSPENDED
    with pytest.raises(Conflict):
        await people.resume(world.strong("adela"), card.official.id, card.official.version)
    await people.resume(world.strong("adela"), card.official.id, version)
    history = (await world.card("anna")).history
    assert [(line.what, line.by) for line in history] == [(("suspended",), "Carol"), (("suspended",), "Adela")]


async def test_what_was_open_before_a_suspension_stays_ended(world: World) -> None:
    people, anna = world.groupware.people, world.town.people["anna"]
    link = await people.invite(world.strong("adela"), anna)
    session = await world.groupware.web_sessions.begin(world.town.caller("anna", Door.PORTAL, strong=True))
    version = await people.suspend(world.strong("adela"), anna, 1)
    await people.resume(world.strong("adela"), anna, version)
    with pytest.raises(NotFound):
        await world.groupware.identity.invited(link.path.removeprefix("/join/"))
    assert await world.groupware.web_sessions.resume(session) is None


async def test_what_was_open_before_a_last_day_stays_ended(world: World) -> None:
    people, adela, anna = world.groupware.people, world.strong("adela"), world.town.people["anna"]
    caller = world.town.caller("anna", Door.PORTAL, strong=True)
    for gone, again in ((START - DAY, FOREVER), (START + DAY, START + 9 * DAY)):
        session, card = await world.groupware.web_sessions.begin(caller), await world.card("anna")
        version = await people.change(adela, anna, entry_of(card, valid_until=gone), card.official.version)
        world.time.pass_days(2)
        await people.change(adela, anna, entry_of(await world.card("anna"), valid_until=again), version)
        assert await world.groupware.web_sessions.resume(session) is None


async def test_what_was_open_before_an_imported_last_day_stays_ended(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    session = await world.groupware.web_sessions.begin(world.town.caller("anna", Door.PORTAL, strong=True))
    for day in ("2026-12-01", ""):
        octets = f"login,last_day\r\nanna,{day}\r\n".encode()
        diff = await people.compare(adela, "", octets)
        assert not diff.faults
        await people.apply(adela, "", octets, diff.digest)
    assert await world.groupware.web_sessions.resume(session) is None


async def test_the_last_contact_point_stays(world: World) -> None:
    people, card = world.groupware.people, await world.card("carol")
    for gone in (
        people.suspend(world.strong("adela"), card.official.id, 1),
        people.change(world.strong("adela"), card.official.id, entry_of(card, valid_until=START), 1),
    ):
        with pytest.raises(Refused, match="last-contact-point"):
            await gone
    assert (await world.card("carol")).state is State.ACTIVE


async def test_who_left_is_not_changed(world: World) -> None:
    def leave(tx: object) -> None:
        from directory import officials  # noqa: PLC0415 -- beside its one use

        found = officials.by_login(tx.connection, "anna")  # type: ignore[attr-defined] # a Tx
        assert found is not None
        officials.change(tx.connection, replace(found, suspended=True, departed=START))  # type: ignore[attr-defined] # same

    await world.groupware.store.run(leave)
    card = await world.card("anna")
    assert card.state is State.DEPARTED
    with pytest.raises(Refused, match="departed"):
        await world.groupware.people.resume(world.strong("adela"), card.official.id, card.official.version)


async def test_nobody_keeps_their_own_entry_but_telephone_and_languages(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    card = await world.card("adela")
    for own in (
        people.change(adela, card.official.id, entry_of(card, clearance=3, unit="u"), 1),
        people.suspend(adela, card.official.id, 1),
        people.invite(adela, card.official.id),
        people.entry(adela, card.official.id),
    ):
        with pytest.raises(Forbidden, match="nobody-administers-self"):
            await own
    with pytest.raises(NotFound):
        await people.confirm(adela, "aa", [card.official.id])
    assert await people.change_own(adela, Own("+358 1 2345", "", "fi, sv"), 1) == 2
    mine = await people.own(adela)
    assert (mine.phone, mine.languages, mine.clearance, mine.version) == ("+358 1 2345", "fi, sv", 3, 2)
    with pytest.raises(BadEntry):
        await people.change_own(adela, Own("=1", "", ""), 2)
    with pytest.raises(Conflict):
        await people.change_own(adela, Own("", "", ""), 1)


async def test_an_ordinary_sign_in_keeps_nobody(world: World) -> None:
    weak = world.town.caller("adela")
    with pytest.raises(Forbidden, match="admin-needs-strong-login"):
        await world.groupware.people.entries(weak, "aa")
    assert await world.groupware.people.keeps(weak) == ""
    assert await world.groupware.people.keeps(world.strong("adela")) == "aa"
    assert await world.groupware.people.keeps(world.strong("anna")) == ""


async def test_the_operator_acts_for_any_body_and_is_written_down_as_such(world: World) -> None:
    people = world.groupware.people
    number = await people.add(OPERATOR, "bb", "nina", someone())
    card = await people.entry(OPERATOR, number)
    assert [line.by for line in card.history] == [""]
    for absent in (people.entries(OPERATOR, "zz"), people.entries(OPERATOR), people.entry(OPERATOR, 10**9)):
        with pytest.raises(NotFound):
            await absent


async def test_the_list_by_words_and_state(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    whole = await people.entries(adela)
    assert [line.login for line in whole.lines] == ["adela", "alma", "anna", "carol", "clara", "dora", "emil"]
    assert whole.total == 7
    await people.suspend(adela, world.town.people["anna"], 1)
    assert [line.login for line in (await people.entries(adela, words="ANN")).lines] == ["anna"]
    assert [line.login for line in (await people.entries(adela, state=State.SUSPENDED)).lines] == ["anna"]
    assert (await people.entries(adela, words="%")).total == 0
    after = await people.entries(adela, after="clara")
    assert [line.login for line in after.lines] == ["dora", "emil"]


async def test_units_are_added_renamed_and_moved(world: World) -> None:
    people, adela = world.groupware.people, world.strong("adela")
    await people.add_unit(adela, "aa", "u11", UnitEntry("Visa section", "u1", "visa@iconet.test", "+358 9 1"))
    await people.add(adela, "aa", "nina", someone(unit="u11"))
    tree = await people.units(adela)
    assert [(each.unit.code, each.depth, each.people) for each in tree] == [
        ("u", 0, 4), ("u1", 1, 3), ("u11", 2, 1), ("u2", 1, 0), ("x", 0, 0),
    ]  # fmt: skip
    section = next(each.unit for each in tree if each.unit.code == "u11")
    moved = UnitEntry("Visas", "x", "visa@iconet.test", "+358 9 1")
    assert await people.change_unit(adela, section.id, moved, section.version) == section.version + 1
    with pytest.raises(Conflict, match="Adela changed name and parent"):
        await people.change_unit(world.strong("alma"), section.id, moved, section.version)
    above = await world.groupware.store.read(
        lambda s: directory_units.is_below(s.connection, section.id, tree[0].unit.id)
    )
    assert not above


@pytest.mark.parametrize(
    ("code", "entry", "field", "rule"),
    [
        ("U 1", UnitEntry("X"), "code", "bad-code"),
        ("u1", UnitEntry("X"), "code", "code-taken"),
        ("new", UnitEntry(""), "name", "name-missing"),
        ("new", UnitEntry("X", "nowhere"), "parent", "no-such-unit"),
        ("new", UnitEntry("X", address="anna@iconet.test"), "address", "mailbox-taken"),
        ("new", UnitEntry("X", address="return@iconet.test"), "address", "mailbox-taken"),
        ("new", UnitEntry("X", address="Anna@Iconet.Test"), "address", "mailbox-taken"),
        ("new", UnitEntry("X", address="root@iconet.test"), "address", "bad-mailbox"),
        ("new", UnitEntry("X", address="x"), "address", "bad-mailbox"),
        ("new", UnitEntry("X", address="x@elsewhere.test, y@elsewhere.test"), "address", "bad-mailbox"),
        ("new", UnitEntry("X", address="=x@elsewhere.test"), "address", "bad-mailbox"),
    ],
)
async def test_what_no_unit_may_have_is_said_by_field(
    lone: World, code: str, entry: UnitEntry, field: str, rule: str
) -> None:
    with pytest.raises(BadEntry) as refused:
        await lone.groupware.people.add_unit(lone.strong("adela"), "aa", code, entry)
    assert {name: problem.rule for name, problem in refused.value.problems.items()} == {field: rule}


async def test_a_units_mailbox_may_be_its_ministrys_and_is_told_as_it_is(world: World) -> None:
    """It is looked at when it changes, shown in address books, and nobody who is written to here."""
    people, adela, store = world.groupware.people, world.strong("adela"), world.groupware.store
    await people.add_unit(adela, "aa", "u11", UnitEntry("Visas", "u1", "Visas@Ministry.Example"))
    unit = next(each.unit for each in await people.units(adela) if each.unit.code == "u11")
    assert unit.address == "visas@ministry.example"
    with pytest.raises(Refused, match="relay-denied"):
        await world.groupware.recipient(adela, unit.address)
    await store.run(
        lambda tx: directory_units.change(tx.connection, replace(unit, address="kept before there was a rule"))
    )
    same = UnitEntry("Renamed", "u1", "kept before there was a rule")
    assert await people.change_unit(adela, unit.id, same, unit.version + 1) == unit.version + 2
    with pytest.raises(BadEntry, match="bad-mailbox"):
        await people.change_unit(adela, unit.id, replace(same, address="another without a rule"), unit.version + 2)


async def shown(world: World, *names: str) -> set[str]:
    """Which of the units the directory shows to somebody of another body, at every door that looks things up there."""
    found = await world.groupware.book.find(world.strong("bela"), equals(Attribute.KIND, "UNIT"))
    return {*names} & {each.name for each in found.entries}


async def test_a_unit_ends_when_it_has_nothing_or_merged_with_all_it_has(world: World) -> None:
    people, areas, adela = world.groupware.people, world.groupware.areas, world.strong("adela")
    await people.add_unit(adela, "aa", "old", UnitEntry("Old unit", "u2"))
    await people.add_unit(adela, "aa", "older", UnitEntry("Older unit", "old"))
    await people.add_unit(adela, "aa", "empty", UnitEntry("Empty unit"))
    nina = await people.add(adela, "aa", "nina", someone(unit="old"))
    await areas.set_competence(None, "return", "aa/old", given=True)
    await areas.open_room(None, "return", "old-room", Settings("Old room", "aa/old"))
    rule = await areas.give_access(None, "old-room", Asked("reader", "unit:aa/old", "test"))
    known = {each.unit.code: each.unit for each in await people.units(adela)}

    async def close(who: str, code: str, into: str = "", seen: int | None = None) -> None:
        version = known[code].version if seen is None else seen
        await people.close_unit(world.strong(who), known[code].id, version, into)

    has = "1 official, 1 unit below, 1 room, 1 rule of access and 1 area"
    with pytest.raises(Refused, match=has):
        await close("adela", "old")
    for into, broken in (("nowhere", "no-such-unit"), ("old", "circle"), ("older", "circle"), ("u1", "own-unit")):
        with pytest.raises(Refused, match=broken):
            await close("adela", "old", into)
    with pytest.raises(Conflict, match="changed-meanwhile"):
        await close("adela", "old", "x", 0)
    for stranger in ("bela", "cora", "dora"):
        with pytest.raises((Forbidden, NotFound)):
            await close(stranger, "old", "x")
    assert await shown(world, "Old unit", "Empty unit") == {"Old unit", "Empty unit"}
    await close("adela", "old", "x")
    await close("adela", "empty")
    assert await shown(world, "Old unit", "Empty unit") == set()
    tree = {each.unit.code: each for each in await people.units(adela)}
    assert {"old", "empty"}.isdisjoint(tree)
    assert (tree["older"].parent, tree["x"].people) == ("x", 1)
    sheet = await areas.room(None, "old-room")
    assert sheet.settings.owner == "aa/x"
    assert [(each.whom, each.people) for each in sheet.rules if each.id == rule] == [("unit:aa/x", 1)]
    area = await areas.area(None, "return")
    assert "aa/x" in {each.unit for each in area.competent}
    assert "competence-merged" in {each.act for each in area.changes}
    card = await people.entry(adela, nina)
    assert (card.unit, card.official.version) == ("x", 2)


async def test_the_operator_ends_what_is_held_but_not_the_last_contact_point(world: World) -> None:
    duties, people = world.groupware.duties, world.town.people
    held = await duties.held_by_operator(people["carol"])
    (grant,) = [each for each in held if each.role is Role.CONTACT_POINT]
    with pytest.raises(Refused, match="last-contact-point"):
        await duties.revoke_by_operator(grant.id, "no longer with us")
    (grant,) = await duties.held_by_operator(people["adela"])
    with pytest.raises(Refused, match="reason-needed"):
        await duties.revoke_by_operator(grant.id, " ")
    await duties.revoke_by_operator(grant.id, "no longer with us")
    assert await duties.held_by_operator(people["adela"]) == []


async def test_nobody_moves_the_unit_that_they_are_in(world: World) -> None:
    """It would be a way to what other units read and are competent for."""
    people, adela = world.groupware.people, world.strong("adela")
    tree = {each.unit.code: each.unit for each in await people.units(adela)}
    for code in ("u1", "u"):
        with pytest.raises(Refused, match="own-unit"):
            await people.change_unit(adela, tree[code].id, UnitEntry(tree[code].name, "x"), 1)
    await people.change_unit(adela, tree["u1"].id, UnitEntry("Renamed", "u"), 1)
    with pytest.raises(BadEntry, match="circle"):
        await people.change_unit(adela, tree["x"].id, UnitEntry("X", "x"), 1)


async def test_admins_read_no_content(world: World) -> None:
    """What the policies say of them is asked here of the very people who keep entries."""
    room = world.town.rooms["return"]
    monitor = world.groupware.monitor
    for name in ("adela", "bela", "cora"):
        decision = await world.groupware.store.read(
            lambda s, name=name: monitor.decide(s, world.strong(name), Action.ENTER, Kind.ROOM, room)
        )
        assert not decision.allowed
    assert await world.groupware.store.read(lambda s: s.connection.execute(select(tables.post)).all()) == []


@pytest.mark.parametrize(
    ("who", "action", "item", "allowed"),
    [
        ("adela", Action.ADMINISTER, "anna", True),
        ("adela", Action.ADMINISTER, "ANNA@iconet.test", True),
        ("adela", Action.ADMINISTER, "AA", True),
        ("adela", Action.ADMINISTER, "Aa/U1", True),
        ("adela", Action.ADMINISTER, "bb", False),
        ("adela", Action.ADMINISTER, "bb/u1", False),
        ("adela", Action.GOVERN, "bb", False),
        ("cora", Action.GOVERN, "BB", True),
        ("bela", Action.MANAGE, "area:return", True),
        ("bela", Action.MANAGE, "return", True),
        ("adela", Action.MANAGE, "area:special", True),
        ("bela", Action.MANAGE, "area:special", False),
        ("adela", Action.SEND_FOR, "anna", False),
    ],
)
async def test_why_finds_what_is_administered(lone: World, who: str, action: Action, item: str, allowed: bool) -> None:  # noqa: FBT001 -- a case
    assert (await lone.groupware.why(lone.strong(who), action, item)).allowed == allowed


@pytest.mark.parametrize(
    ("action", "item"),
    [
        (Action.ADMINISTER, "nobody"),
        (Action.ADMINISTER, "aa/nowhere"),
        (Action.ADMINISTER, "zz/u1"),
        (Action.GOVERN, "anna"),
        (Action.MANAGE, "area:nowhere"),
        (Action.MANAGE, "area:return\0"),
        (Action.SEND_FOR, "aa"),
    ],
)
async def test_why_says_of_what_is_not_there_that_it_is_not(lone: World, action: Action, item: str) -> None:
    with pytest.raises(NotFound):
        await lone.groupware.why(lone.strong("adela"), action, item)


async def test_who_is_out_of_office_neither_reads_nor_writes_even_their_own_entry(world: World) -> None:
    people, anna = world.groupware.people, world.strong("anna")
    version = await people.suspend(world.strong("adela"), anna.official, (await people.own(anna)).version)
    with pytest.raises(Forbidden):
        await people.own(anna)
    with pytest.raises(Forbidden):
        await people.change_own(anna, Own("", "", "fi"), version)
