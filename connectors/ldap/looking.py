"""Where a search looks: from its base and scope (RFC 4511 4.5.1.1 and 4.5.1.2) to what the book is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connectors.ldap.naming import RootDse, Subschema, Top
from connectors.ldap.rendering import ROOT_VALUES, SCHEMA_VALUES, SERVER_VALUES
from connectors.ldap.requests import BASE, ONE, SUBTREE
from groupware.book import entries
from groupware.book.entries import Attribute, Body, Person, Unit
from groupware.book.filters import And, Not, equals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.ldap.naming import Target
    from groupware.book.entries import Values
    from groupware.book.filters import Filter
    from groupware.book.sight import Found, Sight

_IS_UNIT = equals(Attribute.KIND, "UNIT")
_NOT_UNIT = Not(_IS_UNIT)


class Plan(NamedTuple):
    """Whether the base itself may be an answer, and which entries below it, `None` for none of them."""

    base: bool
    below: Filter | None
    body: Body | None = None


def plan(target: Target, scope: int, where: Filter) -> Plan:
    """What a search has to look at."""
    if isinstance(target, Top):
        if scope == SUBTREE:
            return Plan(base=True, below=where)
        return Plan(base=scope == BASE, below=And((where, _NOT_UNIT)) if scope == ONE else None)
    if isinstance(target, Body) and scope != BASE:
        return Plan(scope == SUBTREE, And((where, _IS_UNIT, equals(Attribute.BODY, target.code))), target)
    return Plan(base=scope == BASE or (scope == SUBTREE and isinstance(target, Person | Unit)), below=None)


def below(sight: Sight, found: Plan, after: int) -> Iterator[list[Found]]:
    """Batches of entries below the base, from behind a place; another body may be called what this one's code is."""
    if found.below is None:
        return
    for batch in sight.batches(found.below, after):
        if found.body is None:
            yield batch
        else:
            yield [(place, e) for place, e in batch if isinstance(e, Unit) and e.body.id == found.body.id]


def values_of(target: Target) -> Values:
    """What a base is found by; of the server itself only its classes can be asked."""
    if isinstance(target, Top):
        return ROOT_VALUES
    if isinstance(target, RootDse):
        return SERVER_VALUES
    if isinstance(target, Subschema):
        return SCHEMA_VALUES
    return entries.values_of(target)
