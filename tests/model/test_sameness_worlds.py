"""T2: two worlds that differ in what one official may not know of."""

from __future__ import annotations

import os
import secrets

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from model_pair import TwoWorlds
from model_pair_glass import MISTAKES, Emergencies

from groupware.glass.rows import Scope
from groupware.moderation import Word

SEQUENCES = int(os.environ.get("ICONET_SAMENESS_PAIRS", "6"))
SEED = int(os.environ.get("ICONET_SAMENESS_SEED", secrets.randbits(32)))
BOUND = settings(
    max_examples=SEQUENCES,
    stateful_step_count=12,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


def test_hidden_acts_change_nothing_that_an_outsider_gets() -> None:
    print(f"ICONET_SAMENESS_SEED={SEED}")
    run_state_machine_as_test(seed(SEED)(TwoWorlds), settings=BOUND)


def test_an_emergency_changes_nothing_for_who_is_not_told_of_it() -> None:
    print(f"ICONET_SAMENESS_SEED={SEED}")
    fewer = settings(BOUND, max_examples=max(1, SEQUENCES // 2), stateful_step_count=8)
    run_state_machine_as_test(seed(SEED)(Emergencies), settings=fewer)


def read_in_an_emergency() -> None:
    """All of a room, in one of two worlds; then everybody looks."""
    pair = Emergencies()
    pair.decide("dora", 1, Word.APPROVE)
    pair.emergency("ines", 0, Scope.ROOM, confirmed=True)
    opened = pair.told == {"dora"}
    pair.teardown()
    assert opened


def test_what_an_emergency_leaves_behind_is_found() -> None:
    read_in_an_emergency()
    for name, mistake in MISTAKES.items():
        with mistake(), pytest.raises(AssertionError, match="sees a difference"):
            read_in_an_emergency()
        print(f"two worlds find that {name}")


def test_the_name_of_a_hidden_post_cannot_be_tried() -> None:
    """An answer to it is as one to nothing: not stricter, in no thread, and not refused."""
    pair = TwoWorlds()
    try:
        pair.post_for_the_other_body(which=0, reply=False)
        pair.answer_to_a_guessed_name(number=1)
        pair.the_observer_sees_no_difference()
    finally:
        pair.teardown()
