"""Whatever the people of one body do one after the other, they reach no right outside it, nobody one for themselves.

All of them together may turn to any verb; what then can be done outside their body must have been possible before for
one of them (a hand-over moves it from one to another). Alone, an admin, a contact point or a deputy stands afterwards
as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from foreign import FACADES, Verb, existing, powers, standing, verbs, widened
from foreign_stage import Stage, drawn, staged
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conftest import Place

VERBS = [each for each in verbs() if not FACADES[each.facade].machine]
BAND = ("adela", "alma", "carol", "clara", "anna", "emil", "dora")
ALONE = ("adela", "carol", "clara")
STEPS = 30
SOME = settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None
)
INNER = {"Official", "Unit", "Body"}


@pytest.fixture
def stage(sqlite_place: Place) -> Iterator[Stage]:
    yield from staged(sqlite_place)


def outside(stage: Stage, snapshot: Any, there: set[tuple[str, Any]]) -> set[tuple[str, str, Any]]:  # noqa: ANN401 -- a snapshot
    """What all of the band together may do to what was there before and isn't their body's."""
    own = {("Body", stage.body)} | {("Unit", each) for each in stage.own.units}
    own |= {("Official", each) for each in stage.own.officials} | {("Room", each) for each in stage.own.rows["room"]}
    found: set[tuple[str, str, Any]] = set()
    for name in BAND:
        found |= powers(stage.world, snapshot, stage.world.strong(name))
    return {each for each in found if each[1:] in there - own and each[1] not in ("Mail", "Area")}


def one_step(stage: Stage, data: st.DataObject, actors: Sequence[str]) -> None:
    """Somebody does something to somebody."""
    verb: Verb = data.draw(st.sampled_from(VERBS))
    sides = {each: data.draw(st.sampled_from((stage.own, stage.own, stage.other))) for each in sorted(verb.naming)}
    arguments = drawn(data, verb, sides, data.draw(st.sampled_from((stage.own, stage.other))))
    stage.call(verb, data.draw(st.sampled_from(actors)), arguments)


@given(data=st.data())
@SOME
def test_a_band_reaches_no_right_outside_its_body(stage: Stage, data: st.DataObject) -> None:
    there = stage.read(existing)
    could = stage.read(lambda s: outside(stage, s, there))
    for _ in range(STEPS):
        one_step(stage, data, BAND)
    can = stage.read(lambda s: outside(stage, s, there))
    assert can <= could


@pytest.mark.parametrize("name", ALONE)
@given(data=st.data())
@SOME
def test_nobody_gains_anything_alone(stage: Stage, name: str, data: st.DataObject) -> None:
    caller = stage.world.strong(name)
    there, could, was = stage.read(
        lambda s: (existing(s), powers(stage.world, s, caller), standing(s, caller.official))
    )
    for _ in range(STEPS):
        one_step(stage, data, (name,))
    can, stands = stage.read(lambda s: (powers(stage.world, s, caller), standing(s, caller.official)))
    assert {power for power in can - could if power[1:] in there} == set()
    assert not widened(was, stands, lets_go=True)
