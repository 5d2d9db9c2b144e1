"""The words that rules, pages and programs share, and the numbers that rules compare with."""

from __future__ import annotations

from policies.decision import Policies
from policies.entities import GROUPS, NOW, Context
from policies.vocabulary import LABELS, Access, Action, Door, Handling, Kind, Marking, Role

PEOPLE = {
    Role: {
        "moderator": "Moderator",
        "organiser": "Organiser",
        "contact-point": "Contact point",
        "deputy": "Deputy contact point",
        "liaison-officer": "Liaison officer",
        "directory-admin": "Directory admin",
        "security-officer": "Security officer",
    },
    Access: {
        "reader": "Reader",
        "poster": "Poster",
        "drafter": "Drafter",
        "manager": "Room manager",
        "sender": "Sends in another's name",
    },
}


def test_roles_are_called_as_people_call_them() -> None:
    for words, labels in PEOPLE.items():
        assert {word.value: word.label for word in words} == labels
    assert len(LABELS) == len(Role) + len(Access)


def test_a_role_stands_for_the_group_of_those_who_hold_it() -> None:
    for duty, group in GROUPS.items():
        together = "".join(part.capitalize() for part in str(duty).split("-"))
        assert group in (f"{together}s", f"{together[:-1]}ies"), duty
    assert set(GROUPS) == {*Role, *Access}


def test_actions_and_kinds_are_those_that_rules_speak_of() -> None:
    shapes = Policies.load().shapes
    assert set(shapes.kinds) == {str(action) for action in Action}
    assert {kind for kinds in shapes.kinds.values() for kind in kinds} == {str(kind) for kind in Kind}


def test_actions_are_named_like_their_words() -> None:
    for words in (Action, Door):
        assert [word.value for word in words] == [word.name.lower() for word in words]
    assert [kind.value for kind in Kind] == [kind.name.capitalize() for kind in Kind]
    assert [duty.value for duty in (*Role, *Access)] == [
        duty.name.lower().replace("_", "-") for duty in (*Role, *Access)
    ]


def test_markings_and_codes_stand_in_their_order() -> None:
    assert [(m.value, m.label) for m in Marking] == [
        (0, "TLP:CLEAR"),
        (1, "TLP:GREEN"),
        (2, "TLP:AMBER"),
        (3, "TLP:AMBER+STRICT"),
        (4, "TLP:RED"),
    ]
    assert [(h.value, h.label) for h in Handling] == [(0, "H0"), (1, "H1"), (2, "H2"), (3, "H3")]


def test_circumstances_have_the_policies_names() -> None:
    assert Context(7, strong_auth=True).facts == {"now": 7, "strongAuth": True}
    assert NOW.name == "now"
