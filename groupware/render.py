"""Renders the policies' neutral predicate as SQL. Every fact is NOT NULL, so NOT means what it says."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from typing import Any as Anything

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Label,
    Select,
    and_,
    bindparam,
    false,
    not_,
    or_,
    select,
    true,
)

from policies.entities import Parameter, Uid
from policies.tree import All, Any, Column, Compare, Const, Has, Holds, Not, OneOf, Within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policies.compiler import Filter
    from policies.tree import Comparison, Leaf, Operand, Predicate

Path = tuple[str, ...]
Truth = ColumnElement[bool]
COMPARE: Mapping[Comparison, Callable[[Anything, Anything], Truth]] = {
    "eq": operator.eq,
    "not_eq": operator.ne,
    "less": operator.lt,
    "less_eq": operator.le,
    "greater": operator.gt,
    "greater_eq": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Hop:
    """A step to another table: `near` here is `key` there."""

    near: ColumnElement[Anything]
    key: ColumnElement[Anything]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact of a row is: a column, of the row's own table or some hops away.

    Hops are sub-selects and not joins: the planner then reads the few rooms or units once instead of for every post.
    """

    value: ColumnElement[Anything]
    hops: tuple[Hop, ...] = ()

    def where(self, test: Truth) -> Truth:
        """The test on the fact's own column, as a test on the row."""
        for hop in reversed(self.hops):
            test = hop.near.in_(whole(select(hop.key).where(test)))
        return test


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Where the facts of one kind are: columns by path, sets by path as (item, member), and what lies in an entity."""

    places: Mapping[Path, Place]
    sets: Mapping[Path, tuple[ColumnElement[Anything], ColumnElement[Anything]]] = field(default_factory=dict)
    within: Mapping[str, Callable[[Uid], Select[tuple[int]]]] = field(default_factory=dict)

    @property
    def id(self) -> ColumnElement[Anything]:
        """The row's own key."""
        return self.places[()].value

    def missing(self, paths: set[Path]) -> set[Path]:
        """What policies read and this catalogue lacks: a fault to stop at, at the start."""
        return paths - set(self.places) - set(self.sets)


def whole(statement: Select[tuple[int]]) -> Select[tuple[int]]:
    """A sub-select that stays whole even where the outer statement reads the same table."""
    return statement.correlate(None)


def render(node: Predicate, facts: Catalogue) -> Truth:
    """The predicate as a condition on the catalogue's table; it may hold the parameter `now` (microseconds)."""
    match node:
        case Const(value):
            return true() if value else false()
        case Not(part):
            return not_(render(part, facts))
        case All(parts):
            return and_(*(render(part, facts) for part in parts))
        case Any(parts):
            return or_(*(render(part, facts) for part in parts))
    return _leaf(node, facts)


def reasons(found: Filter, facts: Catalogue) -> list[Label[bool]]:
    """One Boolean column a permit, named by its rule: of a row that passes, those that are true are its reasons."""
    return [render(rule.condition, facts).label(rule.id) for rule in found.permits]


def _leaf(node: Leaf, facts: Catalogue) -> Truth:
    match node:
        case Compare():
            return _comparison(node, facts)
        case Has(column, value):
            item, member = facts.sets[column.path]
            return facts.id.in_(whole(select(item).where(member == key(value))))
    place = facts.places[node.column.path]
    return place.where(_test(node, place.value, facts))


def _test(node: Holds | OneOf | Within, column: ColumnElement[Anything], facts: Catalogue) -> Truth:
    match node:
        case Holds():
            return column
        case OneOf(_, values):
            return column.in_(sorted(key(value) for value in values))
        case Within(_, above):
            return column.in_(whole(facts.within[above.type](above)))


def _comparison(node: Compare, facts: Catalogue) -> Truth:
    left, right = (_operand(side, facts) for side in (node.left, node.right))
    test = COMPARE[node.op](left, right)
    return facts.places[node.column.path].where(test) if node.column else test


def _operand(term: Operand, facts: Catalogue) -> object:
    """A column, a parameter, or a plain value, which takes the type of the column beside it."""
    match term:
        case Column(path):
            return facts.places[path].value
        case Parameter(name):
            return bindparam(name, type_=BigInteger)
    return key(term) if isinstance(term, Uid) else term


def key(uid: Uid) -> int | str:
    """An entity's key in its table: a number, but for partners (mail domains) and duties (names of roles)."""
    return uid.id if uid.type in ("Partner", "Duty") else int(uid.id)
