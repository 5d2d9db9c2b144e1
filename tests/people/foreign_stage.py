"""Two bodies on a stage: verbs are called in the name of one's admins, and what the other's say is marked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from foreign import BEFORE, CURRENT, FACADES, VERSIONS, Verb, mark, side, version_of
from foreign_duties import begin
from people_world import START, Time, World, opened
from sqlalchemy import delete, insert, select

from directory import bodies, rights
from directory.tables import metadata
from directory.tables import rights as rights_table
from groupware.audit_tables import audit_record, audit_subject
from groupware.errors import IconetError
from groupware.store import Conditions, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dice import Dice
    from foreign import Side
    from hypothesis import strategies as st

    from groupware.provisioning.authority import Machine
    from groupware.store import Snapshot, Tx

Rows = dict[str, list[dict[str, Any]]]


@dataclass(eq=False)
class Stage:
    """A world with a loop of its own, which the examples of a test share: each begins where the last has ended."""

    runner: asyncio.Runner
    world: World
    own: Side
    other: Side
    body: int
    machine: Machine
    rows: Rows
    _told: dict[str, Any] = field(default_factory=dict)

    def again(self) -> None:
        """Have everything as it was in the beginning."""
        self._told.clear()
        self.world.time.now = START
        self.runner.run(self.world.groupware.store.run(lambda tx: _restore(tx, self.rows)))
        self.look()

    def look(self) -> None:
        """Name what there is by now."""
        both = [(each.code, each.number) for each in (self.own, self.other)]
        self.own, self.other = self.read(lambda s: [side(s, *each) for each in both])

    def read(self, query: Any) -> Any:  # noqa: ANN401 -- as the store's
        return self.runner.run(self.world.groupware.store.read(query))

    def told(self, name: str, query: Any) -> Any:  # noqa: ANN401 -- as the store's
        """The same, asked once until somebody acts: what stood after one example stands before the next."""
        if name not in self._told:
            self._told[name] = self.read(query)
        return self._told[name]

    def call(self, verb: Verb, name: str, arguments: dict[str, Any]) -> object:
        """The verb's answer, or its error."""
        self._told.clear()
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


def everything(snapshot: Snapshot) -> Rows:
    """All rows of all tables but the version of the rights, which never goes back, and the log, which has denials."""
    apart = {rights_table.name, audit_record.name, audit_subject.name}
    tables = [table for table in metadata.sorted_tables if table.name not in apart]
    connection = snapshot.connection
    found = ((each, connection.execute(select(each).order_by(*each.primary_key)).mappings()) for each in tables)
    return {table.name: [dict(row) for row in rows] for table, rows in found}


def _restore(tx: Tx, rows: Rows) -> None:
    for name in reversed(rows):
        tx.connection.execute(delete(metadata.tables[name]))
    for name, each in rows.items():
        if each:
            tx.connection.execute(insert(metadata.tables[name]), each)
    rights.bump(tx.connection)


async def _built(where: str | Path, directory: Path) -> tuple[World, Side, Side, int, Machine, Rows]:
    time = Time()
    world = await opened(open_store(where, directory=directory, conditions=Conditions(now=time)), time)
    numbers = await world.groupware.store.read(_numbers)
    await world.groupware.store.run(lambda tx: mark(tx, numbers["bb"]))
    await world.groupware.store.run(lambda tx: begin(tx, numbers["aa"], "adela", "carol", ("anna", "clara", "emil")))
    await world.groupware.store.run(lambda tx: begin(tx, numbers["bb"], "bela", "dana", ("bruno", "otto", "bela")))
    sides = [await world.groupware.store.read(lambda s, c=code: side(s, c, numbers[c])) for code in ("aa", "bb")]
    _, token = await world.groupware.provisioning.issue("aa", "test", 30)
    machine = await world.groupware.provisioning.open(token, "192.0.2.1")
    rows = await world.groupware.store.read(everything)
    return world, sides[0], sides[1], numbers["aa"], machine, rows


def _numbers(snapshot: Snapshot) -> dict[str, int]:
    found = {code: bodies.find(snapshot.connection, code) for code in ("aa", "bb")}
    return {code: each.id for code, each in found.items() if each is not None}


def staged(where: str | Path, directory: Path) -> Iterator[Stage]:
    """For a fixture."""
    with asyncio.Runner() as runner:
        world, *rest = runner.run(_built(where, directory))
        yield Stage(runner, world, *rest)
        runner.run(world.close())


def drawn(data: st.DataObject | Dice, verb: Verb, sides: Mapping[str, Side], usual: Side) -> dict[str, Any]:
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
