"""The agreement test tested: small bugs in the text, the readers, the compiler and the renderer must each be found."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import cedarpy
import pytest
from policy_agreement import differing, run, texts
from sqlalchemy import select, true

import directory.facts
import groupware.facts
from directory.tables import role_grant, unit_competence
from groupware import catalogue, render
from groupware.tables import room
from policies import compiler
from policies.decision import Policies
from policies.tree import any_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from policies.entities import Uid

    Patch = Callable[[pytest.MonkeyPatch], None]

WORLDS = range(40)
TEXT_BUGS = {
    "marked anew by whoever is of the owner's body": (
        "(principal in resource.ownersContactPoints ||",
        "(resource.published ||",
    ),
    "withdrawn by whoever is of the owner's body": (
        "(principal in resource.ownersDeputies ||",
        "(resource.published ||",
    ),
    "strict only from RED": ("{ resource.marking >= 3 }", "{ resource.marking > 3 }"),
    "RED without a strong login": ("resource.marking >= 4 && !context.strongAuth", "resource.marking >= 5"),
    "RED released": ("when { resource.marking >= 4 };", "when { resource.marking >= 5 };"),
    "own asks consented to": (
        '"decide_release", resource)\nwhen { resource.author == principal };',
        '"decide_release", resource)\nwhen { !principal.listed && resource.author == principal };',
    ),
    "another body's delegates decide": (
        'action == ICONet::Action::"decide_release", resource)\nwhen {\n  principal.body == resource.owner.body &&',
        'action == ICONet::Action::"decide_release", resource)\nwhen {\n  principal.body != resource.owner.body ||',
    ),
    "strict releases by mail": (
        "resource.marking >= 3 && !context.strongAuth",
        "resource.marking > 3 && !context.strongAuth",
    ),
    "own posts approved": (
        'action == ICONet::Action::"moderate", resource)\nwhen',
        'action == ICONet::Action::"mark", resource)\nwhen',
    ),
    "own markings confirmed": (
        "resource.loosener == principal",
        "resource.loosener == principal && principal.listed",
    ),
    "an emergency confirmed for who can't ask": ("context.now >= resource.askerUntil ||", ""),
    "unpublished posts listed": ("unless { resource.published };", "unless { resource.published || resource.held };"),
    "decided twice": ("unless { resource.held };", "unless { true };"),
    "liaison officers up to AMBER": ("resource.marking <= 1", "resource.marking <= 2"),
    "readers for moderators": ("principal in resource.moderators", "principal in resource.readers"),
    "security officers read": (', ICONet::Duty::"security-officer"]', "]"),
    "in office one moment longer": ("context.now >= principal.validUntil", "context.now > principal.validUntil"),
    "mail to those who left": ("context.now >= resource.validUntil", "context.now > resource.validUntil"),
    "competence forgotten": (
        "principal in resource.posters && principal.unit in resource.competence };",
        "principal in resource.posters };",
    ),
    "moderated rooms published to": (" && !resource.moderated", ""),
    "bookings read by everybody in the body": (
        "principal.unit in resource.owner",
        "principal.body == resource.owner.body",
    ),
    "admins book": (
        'forbid (principal, action in ICONet::Action::"content", resource is ICONet::Resource)',
        'forbid (principal, action in ICONet::Action::"content", resource is ICONet::Post)',
    ),
    "own contact points appointed by who is listed": (
        "when { principal.body == resource };",
        "when { principal.body == resource && !principal.listed };",
    ),
    "other bodies administered": ("directoryAdmins && principal.body == resource.body", "directoryAdmins"),
    "self administered": ("when { principal == resource }", "when { principal == resource && !principal.listed }"),
    "handling as high as clearance kept out": (
        "principal.clearance < resource.handling",
        "principal.clearance <= resource.handling",
    ),
}


def unless_as_when(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compiler.Compiler, "_clause", lambda self, clause: self._truth(clause.expr))


def parents_not_followed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compiler.Compiler, "_above", lambda _, uid: frozenset([uid]))


def any_group_will_do(patch: pytest.MonkeyPatch) -> None:
    def above(self: compiler.Compiler, uid: Uid) -> frozenset[Uid]:
        return frozenset(up._replace(type="Readers") if up.type == "Posters" else up for up in old(self, uid))

    old = compiler.Compiler._above
    patch.setattr(compiler.Compiler, "_above", above)


def sides_swapped(patch: pytest.MonkeyPatch) -> None:
    old = compiler.compare
    patch.setattr(compiler, "compare", lambda op, left, right: old(op, right, left))


def folded_too_early(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(compiler.ORDER, "less", operator.le)


def forbids_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compiler.Filter, "predicate", property(lambda self: any_of(*(r.condition for r in self.permits))))


def less_as_less_or_equal(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(render.COMPARE, "less", operator.le)


def grants_without_dates(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(catalogue, "IN_FORCE", true())


def competence_not_inherited(patch: pytest.MonkeyPatch) -> None:
    given = select(unit_competence.c.unit).where(unit_competence.c.given)
    patch.setitem(catalogue.WITHIN, "Competence", lambda uid: given.where(unit_competence.c.competence == int(uid.id)))


def members_without_competence(patch: pytest.MonkeyPatch) -> None:
    anybody = role_grant.c.scope == room.c.id
    patch.setattr(catalogue, "ENTERS", anybody)


def one_area_of_many(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(groupware.facts, "_AREAS", groupware.facts._AREAS.limit(1))


def one_hop_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(render.Place, "where", lambda self, test: true() if self.hops else test)


def first_recipient_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(groupware.facts, "_RECIPIENTS", groupware.facts._RECIPIENTS.limit(1))


def grant_a_moment_late(patch: pytest.MonkeyPatch) -> None:
    old = directory.facts._groups
    patch.setattr(directory.facts, "_groups", lambda held, now: old(held, now - 1))


def handle_without_schema(patch: pytest.MonkeyPatch) -> None:
    build = cedarpy.Entities.from_json_str
    patch.setattr(cedarpy.Entities, "from_json_str", staticmethod(lambda text, schema: build(text)))  # noqa: ARG005 -- the signature that it stands in for
    add = cedarpy.Entities.with_added_json_str
    patch.setattr(cedarpy.Entities, "with_added_json_str", lambda self, text, schema: add(self, text))  # noqa: ARG005 -- the signature that it stands in for


CODE_BUGS: list[Patch] = [
    unless_as_when,
    parents_not_followed,
    any_group_will_do,
    sides_swapped,
    folded_too_early,
    forbids_lost,
    less_as_less_or_equal,
    grants_without_dates,
    competence_not_inherited,
    members_without_competence,
    one_area_of_many,
    one_hop_forgotten,
    first_recipient_only,
    grant_a_moment_late,
    handle_without_schema,
]


@pytest.mark.parametrize("bug", TEXT_BUGS)
def test_a_bug_in_the_text_is_found(bug: str, embedded: Engine) -> None:
    text, schema = texts()
    old, new = TEXT_BUGS[bug]
    assert old in text
    wrong = Policies(text.replace(old, new, 1), schema)
    about = differing(Policies.load(), wrong)
    assert about
    assert run(wrong, embedded, WORLDS, small=True, about=about).faults


@pytest.mark.parametrize("bug", CODE_BUGS, ids=lambda bug: bug.__name__)
def test_a_bug_in_the_code_is_found(bug: Patch, embedded: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    assert run(Policies.load(), embedded, WORLDS, small=True).faults
