from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from directory import areas, bodies, rights, units
from directory.errors import TakenError, UnfitError, UnknownEntryError
from directory.tables import metadata, unit_above, unit_competence

if TYPE_CHECKING:
    from sqlalchemy import Connection

COMPETENCES = 3


@dataclass
class Tree:
    """The naive model: parents in a dictionary, everything else by walking up."""

    parents: dict[int, int | None] = field(default_factory=dict)
    given: set[tuple[int, int]] = field(default_factory=set)

    def chain(self, unit: int | None) -> list[int]:
        return [] if unit is None else [unit, *self.chain(self.parents[unit])]

    def closure(self) -> set[tuple[int, int]]:
        return {(above, unit) for unit in self.parents for above in self.chain(unit)}

    def competent(self) -> set[tuple[int, int, bool]]:
        above = {(c, u) for u in self.parents for a in self.chain(u) for c, holder in self.given if holder == a}
        return {(c, u, (c, u) in self.given) for c, u in above}


def _closure(connection: Connection) -> set[tuple[int, int]]:
    return {(row.above, row.unit) for row in connection.execute(select(unit_above))}


def _competent(connection: Connection) -> set[tuple[int, int, bool]]:
    return {(row.competence, row.unit, row.given) for row in connection.execute(select(unit_competence))}


def _body(connection: Connection, code: str = "EST") -> int:
    return bodies.create(connection, code, code, bodies.BodyKind.MEMBER_STATE)


STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "move", "give", "take"]), st.integers(0, 50), st.integers(0, 50)),
    max_size=25,
)


def _apply(connection: Connection, tree: Tree, body: int, step: tuple[str, int, int]) -> None:
    what, left, right = step
    if what == "create" or not tree.parents:
        parent = [None, *tree.parents][right % (len(tree.parents) + 1)]
        tree.parents[units.create(connection, body, f"u{len(tree.parents)}", "A unit", parent)] = parent
        return
    unit = list(tree.parents)[left % len(tree.parents)]
    if what == "move":
        _move(connection, tree, unit, [None, *tree.parents][right % (len(tree.parents) + 1)])
        return
    competence = right % COMPETENCES + 1
    if what == "give":
        units.give_competence(connection, unit, competence)
        tree.given.add((competence, unit))
    else:
        units.take_competence(connection, unit, competence)
        tree.given.discard((competence, unit))


def _move(connection: Connection, tree: Tree, unit: int, parent: int | None) -> None:
    if unit in tree.chain(parent):
        with pytest.raises(UnfitError):
            units.move(connection, unit, parent)
        return
    units.move(connection, unit, parent)
    tree.parents[unit] = parent


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_closure_and_competences_follow_every_change_of_the_tree(steps: list[tuple[str, int, int]]) -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        body, tree = _body(connection), Tree()
        for number in range(COMPETENCES):
            areas.create_competence(connection, f"c{number}")
        for step in steps:
            _apply(connection, tree, body, step)
            assert _closure(connection) == tree.closure()
            assert _competent(connection) == tree.competent()
    engine.dispose()


def test_a_unit_stays_in_its_body(connection: Connection) -> None:
    home, abroad = _body(connection), _body(connection, "FIN")
    unit, other = units.create(connection, home, "a", "A"), units.create(connection, abroad, "a", "A")
    with pytest.raises(UnfitError):
        units.move(connection, unit, other)
    with pytest.raises(UnfitError):
        units.create(connection, home, "b", "B", other)
    with pytest.raises(TakenError):
        units.create(connection, home, "a", "Again")
    with pytest.raises(UnknownEntryError):
        units.move(connection, 99, unit)


def test_every_change_of_the_tree_raises_the_version(connection: Connection) -> None:
    body = _body(connection)
    low, high = units.create(connection, body, "a", "A"), units.create(connection, body, "b", "B")
    competence = areas.create_competence(connection, "return")
    versions = [rights.version(connection)]
    for change in (
        lambda: units.move(connection, low, high),
        lambda: units.give_competence(connection, high, competence),
        lambda: units.take_competence(connection, high, competence),
    ):
        change()
        versions.append(rights.version(connection))
    assert versions == sorted(set(versions))
