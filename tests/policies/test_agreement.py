from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from policy_agreement import run

from policies.decision import NO_RULE, Policies
from policies.vocabulary import Action

if TYPE_CHECKING:
    from sqlalchemy import Engine

WORLDS = range(100, 112)


@pytest.mark.timeout(600)
def test_decide_visible_audience_and_the_oracle_give_one_answer(network: Engine) -> None:
    policies = Policies.load()
    tally = run(policies, network, WORLDS)
    print(f"{tally.pairs:,} pairs, {tally.allowed:,} allowed, {len(tally.faults)} faults", sorted(tally.fired.items()))
    assert tally.faults == []
    assert tally.pairs >= 200_000
    assert {action for action, _ in tally.asked} == set(Action)
    assert set(tally.fired) == {*policies.rules, NO_RULE}
