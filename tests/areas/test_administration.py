"""What admins and managers do to areas and rooms, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from area_world import admin, run_by_admin_and_managers
from sqlalchemy import select
from town import DOMAIN, build, message

from directory import officials, rights, units
from directory import tables as directory
from groupware.area_tables import room_change
from groupware.areas.access import Asked
from groupware.areas.people import May
from groupware.areas.rooms import Settings, State
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.service import Groupware
from policies.vocabulary import Door, Marking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from town import Town

    from groupware.areas.areas import Areas
    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio
FLIGHTS = Settings("Charter flights", "aa/u", marking=Marking.AMBER)


class Office:
    """A groupware with its town."""

    def __init__(self, groupware: Groupware, town: Town) -> None:
        self.groupware = groupware
        self.town = town
        self.admin = admin(town)

    @property
    def areas(self) -> Areas:
        return self.groupware.areas

    async def rooms(self, name: str) -> list[str]:
        return [room.code for room in await self.groupware.rooms(self.town.caller(name))]

    async def folders(self, name: str) -> list[str]:
        found = await self.groupware.folders.names(self.town.caller(name))
        return [folder.name for folder in found if folder.room]

    async def post(self, name: str, code: str) -> None:
        caller, to = self.town.caller(name), f"{code}@{DOMAIN}"
        await self.groupware.submit(
            caller, message(name, to, "Words", "x"), [await self.groupware.recipient(caller, to)]
        )


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    groupware = Groupware(store, DOMAIN)
    town = await store.run(build)
    await store.run(lambda tx: run_by_admin_and_managers(tx, town))
    yield Office(groupware, town)
    await groupware.close()


async def test_an_area_with_its_rooms_from_founding_to_archive(office: Office) -> None:
    areas, by = office.areas, office.admin
    await areas.found(by, "visas", "Visas", "aa")
    await areas.set_competence(by, "visas", "bb/u", given=True)
    await areas.open_room(by, "visas", "visas", replace(FLIGHTS, name="Visas", moderated=False))
    await areas.open_room(by, "visas", "visas-fraud", replace(FLIGHTS, name="Fraud"), "visas")
    for right in ("reader", "poster"):
        await areas.give_access(by, "visas", Asked(right, "everybody", "for all"))
    await areas.give_access(by, "visas-fraud", Asked("reader", "unit:bb/u", "selective"))
    assert await office.folders("bruno") == ["Areas/return", "Areas/visas", "Areas/visas/visas-fraud"]
    assert await office.rooms("anna") == ["return"], "her unit isn't competent"
    await office.post("bruno", "visas")
    await areas.set_state(by, "visas", State.ARCHIVED)
    with pytest.raises(Forbidden):
        await office.post("bruno", "visas")
    _, posts = await office.groupware.newest(office.town.caller("bruno"), "visas")
    assert [post.subject for post in posts] == ["[TLP:AMBER] Words"]
    assert [each.room.code for each in await office.groupware.overview(office.town.caller("bruno"))] == [
        "return",
        "visas-fraud",
        "visas",
    ]
    await areas.set_state(by, "visas", State.OPEN)
    await areas.rename(by, "visas", "Visas and borders")
    line = (await areas.area(by, "visas")).line
    assert (line.name, line.version, line.body) == ("Visas and borders", 2, "Aland")


async def test_an_area_is_closed_and_archived_with_its_rooms_which_come_back_as_they_were(office: Office) -> None:
    areas, by = office.areas, office.admin
    for code, state in (("one", State.OPEN), ("two", State.CLOSED), ("three", State.ARCHIVED)):
        await areas.open_room(by, "return", code, replace(FLIGHTS, name=code))
        await areas.set_state(by, code, state)

    async def states() -> list[str]:
        line = (await areas.area(by, "return")).line
        return [line.state, *(room.state for room in line.rooms)]

    assert await states() == ["open", "open", "open", "archived", "closed"]
    seen = (await areas.area(by, "return")).line.version
    await areas.set_area_state(by, "return", State.CLOSED, seen)
    assert await states() == ["closed", "closed", "closed", "archived", "closed"]
    with pytest.raises(Forbidden):
        await office.post("anna", "return")
    for refused in (
        areas.set_state(by, "one", State.OPEN),
        areas.open_room(by, "return", "four", FLIGHTS),
    ):
        with pytest.raises(Refused, match="area-closed"):
            await refused
    with pytest.raises(Conflict, match="changed-meanwhile"):
        await areas.set_area_state(by, "return", State.OPEN, seen)
    await areas.set_state(by, "one", State.ARCHIVED)
    await areas.set_area_state(by, "return", State.ARCHIVED)
    assert await states() == ["archived"] * 5
    assert [room.archived for room in await office.groupware.rooms(office.town.caller("anna"))] == [True]
    await areas.set_area_state(by, "return", State.CLOSED)
    assert await states() == ["closed", "archived", "closed", "archived", "closed"]
    await areas.set_area_state(by, "return", State.OPEN)
    assert await states() == ["open", "archived", "open", "archived", "closed"]
    await office.post("anna", "return")
    acts = [change.act for change in (await areas.area(by, "return")).changes]
    assert [act for act in acts if act.startswith("area-")] == [
        "area-open", "area-closed", "area-archived", "area-closed",
    ]  # fmt: skip
    for name in ("anna", "bruno"):
        caller = office.town.caller(name, Door.PORTAL, strong=True)
        with pytest.raises(Forbidden):
            await areas.set_area_state(caller, "return", State.CLOSED)


async def test_the_name_of_a_hidden_room_shows_in_no_folder(office: Office) -> None:
    await office.areas.open_room(office.admin, "return", "return-charter", FLIGHTS, "return")
    await office.areas.give_access(office.admin, "return-charter", Asked("reader", "official:otto", "test"))
    assert await office.folders("otto") == ["Areas/liaison", "Areas/return-charter"]


async def test_every_act_is_on_record_with_who_did_it(office: Office) -> None:
    areas, by = office.areas, office.admin
    await areas.open_room(by, "return", "return-charter", FLIGHTS)
    rule = await areas.give_access(None, "return-charter", Asked("reader", "body:bb", "test"))
    await areas.end_access(by, "return-charter", rule)
    await areas.end_access(by, "return-charter", rule)
    await areas.change_room(by, "return-charter", replace(FLIGHTS, topic="Joint flights", patience=2))
    changes = (await areas.room(by, "return-charter")).changes
    assert [(change.by, change.act) for change in reversed(changes)] == [
        ("Clara", "room-opened"),
        ("the operator", "access-given"),
        ("Clara", "access-ended"),
        ("Clara", "room-changed"),
    ]
    assert changes[0].detail["was"] == {"topic": "", "patience": 24 * 3_600_000_000}


def with_mailbox(tx: Tx) -> None:
    """A unit is written to by a name that a room could have."""
    first = tx.connection.scalar(select(directory.unit.c.id).limit(1))
    known = units.get(tx.connection, first)
    units.change(tx.connection, replace(known, address=f"returns@{DOMAIN}"))


async def test_codes_fit_every_door_and_are_never_used_again(office: Office) -> None:
    areas, by = office.areas, office.admin
    for code in (
        "Return",
        "a",
        "-a",
        "a--b",
        "1st",
        "ä",
        "a.b",
        "autodiscover",
        "postmaster",
        "all",
        "x" * 41,
        "a b",
        "a\0b",
        "a\n",
    ):
        with pytest.raises(Refused, match="unfit-code"):
            await areas.open_room(by, "return", code, FLIGHTS)
    await areas.open_room(by, "return", "charter", FLIGHTS)
    await areas.set_state(by, "charter", State.ARCHIVED)
    await office.groupware.store.run(with_mailbox)
    for code in ("charter", "return", "liaison", "anna", "returns"):
        with pytest.raises(Conflict, match="code-taken"):
            await areas.open_room(by, "return", code, FLIGHTS)
    with pytest.raises(Conflict, match="code-taken"):
        await areas.found(by, "charter", "Charter", "aa")


async def test_settings_that_no_room_has(office: Office) -> None:
    wrong = {
        "marking-too-loose": replace(FLIGHTS, marking=Marking.CLEAR),
        "handling-too-loose": replace(FLIGHTS, handling=4),
        "unfit-retention": replace(FLIGHTS, retention="For ever"),
        "unfit-patience": replace(FLIGHTS, patience=-1),
        "unfit-text": replace(FLIGHTS, name="two\nlines"),
        "no-such-unit": replace(FLIGHTS, owner="aa/nothing"),
    }
    for rule, settings in wrong.items():
        with pytest.raises(Refused, match=rule):
            await office.areas.change_room(office.admin, "return", settings)
    await office.areas.open_room(office.admin, "return", "strict", replace(FLIGHTS, marking=Marking.RED, handling=2))
    await office.areas.open_room(office.admin, "return", "below", FLIGHTS, "strict")
    below = (await office.areas.room(office.admin, "below")).settings
    assert (below.marking, below.handling) == (Marking.RED, 2), "a sub-theme begins as strict as its room"
    for rule, looser in {
        "marking-too-loose": replace(below, marking=Marking.AMBER),
        "handling-too-loose": replace(below, handling=1),
    }.items():
        with pytest.raises(Refused, match=rule):
            await office.areas.change_room(office.admin, "below", looser)
    for under in ("below", "liaison"):
        with pytest.raises(Refused, match="unfit-parent"):
            await office.areas.open_room(office.admin, "return", "deeper", FLIGHTS, under)


async def test_who_saw_an_older_version_is_told(office: Office) -> None:
    areas, by = office.areas, office.admin
    await areas.change_room(by, "return", replace(FLIGHTS, name="First"), 1)
    for act in (
        areas.change_room(by, "return", FLIGHTS, 1),
        areas.set_state(by, "return", State.CLOSED, 1),
    ):
        with pytest.raises(Conflict, match="changed-meanwhile"):
            await act
    await areas.rename(by, "return", "Returns", 1)
    with pytest.raises(Conflict, match="changed-meanwhile"):
        await areas.rename(by, "return", "Return", 1)


async def test_nobody_else_does_any_of_it(office: Office) -> None:
    """Bruno manages the room, but not the area; dora moderates it; otto manages another; clara signed in weakly."""
    areas, town = office.areas, office.town
    strong = {name: town.caller(name, Door.PORTAL, strong=True) for name in ("bruno", "otto")}
    weak = town.caller("clara", Door.API)
    before = await _everything(office)
    for by in (strong["otto"], weak, town.caller("bruno")):
        for act in (
            areas.change_room(by, "return", FLIGHTS),
            areas.set_state(by, "return", State.CLOSED),
            areas.give_access(by, "return", Asked("reader", "everybody", "test")),
            areas.end_access(by, "return", 1),
            areas.set_deputy(by, "return", "dora", deputy=True),
            areas.room(by, "return"),
        ):
            with pytest.raises((Forbidden, NotFound)):
                await act
    for by in (*strong.values(), weak):
        for act in (
            areas.found(by, "visas", "Visas", "aa"),
            areas.rename(by, "return", "Mine"),
            areas.set_competence(by, "return", "bb/u", given=True),
            areas.open_room(by, "return", "mine", FLIGHTS),
            areas.area(by, "return"),
        ):
            with pytest.raises((Forbidden, NotFound)):
                await act
    assert await _everything(office) == before


async def _everything(office: Office) -> object:
    def rows(snapshot: object) -> object:
        connection = snapshot.connection  # type: ignore[attr-defined] # a snapshot's
        return [
            list(connection.execute(select(table))) for table in (room_change, directory.role_grant, directory.area)
        ]

    return await office.groupware.store.read(rows)


async def test_who_gives_access_gives_none_to_themselves(office: Office) -> None:
    """Clara runs the directory, so she'd see nothing anyway; bruno manages and loses his own right to read by hand."""
    areas, by = office.areas, office.town.caller("bruno", Door.PORTAL, strong=True)
    await areas.open_room(office.admin, "return", "charter", FLIGHTS)
    await areas.give_access(office.admin, "charter", Asked("manager", "official:bruno", "he runs it"))
    for whom in ("everybody", "body:bb", "unit:bb/u", "official:bruno"):
        for right in ("reader", "poster", "manager"):
            await areas.give_access(by, "charter", Asked(right, whom, "test"))
    assert "charter" not in await office.rooms("bruno")
    assert "charter" in await office.rooms("anna")


async def test_who_manages_the_room_only_does_not_take_the_four_eyes_from_it(office: Office) -> None:
    areas, by = office.areas, office.town.caller("bruno", Door.PORTAL, strong=True)
    await areas.open_room(office.admin, "return", "charter", FLIGHTS)
    await areas.give_access(office.admin, "charter", Asked("manager", "official:bruno", "he runs it"))
    with pytest.raises(Refused, match="moderation-is-the-areas"):
        await areas.change_room(by, "charter", replace(FLIGHTS, moderated=False))
    await areas.change_room(by, "charter", replace(FLIGHTS, topic="Joint flights"))
    await areas.change_room(office.admin, "charter", replace(FLIGHTS, moderated=False))
    await areas.change_room(by, "charter", replace(FLIGHTS, moderated=False, topic="Others"))
    barred = replace(FLIGHTS, moderated=False, bars_personal_data=True)
    await areas.change_room(by, "charter", barred)
    with pytest.raises(Refused, match="moderation-is-the-areas"):
        await areas.change_room(by, "charter", replace(barred, bars_personal_data=False))
    await areas.open_room(office.admin, "return", "seats", FLIGHTS, under="charter")
    assert (await areas.room(office.admin, "seats")).settings.bars_personal_data
    with pytest.raises(Refused, match="personal-data-barred-above"):
        await areas.change_room(office.admin, "seats", FLIGHTS)


async def test_rules_that_nobody_can_give(office: Office) -> None:
    areas, by = office.areas, office.admin
    for right, whom in (
        ("moderator", "everybody"),
        ("sender", "everybody"),
        ("reader", "role:moderator"),
        ("reader", "role:"),
        ("manager", "role:organiser"),
        ("manager", "role:liaison-officer"),
        ("reader", "body:xx"),
        ("reader", "official:nobody"),
        ("reader", "someone"),
    ):
        with pytest.raises(Refused, match=r"unfit"):
            await areas.give_access(by, "return", Asked(right, whom, "test"))
    with pytest.raises(Refused, match="unfit-text"):
        await areas.give_access(by, "return", Asked("reader", "everybody", " "))
    with pytest.raises(Refused, match="unfit"):
        await areas.give_access(by, "return", Asked("reader", "everybody", "test", until=5))
    other = await areas.give_access(by, "liaison", Asked("reader", "everybody", "test"))
    with pytest.raises(NotFound):
        await areas.end_access(by, "return", other)


async def test_the_sheet_says_who_may_what_by_body(office: Office) -> None:
    sheet = await office.areas.room(office.admin, "return")
    named = {may: {group.body: [one.name for one in group.people] for group in sheet.may[may]} for may in May}
    assert named[May.READ] == {"Aland": ["Anna", "Dora"], "Borland": ["Bruno"]}
    assert named[May.MODERATE] == {"Aland": ["Dora"]}
    assert named[May.MANAGE] == {"Aland": ["Anna", "Clara", "Dora"], "Borland": ["Bruno"]}
    await office.areas.set_deputy(office.admin, "return", "dora", deputy=True)
    sheet = await office.areas.room(office.admin, "return")
    assert [one.deputy for group in sheet.may[May.MODERATE] for one in group.people] == [True]
    with pytest.raises(Refused, match="no-moderator"):
        await office.areas.set_deputy(office.admin, "return", "anna", deputy=True)


async def test_a_rule_for_somebody_unseen_is_refused_like_one_for_nobody_and_pages_do_not_name_them(
    office: Office,
) -> None:
    """Bruno runs the room and is of another body than Anna, who isn't listed: a rule would tell him of her."""
    bruno, code = replace(office.town.caller("bruno"), strong=True), "return"
    rule = await office.areas.give_access(office.admin, code, Asked("reader", "official:anna", "she works on it"))

    def unlist(tx: Tx) -> None:
        anna = officials.get(tx.connection, office.town.people["anna"])
        officials.change(tx.connection, replace(anna, listed=False))
        rights.bump(tx.connection)

    await office.groupware.store.run(unlist)
    for absent in ("anna", "anna@iconet.test", "nobody.here"):
        with pytest.raises(Refused, match=f"there is no '{absent}'"):
            await office.areas.give_access(bruno, code, Asked("reader", f"official:{absent}", "test"))
    sheet = await office.areas.room(bruno, code)
    (card,) = [each for each in sheet.rules if each.id == rule]
    assert (card.whom, card.called) == ("official:", "An official whom you may not see")
    assert "anna" not in str([each.detail for each in sheet.changes])
    assert "official:anna" in str((await office.areas.room(None, code)).rules)
