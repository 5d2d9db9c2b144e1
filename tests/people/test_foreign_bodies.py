"""The admin of one body reads and writes nothing of another's, and widens no right of their own, by whatever verb."""

from __future__ import annotations

import inspect

import pytest
from dice import Dice
from foreign import FACADES, Verb, unasked
from foreign_checks import OF_PEOPLE, VERBS, nothing_foreign, nothing_unasked, nothing_widened
from foreign_stage import Stage, drawn, everything
from foreign_states import READING, WANTED
from foreign_walks import BAND
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groupware.errors import Forbidden, IconetError, NotFound

SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
OFTEN, MORE_OFTEN = settings(max_examples=25, **SHARED), settings(max_examples=70, **SHARED)
TRIES = 300
NO_ADMINISTRATION = {
    "address_books": "reads by the monitor's views",
    "alarm": "tells security officers of what was refused",
    "acknowledging": "is content, by the monitor's views; tests/acknowledging",
    "backups": "is the operator's; no official can ask for one",
    "secrecy": "is the operator's; no official can ask for it",
    "audit": "reads one's own body's log: test_log_shown.py; forgetting is the operator's",
    "marks": "is the owner's word on content; tests/model/",
    "confirmation": "is content, and one's own posts",
    "book": "reads by the monitor's views",
    "directory_pages": "reads by the monitor's views",
    "drafting": "is content, and a colleague's word on it; tests/groupware/test_drafts.py",
    "explaining": "reads by the monitor's views, and one's own; tests/glass/test_explaining.py",
    "folders": "is content, and one's own mailbox",
    "glass": "is two security officers' of different bodies; tests/glass",
    "identity": "is about one's own account",
    "indexer": "follows events",
    "live": "follows events",
    "matrix": "is the homeserver's, and content",
    "parser": "reads messages",
    "provider": "is about one's own sign-ons; its clients are the operator's",
    "retention": "is security officers', for their own body; tests/groupware/test_retention.py",
    "releases": "is content, by the monitor's views; tests/releases",
    "sign_in": "says who somebody is",
    "store": "is below all of it",
    "web_sessions": "is about one's own sessions",
}
"""Parts of the groupware with coroutines that aren't facades of administration."""


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


def test_what_wants_something_first_is_a_verb() -> None:
    assert {*WANTED} <= {*map(str, VERBS)}


@pytest.mark.parametrize("verb", [each for each in VERBS if str(each) not in WANTED], ids=str)
def test_each_verb_does_something_for_the_own_body(stage: Stage, verb: Verb) -> None:
    """Or the properties below would hold of arguments that nobody could ever act with.

    Those that want something first have it in the next test, and do something there.
    """
    dice = Dice(1)
    others = [each for each in VERBS if each.facade == verb.facade]
    for number in range(TRIES):
        if number % 20 == 0:
            stage.again()
        if number % 2:
            _tried(stage, dice, dice.random.choice(others))
            stage.look()
        if _tried(stage, dice, verb):
            break
    else:
        pytest.fail("it never does anything")


@pytest.mark.parametrize("name", WANTED)
def test_nobody_does_to_anothers_what_its_own_people_may(stage: Stage, name: str) -> None:
    """By the same arguments, so that it is for want of leave and not of something to do it to."""
    (verb,) = [each for each in VERBS if str(each) == name]
    whose, arguments = stage.runner.run(WANTED[name](stage))
    before = stage.read(everything)
    for each in {*BAND} - {"dora"}:  # who moderates a room of the other's
        assert isinstance(stage.call(verb, each, dict(arguments)), Forbidden | NotFound), each
    assert stage.read(everything) == before
    assert not isinstance(stage.call(verb, whose, dict(arguments)), IconetError)
    assert (stage.read(everything) == before) == (name in READING)


def _tried(stage: Stage, dice: Dice, verb: Verb) -> bool:
    """Whether anybody of the body, or who governs it, did it."""
    names = (*BAND, "cora")
    arguments = drawn(dice, verb, {}, stage.own)
    answers = (stage.call(verb, name, dict(arguments)) for name in dice.random.sample(names, len(names)))
    return any(not isinstance(each, IconetError) for each in answers)


@pytest.mark.parametrize("verb", OF_PEOPLE, ids=str)
@given(data=st.data())
@OFTEN
def test_nobody_does_anything_without_a_duty(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    nothing_unasked(stage, verb, data)


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
