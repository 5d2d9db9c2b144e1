"""T2: two worlds that differ in what one official may not know of."""

from __future__ import annotations

import os
import secrets

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from model_pair import TwoWorlds

SEQUENCES = int(os.environ.get("ICONET_SAMENESS_PAIRS", "6"))
SEED = int(os.environ.get("ICONET_SAMENESS_SEED", secrets.randbits(32)))


def test_hidden_acts_change_nothing_that_an_outsider_gets() -> None:
    print(f"ICONET_SAMENESS_SEED={SEED}")
    run_state_machine_as_test(
        seed(SEED)(TwoWorlds),
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )


def test_the_name_of_a_hidden_post_cannot_be_tried() -> None:
    """An answer to it is as one to nothing: not stricter, in no thread, and not refused."""
    pair = TwoWorlds()
    try:
        pair.post_for_the_other_body(which=0, reply=False)
        pair.answer_to_a_guessed_name(number=1)
        pair.the_observer_sees_no_difference()
    finally:
        pair.teardown()
