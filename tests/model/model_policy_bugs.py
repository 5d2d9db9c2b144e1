"""Mistakes in the rules and in what works them out, one at a time: T1 has to find each of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING
from unittest.mock import patch

from sqlalchemy import true

import directory.facts
from groupware import catalogue, render
from policies import compiler
from policies.decision import Policies
from policies.tree import any_of
from policies.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from policies.entities import Uid
    from policies.tree import Predicate

POST = 'ICONet::Action::"post"'
CONFIRM_GLASS, BREAK_GLASS = 'ICONet::Action::"confirm_glass"', 'ICONet::Action::"break_glass"'
OWN = "when { resource.author == principal || resource.sender == principal"
TEXTS = {
    "strict leaves its body": ("{ resource.marking >= 3 }\nunless", "{ resource.marking > 3 }\nunless"),
    "RED behind any sign-in": ("resource.marking >= 4 && !context.strongAuth", "resource.marking >= 5"),
    "own posts approved": (
        'action == ICONet::Action::"moderate", resource)\nwhen',
        'action == ICONet::Action::"mark", resource)\nwhen',
    ),
    "what is held is listed": ("unless { resource.published };", "unless { resource.published || resource.held };"),
    "readers for moderators": ("principal in resource.room.moderators };", "principal in resource.room.readers };"),
    "security officers read": (', ICONet::Duty::"security-officer"]', "]"),
    "one moment longer in office": ("context.now >= principal.validUntil", "context.now > principal.validUntil"),
    "a body's suspension forgotten": ("principal.body.suspended }", "principal.suspended }"),
    "competence forgotten": (
        "principal in resource.room.readers && principal.unit in resource.competence };",
        "principal in resource.room.readers };",
    ),
    "what is unconfirmed is the moderators'": ("when { resource.unconfirmed }\n", "when { resource.held }\n"),
    "what was taken back stays": ("when { resource.withdrawn };", "when { resource.held && resource.withdrawn };"),
    "just as much clearance isn't enough": (
        "principal.clearance < resource.handling",
        "principal.clearance <= resource.handling",
    ),
    "closed rooms posted to": ("when { resource.closed };", "when { resource.closed && resource.moderated };"),
    "moderated rooms published to": (" && !resource.moderated", ""),
    "liaison officers read AMBER": ("resource.marking <= 1 && resource.published", "resource.marking <= 2"),
    "marked by whoever is of the body": ("(principal in resource.ownersContactPoints ||", "(resource.published ||"),
    "own asks consented to": (
        'action == ICONet::Action::"decide_release", resource)\nwhen { resource.author == principal };',
        'action == ICONet::Action::"decide_release", resource)\nwhen { principal.suspended };',
    ),
    "RED released": ("when { resource.marking >= 4 };", "when { resource.marking >= 5 };"),
    "consent taken back by everybody who speaks": ("principal.body == resource.owner.body && resource.given &&", ""),
    "strict released by mail": ("resource.marking >= 3 && !context.strongAuth", "resource.marking >= 4"),
    "own drafts authorised": (
        f'action == ICONet::Action::"authorise", resource)\n{OWN}',
        'action == ICONet::Action::"authorise", resource)\nwhen { principal.suspended',
    ),
    "drafts read by moderators of other bodies": (
        "resource.author == principal || resource.sender == principal ||\n  (principal.body == resource.owner.body &&",
        "resource.author == principal || resource.sender == principal ||\n  (resource.published || !resource.held &&",
    ),
    "drafters post alone": (
        f"action == {POST}, resource)\nwhen {{ principal in resource.drafters &&",
        f'action in [{POST}, ICONet::Action::"post_alone"], resource)\nwhen {{ principal in resource.drafters &&',
    ),
    "own posts acknowledged": (
        f'action == ICONet::Action::"acknowledge", resource)\n{OWN}',
        'action == ICONet::Action::"acknowledge", resource)\nwhen { principal.suspended',
    ),
    "glass outlives its time": (
        f"action in [{CONFIRM_GLASS}, {BREAK_GLASS}], resource)\nwhen {{ context.now >= resource.validUntil }};",
        f"action == {CONFIRM_GLASS}, resource)\nwhen {{ context.now >= resource.validUntil }};",
    ),
    "glass for another officer": (
        "resource.asker == principal && principal in resource.body.securityOfficers && principal.body == resource.body",
        'principal in [ICONet::Duty::"security-officer"]',
    ),
    "a confirmer who left vouches": (
        "context.now >= resource.confirmerUntil ||",
        "resource.confirmer.listed && false ||",
    ),
    "bookings read by the whole body": (
        "when { principal.unit in resource.owner };",
        "when { principal.body == resource.owner.body };",
    ),
    "entries of other bodies shown": ("when { resource.listed };", "when { resource.listed || principal.listed };"),
}
"""In the text: what stands there, and what somebody might have written."""


def _forbids_lost() -> AbstractContextManager[object]:
    alone = property(lambda self: any_of(*(rule.condition for rule in self.permits)))
    return patch.object(compiler.Filter, "predicate", alone)


def _unless_as_when() -> AbstractContextManager[object]:
    return patch.object(compiler.Compiler, "_clause", lambda self, clause: self._truth(clause.expr))


def _parents_not_followed() -> AbstractContextManager[object]:
    return patch.object(compiler.Compiler, "_above", lambda _, uid: frozenset([uid]))


def _any_group() -> AbstractContextManager[object]:
    right = compiler.Compiler._above

    def above(self: compiler.Compiler, uid: Uid) -> frozenset[Uid]:
        return frozenset(up._replace(type="Readers") if up.type == "Posters" else up for up in right(self, uid))

    return patch.object(compiler.Compiler, "_above", above)


def _first_choice_only() -> AbstractContextManager[object]:
    def first(*parts: Predicate) -> Predicate:
        return any_of(*parts[:1])

    return patch.object(compiler, "any_of", first)


def _grant_a_moment_late() -> AbstractContextManager[object]:
    right = directory.facts._groups
    return patch.object(directory.facts, "_groups", lambda held, now: right(held, now - 1))


def _held_when_unconfirmed() -> AbstractContextManager[object]:
    wrong = {**catalogue.POST.places, ("held",): catalogue.POST.places["unconfirmed",]}
    return patch.dict(catalogue.CATALOGUES, {Kind.POST: replace(catalogue.POST, places=wrong)})


def _first_hop_forgotten() -> AbstractContextManager[object]:
    return patch.object(render.Place, "where", lambda self, test: true() if self.hops else test)


CODE = {
    "filters without their forbids": _forbids_lost,
    "unless as when": _unless_as_when,
    "no group followed": _parents_not_followed,
    "posters for readers": _any_group,
    "of an or the first alone": _first_choice_only,
}
ROWS = {
    "a grant begins a moment late": _grant_a_moment_late,
    "held where it says unconfirmed": _held_when_unconfirmed,
    "other tables left out": _first_hop_forgotten,
}
"""Seen only where rows are read."""


def _text() -> tuple[str, str]:
    here = files("policies")
    return (here / "iconet.cedar").read_text("utf-8"), (here / "iconet.cedarschema").read_text("utf-8")


def _in_text(old: str, new: str) -> Callable[[], AbstractContextManager[Policies]]:
    @contextmanager
    def planted() -> Iterator[Policies]:
        text, schema = _text()
        assert old in text
        yield Policies(text.replace(old, new), schema)

    return planted


def _in_code(bug: Callable[[], AbstractContextManager[object]]) -> Callable[[], AbstractContextManager[Policies]]:
    @contextmanager
    def planted() -> Iterator[Policies]:
        with bug():
            yield Policies.load()

    return planted


BUGS: dict[str, Callable[[], AbstractContextManager[Policies]]] = {
    **{name: _in_text(*texts) for name, texts in TEXTS.items()},
    **{name: _in_code(bug) for name, bug in (CODE | ROWS).items()},
}
