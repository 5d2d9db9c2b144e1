from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from policy_agreement import Said, run, texts

from policies.decision import NO_RULE, Policies
from policies.vocabulary import Action

if TYPE_CHECKING:
    from sqlalchemy import Engine

WORLDS = {"sqlite": (101, 104, 106, 109, 111), "postgresql": (106, 109, 111)}
"""Of some 43,000 pairs each; with 111, in which an area's own body runs a room, all rules have a say."""
SMALL = (212, 214, 217, 221, 222, 251)
"""Of some 10,700 pairs each; 212, 222 and 251, where an asker reads by break-glass, let all rules have a say."""
PAIRS = {"sqlite": 200_000, "postgresql": 100_000}
EVERYTHING = """
@id("branches") permit (principal, action == ICONet::Action::"list", resource is ICONet::Post)
when {
  if resource.marking > 2 then principal.unit in resource.owner else principal.clearance != 1 && 2 >= resource.handling
};
@id("not-others") forbid (principal, action == ICONet::Action::"mail", resource)
when { principal != resource && resource.clearance >= 3 } unless { resource.listed && context.strongAuth };
@id("below") permit (principal, action == ICONet::Action::"administer", resource is ICONet::Unit)
when { principal.unit in resource };
@id("same-branch") permit (principal, action == ICONet::Action::"see_entry", resource)
when { principal.unit in resource.unit };
@id("any-duty") permit (principal, action == ICONet::Action::"designate", resource)
when {
  principal in [ICONet::Duty::"contact-point", ICONet::Duty::"organiser"] && !(resource.validUntil <= context.now)
};
@id("served-long") permit (principal, action in [ICONet::Action::"read_audit", ICONet::Action::"relay"], resource)
when { context.now > principal.validFrom && context.now <= principal.validUntil };
@id("follower") permit (principal, action == ICONet::Action::"enter", resource)
when { principal in resource.area.liaisonOfficers || (principal in resource.organisers && true) };
@id("not-to-recipients") forbid (principal, action == ICONet::Action::"read", resource is ICONet::Mail)
when { !(resource.recipients.contains(principal)) && principal.body != resource.owner.body };
"""


SAID: dict[str, dict[int, Said]] = {"large": {}, "small": {}}
"""Kept from one database to the other."""


@pytest.mark.timeout(600)
def test_decide_visible_audience_and_the_oracle_give_one_answer(network: Engine) -> None:
    policies = Policies.load()
    tally = run(policies, network, WORLDS[network.name], said=SAID["large"])
    print(f"{tally.pairs:,} pairs, {tally.allowed:,} allowed, {len(tally.faults)} faults", sorted(tally.fired.items()))
    assert tally.faults == []
    assert tally.pairs >= PAIRS[network.name]
    assert {action for action, _ in tally.asked} == set(Action)
    assert set(tally.fired) == {*policies.rules, NO_RULE}


def test_all_that_loads_is_answered_alike_in_three_ways(network: Engine) -> None:
    text, schema = texts()
    policies = Policies(text + EVERYTHING, schema)
    tally = run(policies, network, SMALL, small=True, oracle=False, said=SAID["small"])
    assert tally.faults == []
    assert set(policies.rules) <= set(tally.fired)
