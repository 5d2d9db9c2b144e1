"""Whatever could not be answered in all three ways stops the server at the start."""

from __future__ import annotations

import cedarpy
import pytest
from policy_agreement import texts

from groupware.catalogue import CATALOGUES, POST, missing
from policies.decision import Policies
from policies.entities import GROUPS
from policies.fragment import Fragment
from policies.schema import UnsupportedError
from policies.vocabulary import Action, Kind

ON_POST = 'permit (principal, action == ICONet::Action::"moderate", resource)'
ON_MAIL = 'permit (principal, action == ICONet::Action::"read", resource is ICONet::Mail)'
REFUSED = {
    "like": 'permit (principal, action, resource is ICONet::Post) when { "x" like "x*" };',
    "date": 'permit (principal, action, resource) when { datetime("2026-01-01") < datetime("2027-01-01") };',
    "arithmetic": f"{ON_POST} when {{ resource.marking + 1 > 2 }};",
    "both sides of the item": f"{ON_POST} when {{ resource.author in resource.room.moderators }};",
    "the item's side in the official's": f"{ON_POST} when {{ resource.owner in principal.unit }};",
    "two facts of the item": f"{ON_POST} when {{ resource.marking < resource.handling }};",
    "two known values": f"{ON_POST} when {{ 1 < 2 }};",
    "never true by type": f"{ON_POST} when {{ principal in resource.author }};",
    "never equal by type": f"{ON_POST} when {{ principal.body == resource.room }};",
    "compared truths": f"{ON_POST} when {{ resource.held == context.strongAuth }};",
    "any of a set": f"{ON_MAIL} when {{ resource.recipients.containsAny([principal]) }};",
    "one official": 'permit (principal == ICONet::Official::"7", action, resource);',
    "one role's officials": 'permit (principal in ICONet::Duty::"moderator", action, resource);',
    "one item": 'permit (principal, action, resource == ICONet::Room::"7");',
    "an official in a condition": f'{ON_POST} when {{ principal == ICONet::Official::"7" }};',
    "a misspelt duty": f'{ON_POST} when {{ principal in ICONet::Duty::"directory-admn" }};',
    "a set of facts": f"{ON_POST} when {{ principal in [resource.room.readers, resource.room.moderators] }};",
    "a misspelt fact": f"{ON_POST} when {{ resource.autor == principal }};",
    "presence": f"{ON_POST} when {{ resource has author }};",
    "type": f"{ON_POST} when {{ resource is ICONet::Post }};",
    "action in a condition": f'{ON_POST} when {{ action == ICONet::Action::"moderate" }};',
    "applies to nothing": 'permit (principal, action == ICONet::Action::"enter", resource is ICONet::Post);',
    "a misspelt action beside a right one": (
        'permit (principal, action in [ICONet::Action::"list", ICONet::Action::"lst"], resource is ICONet::Post);'
    ),
    "template": "permit (principal == ?principal, action, resource);",
    "syntax": "permit (principal, action, resource",
}


@pytest.mark.parametrize("policy", REFUSED.values(), ids=REFUSED.keys())
def test_a_policy_outside_the_fragment_is_refused(policy: str) -> None:
    text, schema = texts()
    with pytest.raises((UnsupportedError, ValueError)):
        Policies(f'{text}\n@id("bad") {policy}', schema)


def test_a_policy_inside_the_fragment_loads() -> None:
    text, schema = texts()
    assert (
        "good"
        in Policies(f'{text}\n@id("good") {ON_POST} when {{ if resource.held then true else false }};', schema).rules
    )


@pytest.mark.parametrize("policy", [f"{ON_POST};", f'@id("not-in-office") {ON_POST};'])
def test_a_rule_needs_a_name_of_its_own(policy: str) -> None:
    text, schema = texts()
    with pytest.raises(UnsupportedError):
        Policies(f"{text}\n{policy}", schema)


@pytest.mark.parametrize(
    ("old", "new"),
    [("closed: Bool", "closed?: Bool"), ("entity Duty;", 'entity Duty; entity Flag enum ["a"];')],
)
def test_a_schema_beyond_the_compiler_is_refused(old: str, new: str) -> None:
    text, schema = texts()
    assert old in schema
    with pytest.raises(UnsupportedError):
        Policies(text, schema.replace(old, new))


def test_schema_and_vocabulary_have_the_same_words() -> None:
    shapes = Policies.load().shapes
    assert shapes.kinds.keys() == set(Action)
    assert {kind for kinds in shapes.kinds.values() for kind in kinds} == set(Kind)
    assert {*GROUPS.values(), "Duty", "Members"} == shapes.parents["Official"]


def test_every_fact_that_policies_read_is_in_a_table() -> None:
    paths = Policies.load().paths
    assert missing(paths) == []
    assert set(CATALOGUES) == set(Kind)
    assert POST.missing({("room", "colour")}) == {("room", "colour")}
    assert missing({"Post": {("room", "colour")}}) == ["Post.room.colour"]


@pytest.mark.parametrize(
    "policy",
    [
        REFUSED["applies to nothing"],
        REFUSED["one official"],
        REFUSED["type"],
        REFUSED["two facts of the item"],
        REFUSED["a set of facts"],
        REFUSED["an official in a condition"],
        REFUSED["a misspelt fact"],
        REFUSED["never true by type"],
        REFUSED["never equal by type"],
        REFUSED["action in a condition"],
        f"{ON_POST} when {{ resource.marking }};",
        f"{ON_POST} when {{ !resource.marking }};",
        f"{ON_POST} when {{ resource.held && resource.marking }};",
        f"{ON_POST} when {{ if resource.marking then true else false }};",
        f"{ON_POST} when {{ principal in [] }};",
        f"{ON_POST} when {{ principal in [resource.room.readers] }};",
        f'{ON_POST} when {{ principal in [ICONet::Duty::"moderator", 1] }};',
        f"{ON_POST} when {{ principal.clearance + resource.marking }};",
        f"{ON_POST} when {{ principal.body < resource.owner.body }};",
        f'{ON_POST} when {{ principal in ICONet::Readers::"moderator" }};',
        f"{ON_POST} when {{ resource.author < principal }};",
        f"{ON_POST} when {{ principal.body in resource.room }};",
        f"{ON_MAIL} when {{ resource.recipients.contains(principal.body) }};",
        f"{ON_MAIL} when {{ resource.recipients == principal }};",
    ],
)
def test_our_own_check_refuses_by_itself(policy: str) -> None:
    (tree,) = cedarpy.policies_to_pst(f'@id("bad") {policy}').static_policies.values()
    with pytest.raises(UnsupportedError):
        Fragment(Policies.load().shapes).check(tree)


def test_a_rule_without_a_name_is_refused() -> None:
    (tree,) = cedarpy.policies_to_pst(f"{ON_POST};").static_policies.values()
    with pytest.raises(UnsupportedError, match="has no @id"):
        Fragment(Policies.load().shapes).check(tree)


def test_the_facts_that_a_rule_reads_are_gathered_by_kind() -> None:
    text = f"""{ON_POST} when {{ principal.body.suspended && principal in resource.room.moderators }}
        unless {{ context.strongAuth }};"""
    paths = Policies(f'@id("one") {text}', texts()[1]).paths
    assert paths == {
        "Official": {("body",), ("body", "suspended")},
        "Post": {("room",), ("room", "moderators")},
    }
