"""The check at load: a typed walk of every policy for every kind it applies to, with both sides unknown.

Stricter than Cedar's validator: what could not be compiled in either direction, or never holds by type, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cedarpy import pst

from policies.compiler import scope_includes, scope_is
from policies.schema import Shapes, UnsupportedError
from policies.tree import is_comparison
from policies.vocabulary import Access, Role

DUTIES = frozenset({*Role, *Access})


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression's type and the side that it depends on (None: neither, so it is always known)."""

    type: str
    root: str | None = None
    path: tuple[str, ...] = ()


BOOL, LONG = Typed("Bool"), Typed("Long")


@dataclass(slots=True)
class Fragment:
    """Checks policies one by one; `paths` gathers, per kind, the facts that they read: the SQL catalogue needs all."""

    shapes: Shapes
    paths: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)

    def check(self, policy: pst.Template) -> None:
        """Raises UnsupportedError unless the policy can be compiled in both directions."""
        if "id" not in policy.annotations:
            raise UnsupportedError(f"{policy.id} has no @id")
        if not isinstance(policy.principal, pst.ScopeAny):
            raise UnsupportedError(f"{policy.annotations['id']}: a rule is about every official")
        for kind in self._kinds(policy):
            for clause in policy.clauses:
                want("Bool", Walk(self.shapes, kind, self.paths).expr(clause.expr), policy)

    def _kinds(self, policy: pst.Template) -> set[str]:
        """What the policy's scope covers."""
        groups, shapes = self.shapes.groups, self.shapes.kinds
        actions = [action for action in shapes if scope_includes(policy.action, action, groups)]
        kinds = {kind for action in actions for kind in shapes[action] if scope_is(policy.resource, kind)}
        if not kinds:
            raise UnsupportedError(f"{policy.annotations['id']} applies to nothing")
        return kinds


@dataclass(frozen=True, slots=True)
class Walk:
    """One policy's expressions for one kind of resource."""

    shapes: Shapes
    kind: str
    paths: dict[str, set[tuple[str, ...]]]

    def expr(self, expr: pst.Expr) -> Typed:
        """The expression's type; raises UnsupportedError for what is outside the fragment."""
        match expr:
            case pst.BoolLit() | pst.LongLit():
                return BOOL if isinstance(expr, pst.BoolLit) else LONG
            case pst.EntityLit(uid):
                return duty(uid)
            case pst.Var(name):
                return self._variable(name)
            case pst.GetAttr(base, name):
                return self._attribute(self.expr(base), name)
            case pst.Set(elements):
                return entity_set([self.expr(element) for element in elements])
            case _:
                return self._formula(expr)

    def _variable(self, name: str) -> Typed:
        known = {
            "principal": Typed("Official", "principal"),
            "resource": Typed(self.kind, "resource"),
            "context": Typed("Context"),
        }
        if name not in known:
            raise UnsupportedError(f"{name} in a condition")
        return known[name]

    def _attribute(self, base: Typed, name: str) -> Typed:
        found = Typed(self.shapes.attribute(base.type, name), base.root, (*base.path, name))
        if base.root:
            self.paths.setdefault("Official" if base.root == "principal" else self.kind, set()).add(found.path)
        return found

    def _formula(self, expr: pst.Expr) -> Typed:
        match expr:
            case pst.UnaryOp("not", arg):
                return self._conditions(arg)
            case pst.BinaryOp("and" | "or", left, right):
                return self._conditions(left, right)
            case pst.IfThenElse(cond, then, other):
                return self._conditions(cond, then, other)
            case pst.BinaryOp(op, left, right):
                return self._relation(op, self.expr(left), self.expr(right))
        raise UnsupportedError(repr(expr)[:200])

    def _conditions(self, *parts: pst.Expr) -> Typed:
        for part in parts:
            want("Bool", self.expr(part), part)
        return BOOL

    def _relation(self, op: str, left: Typed, right: Typed) -> Typed:
        if left.root == right.root or not self._fits(op, left, right):
            raise UnsupportedError(f"{left} {op} {right}")
        return BOOL

    def _fits(self, op: str, left: Typed, right: Typed) -> bool:
        """Whether the relation is meant for these types: Cedar lets entities of other types pass, never equal."""
        if op == "in":  # only the subject's facts hold a closure: an item's unit isn't known to lie in anything
            return left.root == "principal" and self.shapes.may_be_within(
                left.type, right.type.removeprefix("Set<").removesuffix(">")
            )
        if op == "contains":
            return left.type == f"Set<{right.type}>"
        entities = op in ("eq", "not_eq") and left.type in self.shapes.parents
        return is_comparison(op) and left.type == right.type and (entities or left.type == "Long")


def duty(uid: pst.EntityUid) -> Typed:
    """The only entities that a text may name; a misspelt one would be a rule that never applies."""
    if uid.type.basename != "Duty" or uid.id not in DUTIES:
        raise UnsupportedError(f"{uid} in a policy")
    return Typed("Duty")


def entity_set(elements: list[Typed]) -> Typed:
    """A literal set: of known entities of one type."""
    if len({element.type for element in elements}) != 1 or any(element.root for element in elements):
        raise UnsupportedError("a set literal must hold known entities of one type")
    return Typed(f"Set<{elements[0].type}>")


def want(kind: str, got: Typed, where: object) -> None:
    """Raises UnsupportedError unless the type is as wanted."""
    if got.type != kind:
        raise UnsupportedError(f"{kind} wanted, {got} found in {where!r}"[:300])
