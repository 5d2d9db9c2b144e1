"""T2 tested: mistakes in use cases and doors."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from model_bugs import BUGS, planted
from model_machine import Sameness

BOUND = settings(
    max_examples=150,
    stateful_step_count=12,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


QUICK = (
    "CardDAV has who is hidden",
    "LDAP finds who is hidden",
    "SCIM lists other bodies",
    "counted besides",
    "fields of others",
    "folder names",
    "newest",
    "releases of all",
    "the log for all",
)
"""Found in a second or two each, beside what T1 finds; all of them are looked for in a soak."""


@pytest.mark.parametrize("name", sorted(BUGS) if os.environ.get("ICONET_SOAK") else QUICK)
def test_a_mistake_in_one_view_is_found(name: str) -> None:
    with planted(name), pytest.raises(AssertionError, match=r"oracle|may|must|found"):
        run_state_machine_as_test(seed(2005267)(Sameness), settings=BOUND)
