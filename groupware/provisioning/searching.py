"""Criteria become SQL: texts are compared in any case of letters unless their field says otherwise."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, true

from groupware.errors import Refused
from groupware.provisioning.criteria import Compare, Comparing, Criterion, Every, Not, Present

GREATEST = 2**62
_HALF = re.compile("[\ud800-\udfff]")
"""Half a character (of UTF-16)."""
_ORDER: Mapping[Comparing, Callable[[Any, Any], ColumnElement[bool]]] = {
    Comparing.EQUAL: operator.eq,
    Comparing.GREATER: operator.gt,
    Comparing.AT_LEAST: operator.ge,
    Comparing.LESS: operator.lt,
    Comparing.AT_MOST: operator.le,
}


def _itself(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return condition


@dataclass(frozen=True, slots=True)
class Field:
    """A column to search in. `nothing` is what stands in it when it isn't filled in; None: it always is.

    `within` makes of a condition on it that some row of another table meets the condition.
    """

    column: ColumnElement[Any]
    nothing: str | int | None = ""
    exact: bool = False
    within: Callable[[ColumnElement[bool]], ColumnElement[bool]] = _itself


Fields = Mapping[str, Field]


def clause(fields: Fields, criterion: Criterion) -> ColumnElement[bool]:
    """The condition. Refused("filter") for a value that can't be compared with."""
    if isinstance(criterion, Compare | Present):
        field = fields[criterion.field]
        return field.within(_compared(field, criterion) if isinstance(criterion, Compare) else _present(field))
    if isinstance(criterion, Not):
        return not_(clause(fields, criterion.term))
    terms = [clause(fields, term) for term in criterion.terms]
    return and_(true(), *terms) if isinstance(criterion, Every) else or_(false(), *terms)


def order(field: Field, *, descending: bool) -> list[ColumnElement[Any]]:
    """By a field: what isn't filled in comes last, or first where the order is reversed (RFC 7644 3.4.2.3)."""
    column = field.column if field.exact or not isinstance(field.nothing, str) else func.lower(field.column)
    if field.nothing is None:
        return [column.desc() if descending else column.asc()]
    missing = not_(_present(field))
    return [missing.desc(), column.desc()] if descending else [missing.asc(), column.asc()]


def _present(field: Field) -> ColumnElement[bool]:
    return true() if field.nothing is None else field.column != field.nothing


def _compared(field: Field, term: Compare) -> ColumnElement[bool]:
    if isinstance(term.value, str):
        return _texts(field, term.how, _fit(term.value))
    if not -GREATEST <= term.value <= GREATEST:
        raise Refused("filter", "the number is too large")
    return _ORDER[term.how](field.column, int(term.value))


def _fit(text: str) -> str:
    """Text that a database can hold; RFC 7644 lets a filter write any character as an escape."""
    if "\0" in text or _HALF.search(text):
        raise Refused("filter", "the text has a character that no text here has")
    return text


def _texts(field: Field, how: Comparing, text: str) -> ColumnElement[bool]:
    """No LIKE, so no wildcards. Both sides are folded by the database, whose idea of small letters may be its own."""
    value = literal(text)
    left, right = (field.column, value) if field.exact else (func.lower(field.column), func.lower(value))
    if how in _ORDER:
        return _ORDER[how](left, right)
    if not text:
        return true()
    if how is Comparing.CONTAINS:
        return func.replace(left, right, "") != left
    length = func.length(right)
    start = literal(1) if how is Comparing.BEGINS else func.length(left) - length + 1
    return and_(func.length(left) >= length, func.substr(left, start, length) == right)
