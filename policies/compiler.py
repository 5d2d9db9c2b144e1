"""Turns policies into a predicate over whichever side is unknown.

One evaluator for both directions: what is known folds away, what is unknown becomes columns, time may stay a parameter.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn

from cedarpy import pst

from policies.entities import Fact, Facts, Parameter, Uid, Value
from policies.schema import Shapes, UnsupportedError
from policies.tree import (
    NO,
    All,
    Any,
    Column,
    Compare,
    Comparison,
    Const,
    Has,
    Holds,
    Not,
    OneOf,
    Predicate,
    Within,
    all_of,
    any_of,
    is_comparison,
    negate,
)

ORDER: dict[Comparison, Callable[[int, int], bool]] = {
    "less": operator.lt,
    "less_eq": operator.le,
    "greater": operator.gt,
    "greater_eq": operator.ge,
}
Record = Mapping[str, Value | Parameter]
Term = Fact | Column | Parameter | Predicate | Record


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy's condition on the unknown row; `id` is the reason shown."""

    id: str
    permits: bool
    condition: Predicate


@dataclass(frozen=True, slots=True)
class Filter:
    """All rules that can still matter: a row passes when some permit holds and no forbid does."""

    rules: tuple[Rule, ...]

    @property
    def permits(self) -> tuple[Rule, ...]:
        """The rules that can be a reason for a row to be there."""
        return tuple(rule for rule in self.rules if rule.permits)

    @property
    def predicate(self) -> Predicate:
        """The rules' sum."""
        forbid = any_of(*(rule.condition for rule in self.rules if not rule.permits))
        return all_of(negate(forbid), any_of(*(rule.condition for rule in self.permits)))


@dataclass(frozen=True, slots=True)
class Question:
    """One compilation: the action, the unknown side and the kinds of both, the known side and the circumstances."""

    action: str
    unknown: Literal["principal", "resource"]
    kinds: Mapping[str, str]
    known: Uid
    facts: Facts
    context: Record


class Compiler:
    """Evaluates policies for one question."""

    def __init__(self, shapes: Shapes, question: Question) -> None:
        self._shapes, self._ask = shapes, question

    def filter(self, policies: Iterable[pst.Template]) -> Filter:
        """The rules whose condition isn't already NO."""
        rules = (Rule(p.annotations["id"], p.effect == "permit", self.condition(p)) for p in policies)
        return Filter(tuple(rule for rule in rules if rule.condition != NO))

    def condition(self, policy: pst.Template) -> Predicate:
        """When the policy applies: its scope, then its clauses."""
        if not self._in_scope(policy):
            return NO
        return all_of(*(self._clause(clause) for clause in policy.clauses))

    def _in_scope(self, policy: pst.Template) -> bool:
        action = scope_includes(policy.action, self._ask.action, self._shapes.groups)
        return action and scope_is(policy.resource, self._ask.kinds["resource"])

    def _clause(self, clause: pst.Clause) -> Predicate:
        met = self._truth(clause.expr)
        return negate(met) if isinstance(clause, pst.Unless) else met

    def _truth(self, expr: pst.Expr) -> Predicate:
        """An expression in the place of a condition."""
        match self._term(expr):
            case bool(value):
                return Const(value)
            case Column(_, "Bool") as column:
                return Holds(column)
            case Const() | Holds() | Compare() | OneOf() | Within() | Has() | Not() | All() | Any() as formula:
                return formula
        return refuse(expr)

    def _term(self, expr: pst.Expr) -> Term:
        match expr:
            case pst.BoolLit() | pst.LongLit():
                return expr.value
            case pst.EntityLit(uid):
                return Uid(uid.type.basename, uid.id)
            case pst.Var(name):
                return self._variable(name)
            case pst.GetAttr(base, name):
                return self._attribute(self._term(base), name)
            case pst.Set(elements):
                return frozenset(self._entity(element) for element in elements)
            case _:
                return self._formula(expr)

    def _variable(self, name: str) -> Term:
        if name == "context":
            return self._ask.context
        return Column((), self._ask.kinds[name]) if name == self._ask.unknown else self._ask.known

    def _attribute(self, base: Term, name: str) -> Term:
        match base:
            case Column(path, kind):
                return Column((*path, name), self._shapes.attribute(kind, name))
            case Uid():
                return self._ask.facts[base].attributes[name]
            case Mapping():
                return base[name]
        return refuse(base)

    def _entity(self, expr: pst.Expr) -> Uid:
        term = self._term(expr)
        return term if isinstance(term, Uid) else refuse(expr)

    def _formula(self, expr: pst.Expr) -> Predicate:
        match expr:
            case pst.UnaryOp("not", arg):
                return negate(self._truth(arg))
            case pst.BinaryOp("and", left, right):
                return all_of(self._truth(left), self._truth(right))
            case pst.BinaryOp("or", left, right):
                return any_of(self._truth(left), self._truth(right))
            case pst.BinaryOp(op, left, right):
                return self._relation(op, self._term(left), self._term(right))
            case pst.IfThenElse(cond, then, other):
                return self._branch(self._truth(cond), then, other)
        return refuse(expr)

    def _branch(self, test: Predicate, then: pst.Expr, other: pst.Expr) -> Predicate:
        return any_of(all_of(test, self._truth(then)), all_of(negate(test), self._truth(other)))

    def _relation(self, op: str, left: Term, right: Term) -> Predicate:
        if op == "in":
            return self._within(left, right)
        if op == "contains":
            return contains(left, right)
        return compare(op, left, right) if is_comparison(op) else refuse(op)

    def _within(self, low: Term, high: Term) -> Predicate:
        match low, high:
            case Uid(), Column(_, kind) if kind.startswith("Set<"):
                mine = sorted(uid for uid in self._above(low) if f"Set<{uid.type}>" == kind)
                return any_of(*(Has(high, uid) for uid in mine))
            case Uid(), Column(_, kind):
                return one_of(high, frozenset(uid for uid in self._above(low) if uid.type == kind))
            case Column(), Uid():
                return Within(low, high)
            case Uid(), Uid():
                return Const(high in self._above(low))
            case _, frozenset():
                return any_of(*(self._within(low, uid) for uid in sorted(high, key=lambda uid: uid.id)))
        return refuse((low, high))

    def _above(self, uid: Uid) -> frozenset[Uid]:
        """The entity and all that it lies in."""
        found, todo = frozenset[Uid](), frozenset([uid])
        while todo:
            found |= todo
            todo = (
                frozenset(up for one in todo if one in self._ask.facts for up in self._ask.facts[one].parents) - found
            )
        return found


def refuse(what: object) -> NoReturn:
    """Stops: the fragment check should have kept this out."""
    raise UnsupportedError(repr(what)[:200])


def scope_includes(scope: pst.ActionConstraint, action: str, groups: Mapping[str, str]) -> bool:
    """Whether a policy's action scope covers the action, itself or by its group."""
    match scope:
        case pst.ActionEq(entity):
            return entity.id == action
        case pst.ActionIn(entities):
            return not {entity.id for entity in entities}.isdisjoint({action, groups.get(action)})
    return isinstance(scope, pst.ScopeAny) or refuse(scope)


def scope_is(scope: pst.PrincipalOrResourceConstraint, kind: str) -> bool:
    """Whether a policy's resource scope covers the kind."""
    if isinstance(scope, pst.ScopeIs):
        return scope.entity_type.basename == kind
    return isinstance(scope, pst.ScopeAny) or refuse(scope)


def compare(op: Comparison, left: Term, right: Term) -> Predicate:
    """A comparison, decided at once when neither side is open."""
    if isinstance(left, (Column, Parameter, int, Uid)) and isinstance(right, (Column, Parameter, int, Uid)):
        if isinstance(left, (Column, Parameter)) or isinstance(right, (Column, Parameter)):
            return Compare(op, left, right)
        return Const(_holds(op, left, right))
    return refuse((op, left, right))


def _holds(op: Comparison, left: Value, right: Value) -> bool:
    if op in ("eq", "not_eq"):
        return (left == right) is (op == "eq")
    return isinstance(left, int) and isinstance(right, int) and ORDER[op](left, right)


def contains(holder: Term, item: Term) -> Predicate:
    """Whether a set of entities has one."""
    match holder, item:
        case Column(), Uid():
            return Has(holder, item)
        case frozenset(), Column():
            return one_of(item, holder)
        case frozenset(), Uid():
            return Const(item in holder)
    return refuse((holder, item))


def one_of(column: Column, values: frozenset[Uid]) -> Predicate:
    """Membership in a known set; nothing is in an empty one."""
    return OneOf(column, values) if values else NO
