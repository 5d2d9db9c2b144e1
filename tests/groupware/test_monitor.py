"""What the monitor hands out, what it remembers and how it answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from attack import ROOM, send, settled
from sqlalchemy import delete, update
from town import DOMAIN, build, message

from directory import officials, rights
from directory.tables import role_grant
from groupware import monitor as monitors
from groupware import tables
from groupware.acts import Asked, Happening
from groupware.errors import Forbidden, NotFound
from groupware.facts import Coming
from groupware.monitor import Monitor, StalePermitError, Stamp
from groupware.service import Groupware
from groupware.store import Conditions
from policies.decision import NO_RULE, Policies
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place

    from groupware.store import Snapshot, Store, Tx

pytestmark = pytest.mark.anyio
NOW, LEAVES = 1_000_000, 2_000_000


@pytest.fixture
async def store(sqlite_place: Place) -> AsyncIterator[Store]:
    async with sqlite_place.opened(Conditions(now=lambda: NOW)) as store:
        yield store


@pytest.fixture
def monitor() -> Monitor:
    return Monitor(Policies.load())


async def test_a_permit_is_for_one_act_in_one_transaction(store: Store, monitor: Monitor) -> None:
    town = await store.run(build)
    anna, room = town.caller("anna"), town.rooms["return"]

    def enter(tx: Tx) -> monitors.Permit:
        permit = monitor.require(tx, anna, Action.ENTER, Kind.ROOM, room)
        permit.use(tx, Action.ENTER, room)
        for action, thing in ((Action.POST, room), (Action.ENTER, room + 1)):
            with pytest.raises(StalePermitError, match=f"enter Room {room}"):
                permit.use(tx, action, thing)
        assert (permit.caller, permit.action, permit.kind, permit.resource) == (anna, "enter", "Room", room)
        assert permit.rules == ("reader-enters",)
        assert permit.unit == officials.get(tx.connection, anna.official).unit
        assert [(act.event, act.action, act.rules) for act in tx.acts] == [
            (Happening.PERMITTED, "enter", ("reader-enters",))
        ]
        return permit

    permit = await store.run(enter)
    with pytest.raises(StalePermitError):
        permit.use(permit.snapshot, Action.ENTER, room)

    def elsewhere(tx: Tx) -> None:
        with pytest.raises(StalePermitError):
            permit.use(tx, Action.ENTER, room)

    await store.run(elsewhere)


async def test_a_view_is_of_one_kind_for_its_actions_while_it_lasts(store: Store, monitor: Monitor) -> None:
    town = await store.run(build)

    def look(tx: Tx) -> monitors.View:
        view = monitor.view(tx, town.caller("anna"), Action.LIST, Kind.POST)
        view.use(Kind.POST, Action.READ, Action.LIST)
        for kind, action in ((Kind.MAIL, Action.LIST), (Kind.POST, Action.READ)):
            with pytest.raises(StalePermitError, match="list Post"):
                view.use(kind, action)
        assert (view.caller.name, view.action, view.kind, view.parameters) == ("Anna", "list", "Post", {"now": NOW})
        assert tx.asked == Asked(view.caller, "list", "Post", "")
        assert monitor.view(tx, town.caller("anna"), Action.LIST, Kind.POST).clause is view.clause
        assert monitor.view(tx, town.caller("anna", strong=True), Action.LIST, Kind.POST).clause is not view.clause
        return view

    view = await store.run(look)
    with pytest.raises(StalePermitError):
        view.use(Kind.POST, Action.LIST)


async def test_a_refusal_names_its_rules_and_what_was_asked(store: Store, monitor: Monitor) -> None:
    town = await store.run(build)
    otto, room = town.caller("otto"), town.rooms["return"]

    def refused(tx: Tx) -> None:
        with pytest.raises(Forbidden, match=f"^{NO_RULE}$"):
            monitor.require(tx, otto, Action.ENTER, Kind.ROOM, room)
        assert tx.asked == Asked(otto, "enter", "Room", room, (NO_RULE,))
        assert not monitor.decide(tx, otto, Action.ENTER, Kind.ROOM, room).allowed
        assert monitor.decide(tx, town.caller("anna"), Action.ENTER, Kind.ROOM, room).allowed
        assert tx.asked == Asked(town.caller("anna"), "enter", "Room", room)
        for kind, action, absent in ((Kind.POST, Action.READ, "post 77"), (Kind.ROOM, Action.ENTER, "Room 77")):
            with pytest.raises(NotFound, match=absent):
                monitor.decide(tx, otto, action, kind, 77)

    await store.run(refused)


async def test_an_answer_is_kept_for_kinds_that_last_and_one_version_of_rights(store: Store, monitor: Monitor) -> None:
    town = await store.run(build)
    anna, room = town.caller("anna"), town.rooms["return"]

    def ask(tx: Tx) -> None:
        first = monitor.decide(tx, anna, Action.ENTER, Kind.ROOM, room)
        known = monitor._known[anna.official]
        assert list(known.answers) == [(False, "enter", "Room", room, "")]
        assert monitor.decide(tx, anna, Action.ENTER, Kind.ROOM, room) is first
        assert monitor.decide(tx, replace(anna, strong=True), Action.ENTER, Kind.ROOM, room) is not first
        monitor.decide(tx, anna, Action.MAIL, Kind.OFFICIAL, town.people["otto"])
        assert len(known.answers) == 2
        for kind, action, thing in (
            (Kind.PARTNER, Action.RELAY, "partner.test"),
            (Kind.UNIT, Action.ADMINISTER, 1),
            (Kind.BODY, Action.GOVERN, 1),
        ):
            monitor.decide(tx, anna, action, kind, thing)
        assert len(known.answers) == 5
        assert monitor._known[anna.official] is known
        before = monitor.stamp(tx, anna)
        rights.bump(tx.connection)
        assert monitor.decide(tx, anna, Action.ENTER, Kind.ROOM, room) is not first
        assert monitor._known[anna.official] is not known
        after = monitor.stamp(tx, anna)
        assert (after.version != before.version, after.until) == (True, before.until)

    await store.run(ask)


async def test_what_is_kept_ends_with_the_date_of_an_official(sqlite_place: Place, monitor: Monitor) -> None:
    now = [NOW]
    async with sqlite_place.opened(Conditions(now=lambda: now[0])) as store:
        town = await store.run(build)
        anna, room = town.caller("anna"), town.rooms["return"]

        def leave(tx: Tx) -> None:
            row = officials.get(tx.connection, anna.official)
            officials.change(tx.connection, replace(row, valid_until=LEAVES))

        def enters(snapshot: Snapshot) -> tuple[bool, Stamp]:
            return monitor.decide(snapshot, anna, Action.ENTER, Kind.ROOM, room).allowed, monitor.stamp(snapshot, anna)

        await store.run(leave)
        allowed, stamp = await store.read(enters)
        assert (allowed, stamp.until) == (True, LEAVES)
        now[0] = LEAVES
        allowed, later = await store.read(enters)
        assert (allowed, later.version) == (False, stamp.version)
        assert later.until > LEAVES


async def test_a_right_taken_away_counts_for_the_next_who_looks(store: Store, monitor: Monitor) -> None:
    town = await store.run(build)
    anna, room = town.caller("anna"), town.rooms["return"]

    def enters(snapshot: Snapshot) -> tuple[bool, Stamp]:
        return monitor.decide(snapshot, anna, Action.ENTER, Kind.ROOM, room).allowed, monitor.stamp(snapshot, anna)

    def take_away(tx: Tx) -> None:
        tx.connection.execute(delete(role_grant).where(role_grant.c.official == anna.official))
        rights.bump(tx.connection)

    allowed, stamp = await store.read(enters)
    assert allowed
    assert await store.read(enters) == (True, stamp)
    await store.run(take_away)
    allowed, later = await store.read(enters)
    assert (allowed, later.version != stamp.version) == (False, True)


async def test_memory_is_bounded(store: Store, monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (monitors.MOST_SUBJECTS, monitors.MOST_ANSWERS) == (2_000, 4_000)
    monkeypatch.setattr(monitors, "MOST_SUBJECTS", 2)
    monkeypatch.setattr(monitors, "MOST_ANSWERS", 2)
    town = await store.run(build)

    def ask(tx: Tx) -> list[tuple[int, int]]:
        sizes = []
        for name in ("anna", "bruno", "clara"):
            for room in town.rooms.values():
                monitor.decide(tx, town.caller(name), Action.ENTER, Kind.ROOM, room)
            monitor.decide(tx, town.caller(name), Action.POST, Kind.ROOM, town.rooms["return"])
            sizes.append((len(monitor._known), len(monitor._known[town.people[name]].answers)))
        return sizes

    assert await store.run(ask) == [(1, 1), (2, 1), (1, 1)]


async def test_audiences_are_those_who_may(store: Store, monitor: Monitor) -> None:
    groupware = Groupware(store, DOMAIN)
    town = await store.run(build)
    await send(groupware, town, "dora", message("dora", ROOM, "news", "text"), ROOM)
    await settled(groupware)
    await groupware.parser.close()

    def ask(tx: Tx) -> None:
        room, post = town.rooms["return"], 1
        members = [town.people[name] for name in ("anna", "bruno", "clara", "dora")]
        assert sorted(monitor.usual_readers(tx, room)) == members
        assert sorted(monitor.audience(tx, Action.LIST, Kind.POST, post)) == members
        assert [monitor.reads_usual(tx, town.caller(name), room) for name in ("anna", "otto")] == [True, False]
        _mark(tx, post, Marking.AMBER_STRICT)
        own = [town.people[name] for name in ("anna", "clara", "dora")]
        assert sorted(monitor.audience(tx, Action.LIST, Kind.POST, post)) == own
        _mark(tx, post, Marking.RED)
        assert monitor.audience(tx, Action.LIST, Kind.POST, post) == [town.people["dora"]]
        assert sorted(monitor.audience(tx, Action.LIST, Kind.POST, post, strong=True)) == own
        held = monitor.decide(tx, town.caller("anna"), Action.READ, Kind.POST, post)
        assert held.rules == ("red-needs-strong-login",)
        assert monitor.decide(tx, town.caller("anna", strong=True), Action.READ, Kind.POST, post).allowed
        tx.connection.execute(update(tables.post).values(state="held"))
        assert not monitor.decide(tx, town.caller("anna", strong=True), Action.READ, Kind.POST, post).allowed
        _usual(tx, room, Marking.RED)
        assert monitor.usual_readers(tx, room) == []
        assert not monitor.reads_usual(tx, town.caller("anna", strong=True), room)

    await store.run(ask)


async def test_readers_to_be_are_known_before_the_post(store: Store, monitor: Monitor) -> None:
    town = await store.run(build)

    def ask(tx: Tx) -> None:
        room, dora = town.rooms["return"], town.people["dora"]
        unit = officials.get(tx.connection, dora).unit
        for marking, strong, expected in (
            (Marking.AMBER, False, ("anna", "bruno", "clara", "dora")),
            (Marking.AMBER_STRICT, False, ("anna", "clara", "dora")),
            (Marking.RED, True, ("anna", "clara", "dora")),
            (Marking.RED, False, ("dora",)),
        ):
            clause = monitor.readers_to_be(tx, room, Coming(dora, unit, int(marking), 0), strong=strong)
            found = tx.connection.execute(monitors.select(monitors.directory.official.c.id).where(clause), {"now": NOW})
            assert sorted(found.scalars()) == sorted(town.people[name] for name in expected)

    await store.run(ask)


def _mark(tx: Tx, post: int, marking: Marking) -> None:
    tx.connection.execute(update(tables.post).where(tables.post.c.id == post).values(marking=int(marking)))
    rights.bump(tx.connection)


def _usual(tx: Tx, room: int, marking: Marking) -> None:
    tx.connection.execute(update(tables.room).where(tables.room.c.id == room).values(marking=int(marking)))
    rights.bump(tx.connection)
