"""The admin of one body reads and writes nothing of another's, and widens no right of their own, by whatever verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from foreign import (
    CANARY,
    FACADES,
    HIDDEN,
    Verb,
    existing,
    foreign_rows,
    powers,
    standing,
    unasked,
    verbs,
    widened,
)
from foreign_stage import Stage, drawn, staged
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from groupware.errors import Forbidden, IconetError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Place

VERBS = tuple(verbs())
OWN = ("adela", "carol")
"""A directory admin and the contact point of one body."""
SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
OFTEN, MORE_OFTEN = settings(max_examples=25, **SHARED), settings(max_examples=70, **SHARED)


@pytest.fixture
def stage(sqlite_place: Place) -> Iterator[Stage]:
    yield from staged(sqlite_place)


def test_the_verbs_are_found() -> None:
    assert {verb.facade for verb in VERBS} == set(FACADES)
    known = {"areas.give_access", "people.add", "people.change_unit", "people.accept", "people.confirm"}
    assert known <= {str(verb) for verb in VERBS}


@pytest.mark.parametrize("facade", FACADES)
def test_whoever_acts_is_named(facade: str) -> None:
    assert unasked(facade) == FACADES[facade].unasked


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_each_verb_does_something_for_the_own_body(stage: Stage, verb: Verb) -> None:
    """Or the properties below would hold of arguments that nobody could ever act with."""
    done: list[object] = []

    @given(data=st.data())
    @settings(max_examples=400, phases=[Phase.generate], derandomize=True, **SHARED)
    def attempt(data: st.DataObject) -> None:
        name, arguments = data.draw(st.sampled_from(OWN)), drawn(data, verb, {}, stage.own)
        if not done:
            answer = stage.call(verb, name, arguments)
            done.extend([] if isinstance(answer, IconetError) else [answer])

    attempt()
    assert done


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
