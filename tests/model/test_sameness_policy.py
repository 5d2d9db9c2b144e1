"""T1: policies and oracle over random sequences in memory; each tenth one is asked of SQL as well."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import pytest
from model_policy import Asker
from model_policy_bugs import BUGS, ROWS
from model_rows import Rows
from model_walk import drawn, fault, shortest

from policies.decision import Policies

if TYPE_CHECKING:
    from collections.abc import Iterator

SEQUENCES = int(os.environ.get("ICONET_SAMENESS_POLICY", "2000"))
SEED = int(os.environ.get("ICONET_SAMENESS_SEED", secrets.randbits(32)))
EACH_IN_ROWS = 10
MOST_FOR_A_BUG = 1_000


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    made = Rows()
    yield made
    made.close()


def test_policies_and_oracle_say_the_same_of_every_sequence(rows: Rows) -> None:
    print(f"ICONET_SAMENESS_SEED={SEED}")
    asker = Asker(Policies.load())
    for number in range(SEQUENCES):
        acts, also = drawn(SEED + number), rows if number % EACH_IN_ROWS == 0 else None
        if found := fault(asker, acts, also):
            pytest.fail(f"{found}\nafter {shortest(asker, acts, also)}")


@pytest.mark.parametrize("name", BUGS)
def test_a_mistake_in_the_rules_is_found(name: str, rows: Rows) -> None:
    also = rows if name in ROWS else None
    with BUGS[name]() as policies:
        asker = Asker(policies)
        found = next((number for number in range(MOST_FOR_A_BUG) if fault(asker, drawn(number), also)), None)
    assert found is not None
    print(f"T1 finds {name!r} in sequence {found + 1}")
