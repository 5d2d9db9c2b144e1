"""The three questions, answered from one text: may she, which may she, who may."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import cedarpy
from cedarpy import pst

from policies.compiler import Compiler, Filter, Question, scope_includes, scope_is
from policies.entities import Context, Entity, Fact, Facts, Uid
from policies.fragment import Fragment
from policies.schema import Shapes, UnsupportedError, read_schema

if TYPE_CHECKING:
    from policies.vocabulary import Action, Kind

Json = bool | int | str | Mapping[str, "Json"] | list["Json"]
NO_RULE: Final = "no-rule-permits"
POLICY_ERROR: Final = "policy-error"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, the rules that made it (never none), and what must follow an allowed action."""

    allowed: bool
    rules: tuple[str, ...]
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Subject:
    """One official with the small slice of facts about her; the engine's handle is built once, at the first use.

    Facts that don't fit the schema raise ValueError there.
    """

    uid: Uid
    facts: Facts
    schema: cedarpy.Schema

    @cached_property
    def handle(self) -> cedarpy.Entities:
        """The facts as the engine holds them; the schema adds which action lies in which group."""
        return cedarpy.Entities.from_json_str(_json(self.facts), schema=self.schema)

    def knowing(self, facts: Facts) -> Subject:
        """The same official with the facts of items at hand, for questions about them in a hot loop."""
        return _Knowing(self.uid, {**facts, **self.facts}, self.schema, self)


@dataclass(frozen=True, eq=False)
class _Knowing(Subject):
    """Reuses the handle that it was made from."""

    base: Subject

    @cached_property
    def handle(self) -> cedarpy.Entities:
        new = {uid: entity for uid, entity in self.facts.items() if uid not in self.base.facts}
        return self.base.handle.with_added_json_str(_json(new), schema=self.schema) if new else self.base.handle


class Policies:
    """A loaded, validated and checked text. Immutable; safe to share between threads."""

    def __init__(self, text: str, schema: str) -> None:
        """Raises UnsupportedError (or ValueError for a syntax error) unless every policy can be used in all ways."""
        self.shapes: Shapes = read_schema(schema)
        self._by_id = _checked(text, schema)
        fragment = Fragment(self.shapes)
        for policy in self._by_id.values():
            fragment.check(policy)
        self.paths: Mapping[str, set[tuple[str, ...]]] = fragment.paths
        self._scopes: dict[tuple[str, str], tuple[pst.Template, ...]] = {}
        self._engine = cedarpy.PolicySet.from_str(text)
        self._schema = cedarpy.Schema.from_str(schema)

    @classmethod
    def load(cls) -> Policies:
        """The text that comes with ICONet."""
        here = files("policies")
        return cls((here / "iconet.cedar").read_text("utf-8"), (here / "iconet.cedarschema").read_text("utf-8"))

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of all rules, in the order of the text."""
        return tuple(self._by_id)

    def subject(self, uid: Uid, facts: Facts) -> Subject:
        """One official, ready to be asked about; `facts` as `directory.facts.subject_facts` reads them."""
        return Subject(uid, facts, self._schema)

    def decide(self, subject: Subject, action: Action, resource: Uid, facts: Facts, context: Context) -> Decision:
        """May she? `facts` are the item's; an error in evaluation is a refusal, since Cedar skips an erring forbid."""
        self.shapes.applies(action, resource.type)
        handle = subject.knowing(facts).handle if facts else subject.handle
        return self._decision(
            cedarpy.is_authorized(_request(subject.uid, action, resource, context), self._engine, handle)
        )

    def visible(self, subject: Subject, action: Action, kind: Kind, context: Context) -> Filter:
        """Which of all items of a kind she may act on."""
        self.shapes.applies(action, kind)
        kinds = {"principal": subject.uid.type, "resource": kind}
        return self._filter(Question(action, "resource", kinds, subject.uid, subject.facts, context.facts))

    def audience(self, action: Action, resource: Uid, facts: Facts, context: Context) -> Filter:
        """Who of all officials may act on the item."""
        self.shapes.applies(action, resource.type)
        kinds = {"principal": "Official", "resource": resource.type}
        return self._filter(Question(action, "principal", kinds, resource, facts, context.facts))

    def _filter(self, question: Question) -> Filter:
        return Compiler(self.shapes, question).filter(self._about(question.action, question.kinds["resource"]))

    def _about(self, action: str, kind: str) -> tuple[pst.Template, ...]:
        """The few rules of all whose scopes cover both, looked for once."""
        found = self._scopes.get((action, kind))
        if found is None:
            found = self._scopes[action, kind] = tuple(
                policy
                for policy in self._by_id.values()
                if scope_includes(policy.action, action, self.shapes.groups) and scope_is(policy.resource, kind)
            )
        return found

    def _decision(self, answer: cedarpy.AuthzResult) -> Decision:
        if answer.diagnostics.errors:
            return Decision(allowed=False, rules=(POLICY_ERROR,))
        named = answer.diagnostics.id_annotations_by_reason
        rules = tuple(sorted(named[reason] for reason in answer.diagnostics.reasons)) or (NO_RULE,)
        return Decision(answer.allowed, rules, self._obligations(rules) if answer.allowed else ())

    def _obligations(self, rules: tuple[str, ...]) -> tuple[str, ...]:
        found = (self._by_id[rule].annotations.get("obligation") for rule in rules)
        return tuple(sorted({duty for duty in found if duty}))


@cache
def shipped() -> Policies:
    """What `Policies.load` gives, read once in a process, however many ask."""
    return Policies.load()


def _checked(text: str, schema: str) -> dict[str, pst.Template]:
    """Policies by their @id, past Cedar's own validation."""
    found = cedarpy.validate_policies(text, schema)
    if not found.validation_passed:
        raise UnsupportedError("; ".join(map(str, found.errors)))
    tree = cedarpy.policies_to_pst(text)
    if tree.templates or tree.template_links:
        raise UnsupportedError("templates")
    by_id = {policy.annotations.get("id", policy.id): policy for policy in tree.static_policies.values()}
    if len(by_id) != len(tree.static_policies):
        raise UnsupportedError("two policies with one @id")
    return by_id


def _request(principal: Uid, action: str, resource: Uid, context: Context) -> dict[str, Json]:
    if not isinstance(context.now, int):
        raise UnsupportedError("a decision needs a moment")
    return {
        "principal": _name(principal),
        "action": {"type": "ICONet::Action", "id": str(action)},
        "resource": _name(resource),
        "context": {"now": context.now, "strongAuth": context.strong_auth},
    }


def _json(facts: Facts) -> str:
    return json.dumps([_entity(uid, entity) for uid, entity in facts.items()])


def _entity(uid: Uid, entity: Entity) -> Json:
    attributes = {name: _value(fact) for name, fact in entity.attributes.items()}
    return {"uid": _name(uid), "attrs": attributes, "parents": [_name(parent) for parent in entity.parents]}


def _value(fact: Fact) -> Json:
    if isinstance(fact, frozenset):
        return [_value(member) for member in fact]
    return {"__entity": _name(fact)} if isinstance(fact, Uid) else fact


def _name(uid: Uid) -> Json:
    return {"type": f"ICONet::{uid.type}", "id": uid.id}
