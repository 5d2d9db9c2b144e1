"""What is read from a Cedar schema, and what of it is refused."""

from __future__ import annotations

import pytest

from policies.schema import UnsupportedError, read_schema

SMALL = """// a network
namespace ICONet {
  entity Duty, Readers; // two at once
  entity Unit in [Unit, Readers] = { body: Body, listed: Bool };
  entity Body in [Duty];
  entity Room = { readers: Set<Readers>,
    owner: Unit };
  type Context = { now: Long, strongAuth: Bool };
  action content;
  action list, read in [content] appliesTo { principal: [Official], resource: [Room, Unit], context: Context };
  action relay appliesTo { principal: [Official], resource: [Body], context: Context };
}
"""


def test_types_attributes_parents_kinds_and_groups_are_read() -> None:
    shapes = read_schema(SMALL)
    assert shapes.attributes == {
        "Duty": {},
        "Readers": {},
        "Unit": {"body": "Body", "listed": "Bool"},
        "Body": {},
        "Room": {"readers": "Set<Readers>", "owner": "Unit"},
        "Context": {"now": "Long", "strongAuth": "Bool"},
    }
    nothing: frozenset[str] = frozenset()
    above = {"Unit": frozenset({"Unit", "Readers"}), "Body": frozenset({"Duty"})}
    assert shapes.parents == {"Duty": nothing, "Readers": nothing, "Room": nothing, **above}
    assert shapes.kinds == {
        "list": frozenset({"Room", "Unit"}),
        "read": frozenset({"Room", "Unit"}),
        "relay": frozenset({"Body"}),
    }
    assert read_schema("namespace ICONet {entity Duty;}").attributes == {"Duty": {}}
    assert shapes.groups == {"list": "content", "read": "content"}


def test_attributes_and_actions_that_are_not_there_are_told() -> None:
    shapes = read_schema(SMALL)
    assert shapes.attribute("Unit", "body") == "Body"
    for owner, name in (("Unit", "bodies"), ("Units", "body")):
        with pytest.raises(UnsupportedError, match=f"{owner} has no attribute {name}"):
            shapes.attribute(owner, name)
    shapes.applies("relay", "Body")
    for action, kind in (("relay", "Room"), ("fly", "Body"), ("content", "Body")):
        with pytest.raises(UnsupportedError, match=f"{action} doesn't apply to {kind}"):
            shapes.applies(action, kind)


def test_one_type_lies_below_another_over_any_number_of_steps() -> None:
    shapes = read_schema(SMALL.replace("entity Duty, Readers;", "entity Duty; entity Readers in [Body];"))
    below = [(low, high) for low in shapes.parents for high in shapes.parents if shapes.may_be_within(low, high)]
    assert sorted(below) == [
        ("Body", "Duty"),
        ("Readers", "Body"),
        ("Readers", "Duty"),
        ("Unit", "Body"),
        ("Unit", "Duty"),
        ("Unit", "Readers"),
        ("Unit", "Unit"),
    ]
    assert not shapes.may_be_within("Nobody", "Duty")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("listed: Bool", "listed?: Bool", "optional attribute"),
        ("entity Body in", 'entity Flag enum ["a"]; entity Body in', "schema: .*enum"),
        ("action relay appliesTo { principal: [Official]", "action relay appliesTo { principal: [Body]", "schema: "),
    ],
)
def test_what_is_not_understood_is_refused(old: str, new: str, told: str) -> None:
    assert old in SMALL
    with pytest.raises(UnsupportedError, match=told):
        read_schema(SMALL.replace(old, new))
