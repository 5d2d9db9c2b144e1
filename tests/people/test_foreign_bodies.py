"""The admin of one body reads and writes nothing of another's, and widens no right of their own, by whatever verb."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from foreign import (
    BEFORE,
    CANARY,
    CURRENT,
    FACADES,
    HIDDEN,
    VERSIONS,
    Verb,
    existing,
    foreign_rows,
    mark,
    powers,
    side,
    standing,
    unasked,
    verbs,
    version_of,
    widened,
)
from foreign_duties import begin
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from people_world import World, opened_at

from directory import bodies
from groupware.errors import Forbidden, IconetError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Place
    from foreign import Side

    from groupware.provisioning.authority import Machine
    from groupware.store import Snapshot

VERBS = tuple(verbs())
OWN = ("adela", "carol")
"""A directory admin and the contact point of one body."""
SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
OFTEN, MORE_OFTEN = settings(max_examples=25, **SHARED), settings(max_examples=70, **SHARED)


@dataclass
class Stage:
    """A world with a loop of its own, which the examples of a test share: each begins where the last has ended."""

    runner: asyncio.Runner
    world: World
    own: Side
    other: Side
    body: int
    machine: Machine

    def read(self, query: Any) -> Any:  # noqa: ANN401 -- as the store's
        return self.runner.run(self.world.groupware.store.read(query))

    def call(self, verb: Verb, name: str, arguments: dict[str, Any]) -> object:
        """The verb's answer, or its error."""
        facade = getattr(self.world.groupware, verb.facade)
        caller: Any = self.machine if FACADES[verb.facade].machine else self.world.strong(name)
        for each in VERSIONS:
            if arguments.get(each) == CURRENT:
                arguments[each] = self.read(lambda s: version_of(s, verb, arguments))
        try:
            if str(verb) in BEFORE:
                arguments["digest"] = self.runner.run(BEFORE[str(verb)][1](facade, caller, arguments))
            return self.runner.run(getattr(facade, verb.name)(caller, **arguments))
        except IconetError as error:
            return error


async def _staged(place: Place) -> tuple[World, Side, Side, int, Machine]:
    world = await opened_at(place)
    numbers = await world.groupware.store.read(_numbers)
    await world.groupware.store.run(lambda tx: mark(tx, numbers["bb"]))
    await world.groupware.store.run(lambda tx: begin(tx, numbers["aa"], "adela", "carol", ("anna", "clara", "emil")))
    await world.groupware.store.run(lambda tx: begin(tx, numbers["bb"], "bela", "dana", ("bruno", "otto", "bela")))
    sides = [await world.groupware.store.read(lambda s, c=code: side(s, c, numbers[c])) for code in ("aa", "bb")]
    _, token = await world.groupware.provisioning.issue("aa", "test", 30)
    machine = await world.groupware.provisioning.open(token, "192.0.2.1")
    return world, sides[0], sides[1], numbers["aa"], machine


def _numbers(snapshot: Snapshot) -> dict[str, int]:
    found = {code: bodies.find(snapshot.connection, code) for code in ("aa", "bb")}
    return {code: each.id for code, each in found.items() if each is not None}


@pytest.fixture
def stage(sqlite_place: Place) -> Iterator[Stage]:
    with asyncio.Runner() as runner:
        world, own, other, body, machine = runner.run(_staged(sqlite_place))
        yield Stage(runner, world, own, other, body, machine)
        runner.run(world.close())


def drawn(data: st.DataObject, verb: Verb, sides: Mapping[str, Side], usual: Side) -> dict[str, Any]:
    """Arguments for a verb: what it is about from the side that `sides` says, the rest from either."""
    arguments = {}
    for name in (*verb.names, *BEFORE.get(str(verb), ((), None))[0]):
        draws = verb.drawn(name)
        assert draws, f"{verb}: nobody says how {name} is drawn"
        strategy = draws(sides.get(name, usual))
        if name == "entry":
            strategy = strategy.filter(lambda value: isinstance(value, verb.entry_type()))
        arguments[name] = data.draw(strategy, label=name)
    return arguments


def test_the_verbs_are_found() -> None:
    assert {verb.facade for verb in VERBS} == set(FACADES)
    known = {"areas.give_access", "people.add", "people.change_unit", "people.accept", "people.confirm"}
    assert known <= {str(verb) for verb in VERBS}


@pytest.mark.parametrize("facade", FACADES)
def test_whoever_acts_is_named(facade: str) -> None:
    assert unasked(facade) == FACADES[facade].unasked


@pytest.mark.parametrize("verb", VERBS, ids=str)
@given(data=st.data())
@OFTEN
def test_nothing_of_another_body_is_read_or_written(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(OWN), label="who")
    sides = {each: data.draw(st.sampled_from((stage.own, stage.other)), label=each) for each in sorted(verb.naming)}
    arguments = drawn(data, verb, sides, data.draw(st.sampled_from((stage.own, stage.other))))
    if FACADES[verb.facade].reaches:
        assume(all(each is stage.other for each in sides.values()))
    before = stage.read(lambda s: foreign_rows(s, stage.body))
    answer = stage.call(verb, name, arguments)
    assert stage.read(lambda s: foreign_rows(s, stage.body)) == before
    assert HIDDEN not in repr(answer)
    if verb.public:
        return
    assert CANARY not in repr(answer)
    if sides and all(each is stage.other for each in sides.values()):
        assert isinstance(answer, NotFound | Forbidden)


@pytest.mark.parametrize("verb", [each for each in VERBS if not FACADES[each.facade].machine], ids=str)
@given(data=st.data())
@MORE_OFTEN
def test_nobody_widens_their_own_rights(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(OWN), label="who")
    caller = stage.world.strong(name)
    arguments = drawn(data, verb, {}, stage.own)
    there, could, was = stage.read(
        lambda s: (existing(s), powers(stage.world, s, caller), standing(s, caller.official))
    )
    stage.call(verb, name, arguments)
    can, stands = stage.read(lambda s: (powers(stage.world, s, caller), standing(s, caller.official)))
    assert {power for power in can - could if power[1:] in there} == set()
    assert not widened(was, stands, lets_go=FACADES[verb.facade].lets_go), (was, stands)
