"""Search filters (RFC 4511 4.5.1.7) as the book's, read within bounds of depth, parts and length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.ldap import ber, message
from connectors.ldap.ber import BadBer
from connectors.ldap.limits import MAX_DEPTH, MAX_TERMS
from connectors.ldap.schema import BY_NAME, KINDS_BY_CLASS, OBJECT_CLASS
from groupware.book import filters
from groupware.book.entries import Attribute
from groupware.book.filters import EVERYTHING, And, Filter, Not, Or, Present, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.ldap.schema import Type

AND, OR, NOT = 0xA0, 0xA1, 0xA2
EQUAL, SUBSTRINGS, AT_LEAST, AT_MOST, PRESENT, APPROXIMATE, EXTENSIBLE = 0xA3, 0xA4, 0xA5, 0xA6, 0x87, 0xA8, 0xA9
INITIAL, ANY, FINAL = 0x80, 0x81, 0x82
UNKNOWN = Unknown()


@dataclass(slots=True)
class _Budget:
    """How many parts may still come."""

    terms: int = MAX_TERMS

    def take(self) -> None:
        self.terms -= 1
        if self.terms < 0:
            raise BadBer("filter too large")


def read(octets: bytes, at: int, end: int) -> tuple[Filter, int]:
    """The filter at `at`, and where it ends. Raises BadBer."""
    return _read(octets, at, end, MAX_DEPTH, _Budget())


def _read(octets: bytes, at: int, end: int, depth: int, budget: _Budget) -> tuple[Filter, int]:
    budget.take()
    if not depth:
        raise BadBer("filter too deep")
    tag, start, stop = ber.element(octets, at, end)
    compare = COMPARISONS.get(tag)
    if compare is not None:
        return compare(*assertion(octets, start, stop)), stop
    if tag in {AND, OR}:
        parts = _parts(octets, start, stop, depth, budget)
        return (And(parts) if tag == AND else Or(parts)), stop  # RFC 4526: of none, true and false
    if tag == NOT:
        part, last = _read(octets, start, stop, depth - 1, budget)
        if last != stop:
            raise BadBer("something behind the filter")
        return Not(part), stop
    if tag == SUBSTRINGS:
        return _substrings(octets, start, stop, budget), stop
    if tag == PRESENT:
        return present(message.text(octets, start, stop)), stop
    if tag == EXTENSIBLE:
        return UNKNOWN, stop  # RFC 4511 4.5.1.7.7: no rule is supported by name, so nobody can tell
    raise BadBer("unknown filter")


def _parts(octets: bytes, at: int, stop: int, depth: int, budget: _Budget) -> tuple[Filter, ...]:
    parts = []
    while at < stop:
        part, at = _read(octets, at, stop, depth - 1, budget)
        parts.append(part)
    return tuple(parts)


def assertion(octets: bytes, at: int, stop: int) -> tuple[str, str | None]:
    """An AttributeValueAssertion (RFC 4511 4.1.6); None for a value that is no text."""
    start, middle = ber.of_tag(ber.OCTETS, octets, at, stop)
    first, last = ber.of_tag(ber.OCTETS, octets, middle, stop)
    if last != stop:
        raise BadBer("something behind the assertion")
    return message.text(octets, start, middle), _value(octets, first, last)


def _value(octets: bytes, start: int, stop: int) -> str | None:
    try:
        return message.text(octets, start, stop)
    except BadBer:
        return None


def _substrings(octets: bytes, at: int, stop: int, budget: _Budget) -> Filter:
    start, middle = ber.of_tag(ber.OCTETS, octets, at, stop)
    first, last = ber.of_tag(ber.SEQUENCE, octets, middle, stop)
    pieces = ber.elements(octets, first, last)
    if not pieces or last != stop:
        raise BadBer("no substrings")
    texts: dict[int, list[str]] = {INITIAL: [], ANY: [], FINAL: []}
    for place, (tag, begin, end) in enumerate(pieces):
        budget.take()
        misplaced = (tag == INITIAL and place) or (tag == FINAL and place < len(pieces) - 1)
        if tag not in texts or misplaced:
            raise BadBer("substrings out of order")
        texts[tag].append(message.text(octets, begin, end))
    initial, final = "".join(texts[INITIAL]), "".join(texts[FINAL])
    return _over(
        message.text(octets, start, middle), lambda searched: filters.substring(searched, initial, texts[ANY], final)
    )


def known(description: str) -> Type | None:
    """The attribute type that a description names; None with options, since no value here has any (RFC 4512 2.5)."""
    return BY_NAME.get(description.lower())


def present(description: str) -> Filter:
    """RFC 4511 4.5.1.7.5."""
    kind = known(description)
    if kind is None:
        return UNKNOWN
    if kind is OBJECT_CLASS:
        return EVERYTHING
    found: list[Filter] = [Present(searched) for searched in kind.searched]
    return _one_of([*found, *_of_kinds(kind.kinds)])


def equal(description: str, value: str | None) -> Filter:
    """RFC 4511 4.5.1.7.1."""
    kind = known(description)
    if kind is OBJECT_CLASS:
        kinds = KINDS_BY_CLASS.get((value or "").lower())
        return UNKNOWN if kinds is None else _one_of(_of_kinds(kinds))
    return _over(description, lambda searched: filters.equals(searched, value or "")) if value is not None else UNKNOWN


def _at_least(description: str, value: str | None) -> Filter:
    return _over(description, lambda searched: filters.at_least(searched, value or "")) if value else UNKNOWN


def _at_most(description: str, value: str | None) -> Filter:
    return _over(description, lambda searched: filters.at_most(searched, value or "")) if value else UNKNOWN


COMPARISONS: dict[int, Callable[[str, str | None], Filter]] = {
    EQUAL: equal,
    APPROXIMATE: equal,  # RFC 4511 4.5.1.7.6: what isn't supported otherwise is equality
    AT_LEAST: _at_least,
    AT_MOST: _at_most,
}


def _over(description: str, made: Callable[[Attribute], Filter]) -> Filter:
    """A comparison with whatever the type and its subtypes are searched by."""
    kind = known(description)
    if kind is None or not kind.searched:
        return UNKNOWN
    return _one_of([made(searched) for searched in kind.searched])


def _of_kinds(kinds: frozenset[str]) -> list[Filter]:
    return [filters.equals(Attribute.KIND, kind) for kind in sorted(kinds)]


def _one_of(parts: list[Filter]) -> Filter:
    return parts[0] if len(parts) == 1 else Or(tuple(parts))
