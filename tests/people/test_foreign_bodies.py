"""The admin of one body reads and writes nothing of another's, and widens no right of their own, by whatever verb."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest
from foreign import FACADES, Verb, unasked
from foreign_checks import OF_PEOPLE, OWN, VERBS, nothing_foreign, nothing_widened
from foreign_stage import Stage, drawn, staged
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from groupware.errors import IconetError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Place

SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
OFTEN, MORE_OFTEN = settings(max_examples=25, **SHARED), settings(max_examples=70, **SHARED)
NO_ADMINISTRATION = {
    "address_books": "reads by the monitor's views",
    "book": "reads by the monitor's views",
    "directory_pages": "reads by the monitor's views",
    "folders": "is content, and one's own mailbox",
    "identity": "is about one's own account",
    "indexer": "follows events",
    "live": "follows events",
    "matrix": "is the homeserver's, and content",
    "parser": "reads messages",
    "provider": "is about one's own sign-ons; its clients are the operator's",
    "sign_in": "says who somebody is",
    "store": "is below all of it",
    "web_sessions": "is about one's own sessions",
}
"""Parts of the groupware with coroutines that aren't facades of administration."""


@pytest.fixture
def stage(sqlite_place: Place) -> Iterator[Stage]:
    yield from staged(sqlite_place)


def test_the_verbs_are_found() -> None:
    assert {verb.facade for verb in VERBS} == set(FACADES)
    known = {"areas.give_access", "people.add", "people.change_unit", "people.accept", "people.confirm"}
    assert known <= {str(verb) for verb in VERBS}


def test_each_part_of_the_groupware_is_one_of_administration_or_says_why_not(stage: Stage) -> None:
    groupware = vars(stage.world.groupware)
    parts = {name for name, part in groupware.items() if not name.startswith("_") and _has_coroutines(part)}
    assert parts == {*FACADES, *NO_ADMINISTRATION}


def _has_coroutines(part: object) -> bool:
    calls = inspect.getmembers(type(part), inspect.iscoroutinefunction)
    return any(not name.startswith("_") for name, _ in calls)


@pytest.mark.parametrize("facade", FACADES)
def test_whoever_acts_is_named(facade: str) -> None:
    assert unasked(facade) == FACADES[facade].unasked


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_each_verb_does_something_for_the_own_body(stage: Stage, verb: Verb) -> None:
    """Or the properties below would hold of arguments that nobody could ever act with."""
    done: list[object] = []

    @given(data=st.data())
    @settings(max_examples=250, phases=[Phase.generate], derandomize=True, **SHARED)
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
    nothing_foreign(stage, verb, data)


@pytest.mark.parametrize("verb", OF_PEOPLE, ids=str)
@given(data=st.data())
@MORE_OFTEN
def test_nobody_widens_their_own_rights(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    nothing_widened(stage, verb, data)
