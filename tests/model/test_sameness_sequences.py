"""T2: use cases and the functions of doors in process, on stores of their own."""

from __future__ import annotations

import os
import secrets

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from model_machine import Sameness

SEQUENCES = int(os.environ.get("ICONET_SAMENESS_SEQUENCES", "30"))
STEPS = int(os.environ.get("ICONET_SAMENESS_STEPS", "12"))
SEED = int(os.environ.get("ICONET_SAMENESS_SEED", secrets.randbits(32)))


def test_every_view_shows_what_the_oracle_says() -> None:
    """ICONET_SAMENESS_SEED repeats a run that failed; with ICONET_SOAK hypothesis looks for the shortest sequence."""
    print(f"ICONET_SAMENESS_SEED={SEED}")
    run_state_machine_as_test(
        seed(SEED)(Sameness),
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, *([Phase.shrink] if os.environ.get("ICONET_SOAK") else [])],
            verbosity=Verbosity.normal,
        ),
    )
