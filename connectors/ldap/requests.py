"""Requests as they are asked (RFC 4511 4.2, 4.5, 4.10 to 4.12), out of octets. All raise BadBer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connectors.ldap import ber, filter, message  # noqa: A004 -- RFC 4511's word
from connectors.ldap.ber import BadBer
from connectors.ldap.limits import MAX_ATTRIBUTES

if TYPE_CHECKING:
    from connectors.ldap.message import Message
    from groupware.book.filters import Filter

SIMPLE, SASL = 0x80, 0xA3
REQUEST_NAME, REQUEST_VALUE = 0x80, 0x81
BASE, ONE, SUBTREE = 0, 1, 2
MOST_DEREFERENCES = 3


class Bind(NamedTuple):
    """RFC 4511 4.2; `secret` is None for SASL, whose `mechanism` is named then."""

    version: int
    name: str
    secret: str | None
    mechanism: str


class Search(NamedTuple):
    """RFC 4511 4.5.1; limits of 0 are none; `attributes` are the octets of the list of what is asked for.

    `identity` are the octets of all that but the limits, by which a page knows its search; `before` and `behind` are
    those around the filter.
    """

    base: str
    scope: int
    size_limit: int
    time_limit: int
    types_only: bool
    where: Filter
    attributes: bytes
    identity: bytes
    before: bytes
    behind: bytes


class Compare(NamedTuple):
    """RFC 4511 4.10."""

    name: str
    attribute: str
    value: str | None


class Extended(NamedTuple):
    """RFC 4511 4.12."""

    oid: str
    value: bytes | None


def bind(asked: Message) -> Bind:
    """RFC 4511 4.2."""
    octets = asked.octets
    start, at = ber.of_tag(ber.INTEGER, octets, asked.start, asked.stop)
    version = ber.number(octets, start, at)
    start, at = ber.of_tag(ber.OCTETS, octets, at, asked.stop)
    name = message.text(octets, start, at)
    tag, start, stop = ber.element(octets, at, asked.stop)
    if tag == SIMPLE:
        return Bind(version, name, message.text(octets, start, stop), "")
    if tag != SASL:
        return Bind(version, name, None, "")
    first, last = ber.of_tag(ber.OCTETS, octets, start, stop)
    return Bind(version, name, None, message.text(octets, first, last))


def search(asked: Message) -> Search:
    """RFC 4511 4.5.1. What is said of aliases is checked and then of no account: there are none."""
    octets, end = asked.octets, asked.stop
    start, scope_at = ber.of_tag(ber.OCTETS, octets, asked.start, end)
    base = message.text(octets, start, scope_at)
    first, at = ber.of_tag(ber.ENUMERATED, octets, scope_at, end)
    scope = ber.number(octets, first, at)
    first, limits_at = ber.of_tag(ber.ENUMERATED, octets, at, end)
    aliases = ber.number(octets, first, limits_at)
    first, at = ber.of_tag(ber.INTEGER, octets, limits_at, end)
    size = ber.number(octets, first, at)
    first, types_at = ber.of_tag(ber.INTEGER, octets, at, end)
    seconds = ber.number(octets, first, types_at)
    first, at = ber.of_tag(ber.BOOLEAN, octets, types_at, end)
    types_only = ber.truth(octets, first, at)
    if scope not in {BASE, ONE, SUBTREE} or not 0 <= aliases <= MOST_DEREFERENCES or size < 0 or seconds < 0:
        raise BadBer("search")
    where, behind = filter.read(octets, at, end)
    first, last = ber.of_tag(ber.SEQUENCE, octets, behind, end)
    if last != end:
        raise BadBer("something behind the search")
    identity, around = octets[start:limits_at] + octets[types_at:end], (octets[asked.start : at], octets[behind:end])
    return Search(base, scope, size, seconds, types_only, where, octets[first:last], identity, *around)


def attributes(octets: bytes) -> list[str]:
    """An AttributeSelection (RFC 4511 4.5.1.8)."""
    found = ber.elements(octets, 0, len(octets))
    if len(found) > MAX_ATTRIBUTES or any(tag != ber.OCTETS for tag, _, _ in found):
        raise BadBer("attributes")
    return [message.text(octets, start, stop) for _, start, stop in found]


def compare(asked: Message) -> Compare:
    """RFC 4511 4.10."""
    start, at = ber.of_tag(ber.OCTETS, asked.octets, asked.start, asked.stop)
    name = message.text(asked.octets, start, at)
    first, last = ber.of_tag(ber.SEQUENCE, asked.octets, at, asked.stop)
    return Compare(name, *filter.assertion(asked.octets, first, last))


def abandoned(asked: Message) -> int:
    """RFC 4511 4.11: the number of what is given up."""
    return ber.number(asked.octets, asked.start, asked.stop)


def extended(asked: Message) -> Extended:
    """RFC 4511 4.12."""
    start, at = ber.of_tag(REQUEST_NAME, asked.octets, asked.start, asked.stop)
    oid = message.text(asked.octets, start, at)
    if at == asked.stop:
        return Extended(oid, None)
    first, last = ber.of_tag(REQUEST_VALUE, asked.octets, at, asked.stop)
    return Extended(oid, asked.octets[first:last])
