"""The neutral predicate: what compiled policies say about one unknown row. Frozen, hashable, knows no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeGuard, get_args

from policies.entities import Parameter, Uid, Value

Comparison = Literal["eq", "not_eq", "less", "less_eq", "greater", "greater_eq"]
COMPARISONS: frozenset[str] = frozenset(get_args(Comparison))


def is_comparison(op: str) -> TypeGuard[Comparison]:
    """Whether the policy language's operator compares two values."""
    return op in COMPARISONS


@dataclass(frozen=True, slots=True)
class Column:
    """A fact of the unknown row, by its path in the policy (`room.moderators`); the empty path is the row itself."""

    path: tuple[str, ...]
    type: str


Operand = Column | Parameter | Value


@dataclass(frozen=True, slots=True)
class Const:
    """Always, or never."""

    value: bool


@dataclass(frozen=True, slots=True)
class Holds:
    """A Boolean fact of the row is true."""

    column: Column


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; at most one of them is a column."""

    op: Comparison
    left: Operand
    right: Operand

    @property
    def column(self) -> Column | None:
        """The side that depends on the row, if one does."""
        return next((side for side in (self.left, self.right) if isinstance(side, Column)), None)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The entity in `column` is one of `values`."""

    column: Column
    values: frozenset[Uid]


@dataclass(frozen=True, slots=True)
class Within:
    """The entity in `column` is `above`, or lies in it: a role held, a unit in the closure."""

    column: Column
    above: Uid


@dataclass(frozen=True, slots=True)
class Has:
    """The set in `column` contains `value`."""

    column: Column
    value: Uid


@dataclass(frozen=True, slots=True)
class Not:
    """Negation. Sound in SQL only because no fact is ever NULL."""

    part: Predicate


@dataclass(frozen=True, slots=True)
class All:
    """Conjunction of two parts or more."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Disjunction of two parts or more."""

    parts: tuple[Predicate, ...]


Leaf = Holds | Compare | OneOf | Within | Has
Predicate = Const | Leaf | Not | All | Any
YES, NO = Const(value=True), Const(value=False)


def all_of(*parts: Predicate) -> Predicate:
    """Conjunction, folded: NO wins, YES vanishes, nested conjunctions are flattened."""
    flat = _flat(All, parts)
    flat.pop(YES, None)
    if NO in flat:
        return NO
    return _lone(flat) or (All(tuple(flat)) if flat else YES)


def any_of(*parts: Predicate) -> Predicate:
    """Disjunction, folded: YES wins, NO vanishes, nested disjunctions are flattened."""
    flat = _flat(Any, parts)
    flat.pop(NO, None)
    if YES in flat:
        return YES
    return _lone(flat) or (Any(tuple(flat)) if flat else NO)


def negate(part: Predicate) -> Predicate:
    """Negation, folded."""
    if isinstance(part, Const):
        return NO if part.value else YES
    return part.part if isinstance(part, Not) else Not(part)


def _flat(kind: type[All | Any], parts: tuple[Predicate, ...]) -> dict[Predicate, None]:
    """The parts without doubles, in order, those of the same kind opened."""
    flat: dict[Predicate, None] = {}
    for part in parts:
        flat.update(dict.fromkeys(part.parts if isinstance(part, (All, Any)) and isinstance(part, kind) else (part,)))
    return flat


def _lone(flat: dict[Predicate, None]) -> Predicate | None:
    return next(iter(flat)) if len(flat) == 1 else None
