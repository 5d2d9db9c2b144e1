"""What is searched for, in words of the directory: a filter that no protocol has a part in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Value = str | int | bool


class Comparing(StrEnum):
    """How a field is compared; the last three are for texts."""

    EQUAL = "eq"
    GREATER = "gt"
    AT_LEAST = "ge"
    LESS = "lt"
    AT_MOST = "le"
    CONTAINS = "co"
    BEGINS = "sw"
    ENDS = "ew"


@dataclass(frozen=True, slots=True)
class Compare:
    """A field compared with a value."""

    field: str
    how: Comparing
    value: Value


@dataclass(frozen=True, slots=True)
class Present:
    """A field that has been filled in."""

    field: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    term: Criterion


@dataclass(frozen=True, slots=True)
class Every:
    """All of them; true for none."""

    terms: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them; false for none."""

    terms: tuple[Criterion, ...] = ()


Criterion = Compare | Present | Not | Every | Some
ALL = Every()
NONE = Some()


@dataclass(frozen=True, slots=True)
class Search:
    """A page of what meets a criterion: `count` from the one with index `start` (0 is the first), sorted by a field."""

    criterion: Criterion = ALL
    start: int = 0
    count: int = 0
    sort: str = ""
    descending: bool = False
