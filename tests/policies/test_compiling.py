"""What a rule becomes when one side of the question is unknown: predicates, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cedarpy import policies_to_pst
from policy_agreement import texts
from test_fail_closed import ME, OWNER, POST, ROOM, somebody, strict_post

from policies.compiler import Compiler, Question, compare, contains, one_of, scope_includes, scope_is
from policies.decision import Policies
from policies.entities import NOW, Context, Entity, Uid
from policies.schema import UnsupportedError
from policies.tree import NO, YES, Any, Column, Compare, Has, Holds, Not, OneOf, Predicate, Within, all_of, any_of
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from policies.compiler import Filter

READERS, COMPETENCE, BODY = Uid("Readers", "1"), Uid("Competence", "1"), Uid("Body", "1")
LATER = Context(NOW, strong_auth=True)
PUBLISHED, HELD = (Holds(Column((name,), "Bool")) for name in ("published", "held"))
MARKING, HANDLING = (Column((name,), "Long") for name in ("marking", "handling"))
AUTHOR, READERS_OF_ROOM = Column(("author",), "Official"), Column(("room", "readers"), "Readers")
WHO, CLEARANCE, UNIT = Column((), "Official"), Column(("clearance",), "Long"), Column(("unit",), "Unit")
ONE, OTHER = Uid("Duty", "contact-point"), Uid("Duty", "organiser")
DUTIES = 'principal in [ICONet::Duty::"organiser", ICONet::Duty::"contact-point"]'

OF_POSTS: dict[str, Predicate] = {
    "when { resource.published }": PUBLISHED,
    "unless { resource.published }": Not(PUBLISHED),
    "when { resource.published } unless { resource.held }": all_of(PUBLISHED, Not(HELD)),
    "when { resource.published && !resource.held }": all_of(PUBLISHED, Not(HELD)),
    "when { resource.published || resource.held }": any_of(PUBLISHED, HELD),
    "when { if resource.held then resource.published else true }": any_of(all_of(HELD, PUBLISHED), Not(HELD)),
    "when { if context.strongAuth then resource.held else resource.published }": HELD,
    "when { context.strongAuth }": YES,
    "when { !context.strongAuth }": NO,
    "when { resource.marking <= 1 }": Compare("less_eq", MARKING, 1),
    "when { 1 > resource.marking }": Compare("greater", 1, MARKING),
    "when { principal.clearance < resource.handling }": Compare("less", 3, HANDLING),
    "when { principal.clearance < 3 }": NO,
    "when { principal.clearance <= 3 }": YES,
    "when { principal.clearance > 3 }": NO,
    "when { principal.clearance >= 3 }": YES,
    "when { principal.clearance == 3 }": YES,
    "when { principal.clearance != 3 }": NO,
    "when { principal.clearance == 4 }": NO,
    "when { context.now < principal.validUntil }": Compare("less", NOW, 2**62),
    "when { resource.author == principal }": Compare("eq", AUTHOR, ME),
    "when { principal != resource.author }": Compare("not_eq", ME, AUTHOR),
    "when { principal in resource.room.readers }": OneOf(READERS_OF_ROOM, frozenset([READERS])),
    "when { principal in resource.room.posters }": NO,
    "when { principal.unit in resource.competence }": OneOf(
        Column(("competence",), "Competence"), frozenset([COMPETENCE])
    ),
    'when { principal in ICONet::Duty::"organiser" }': NO,
    'when { principal in [ICONet::Duty::"organiser"] }': NO,
    f"when {{ {DUTIES} }}": NO,
    f"unless {{ {DUTIES} }}": YES,
}
OF_OFFICIALS: dict[str, Predicate] = {
    "when { resource.published }": YES,
    "unless { resource.published }": NO,
    "when { principal.suspended }": Holds(Column(("suspended",), "Bool")),
    "when { principal.body.suspended }": Holds(Column(("body", "suspended"), "Bool")),
    "when { principal.clearance < resource.handling }": Compare("less", CLEARANCE, 0),
    "when { resource.author == principal }": Compare("eq", Uid("Official", "2"), WHO),
    "when { principal in resource.room.readers }": Within(WHO, READERS),
    "when { principal.unit in resource.competence }": Within(UNIT, COMPETENCE),
    "when { principal.unit in resource.owner }": Within(UNIT, OWNER),
    f"when {{ {DUTIES} }}": Any((Within(WHO, ONE), Within(WHO, OTHER))),
    "when { context.now >= principal.validFrom }": Compare("greater_eq", NOW, Column(("validFrom",), "Long")),
}


def rules(clauses: str, effect: str = "permit", scope: str = 'action == ICONet::Action::"list"') -> str:
    return f'@id("it") {effect} (principal, {scope}, resource is ICONet::Post) {clauses};'


def of_posts(text: str, action: Action = Action.LIST) -> Filter:
    policies = Policies(text, texts()[1])
    return policies.visible(policies.subject(ME, somebody(READERS)), action, Kind.POST, LATER)


def of_officials(text: str) -> Filter:
    return Policies(text, texts()[1]).audience(Action.LIST, POST, strict_post(), LATER)


@pytest.mark.parametrize("clauses", OF_POSTS)
def test_a_rule_about_unknown_posts(clauses: str) -> None:
    assert of_posts(rules(clauses)).predicate == OF_POSTS[clauses]


@pytest.mark.parametrize("clauses", OF_OFFICIALS)
def test_a_rule_about_unknown_officials(clauses: str) -> None:
    assert of_officials(rules(clauses)).predicate == OF_OFFICIALS[clauses]


def test_what_forbids_is_taken_away_and_what_cannot_matter_is_left_out() -> None:
    text = rules("when { resource.held }") + rules("when { resource.published }", "forbid").replace("it", "not", 1)
    more = rules("when { !context.strongAuth }").replace("it", "never", 1)
    found = of_posts(text + more)
    assert [(rule.id, rule.permits, rule.condition) for rule in found.rules] == [
        ("it", True, HELD),
        ("not", False, PUBLISHED),
    ]
    assert [rule.id for rule in found.permits] == ["it"]
    assert found.predicate == all_of(Not(PUBLISHED), HELD)


def test_a_rule_covers_the_actions_and_kinds_of_its_scope() -> None:
    both = 'action in [ICONet::Action::"list", ICONet::Action::"read"]'
    for scope, action, covered in (
        ('action == ICONet::Action::"list"', Action.READ, False),
        (both, Action.READ, True),
        (both, Action.MARK, False),
        ('action in ICONet::Action::"content"', Action.MARK, True),
        ("action", Action.MARK, True),
    ):
        assert of_posts(rules("", scope=scope), action).predicate == (YES if covered else NO), scope
    assert of_posts(rules("", scope=both).replace("resource is ICONet::Post", "resource is ICONet::Mail")).rules == ()


def test_a_set_of_unknown_items_has_the_known() -> None:
    text = '@id("it") permit (principal, action == ICONet::Action::"list", resource) when { X };'
    recipients = Column(("recipients",), "Set<Official>")
    policies = Policies(
        text.replace("X", "resource.recipients.contains(principal)").replace("resource)", "resource is ICONet::Mail)"),
        texts()[1],
    )
    subject = policies.subject(ME, somebody())
    assert policies.visible(subject, Action.LIST, Kind.MAIL, LATER).predicate == Has(recipients, ME)
    mail = Uid("Mail", "1")
    for written, expected in ((frozenset([ME]), OneOf(WHO, frozenset([ME]))), (frozenset[Uid](), NO)):
        facts = {mail: Entity({"recipients": written})}
        assert policies.audience(Action.LIST, mail, facts, LATER).predicate == expected


def test_known_sides_of_a_set_fold() -> None:
    assert contains(frozenset([ME]), ME) == YES
    assert contains(frozenset([ROOM]), ME) == NO
    assert contains(frozenset([ME]), WHO) == OneOf(WHO, frozenset([ME]))
    assert contains(Column(("recipients",), "Set<Official>"), ME) == Has(Column(("recipients",), "Set<Official>"), ME)
    assert one_of(WHO, frozenset()) == NO


def test_known_sides_of_a_comparison_fold() -> None:
    assert compare("eq", ME, ME) == YES
    assert compare("not_eq", ME, ROOM) == YES
    assert compare("less", ME, 1) == NO
    assert compare("less", 1, ME) == NO
    assert compare("less", 1, WHO) == Compare("less", 1, WHO)
    assert compare("less", NOW, 2) == Compare("less", NOW, 2)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: compare("eq", frozenset([ME]), ME),
        lambda: compare("eq", ME, frozenset([ME])),
        lambda: compare("eq", YES, frozenset()),
        lambda: contains(ME, ME),
        lambda: contains(frozenset([ME]), 7),
        lambda: scope_is(object(), "Post"),
        lambda: scope_includes(object(), "list", {}),
    ],
)
def test_what_the_check_at_load_keeps_out_stops(ask) -> None:  # noqa: ANN001 -- a question
    with pytest.raises(UnsupportedError):
        ask()


@pytest.mark.parametrize(
    "expr",
    ["1", "[principal].name", '"x" like "x*"', "1 in principal", "principal is ICONet::Official", "1 + 2 == 3", "[1]"],
)
def test_the_compiler_stops_by_itself_at_what_it_does_not_know(expr: str) -> None:
    (policy,) = policies_to_pst(f"permit (principal, action, resource) when {{ {expr} }};").static_policies.values()
    kinds = {"principal": "Official", "resource": "Post"}
    question = Question("list", "resource", kinds, ME, somebody(), LATER.facts)
    with pytest.raises(UnsupportedError):
        Compiler(Policies.load().shapes, question).condition(policy)
