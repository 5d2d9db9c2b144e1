"""Two bodies on a stage: verbs are called in the name of one's admins, and what the other's say is marked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foreign import BEFORE, CURRENT, FACADES, VERSIONS, Verb, mark, side, version_of
from foreign_duties import begin
from people_world import World, opened_at

from directory import bodies
from groupware.errors import IconetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Place
    from foreign import Side
    from hypothesis import strategies as st

    from groupware.provisioning.authority import Machine
    from groupware.store import Snapshot


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


async def _built(place: Place) -> tuple[World, Side, Side, int, Machine]:
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


def staged(place: Place) -> Iterator[Stage]:
    """For a fixture."""
    with asyncio.Runner() as runner:
        world, own, other, body, machine = runner.run(_built(place))
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
