"""Paged results (RFC 2696): a page's cookie says which search it is of and how far it went; nothing is kept here."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from connectors.ldap import ber
from connectors.ldap.ber import BadBer
from connectors.ldap.codes import PAGED_RESULTS
from connectors.ldap.limits import MAX_PAGE

DIGEST, PLACE = 8, 4
BEGINNING, BASE = -2, -1
"""The places before everything, and of the search's base."""


class Paging(NamedTuple):
    """What a page is asked for: at most `size` entries behind the place `after`; `ends` to hear no more."""

    size: int
    after: int
    ends: bool


class BadCookie(Exception):  # noqa: N818 -- what it is
    """This cookie is of another search, or none of ours."""


def asked(value: bytes, identity: bytes) -> Paging:
    """What the control asks for of the search with these octets. Raises BadBer or BadCookie."""
    at, end = ber.of_tag(ber.SEQUENCE, value, 0, len(value))
    start, stop = ber.of_tag(ber.INTEGER, value, at, end)
    size = ber.number(value, start, stop)
    first, last = ber.of_tag(ber.OCTETS, value, stop, end)
    if size < 0 or last != end:
        raise BadBer("paged results")
    return Paging(min(size, MAX_PAGE), _after(value[first:last], identity), ends=size == 0)


def answered(identity: bytes, after: int | None) -> bytes:
    """The control of the answer; without a place to go on behind, that was the last page. The size isn't estimated."""
    cookie = b"" if after is None else _digest(identity) + (after - BASE).to_bytes(PLACE, "big")
    value = ber.sequence(ber.integer(0), ber.string(cookie))
    return ber.sequence(ber.string(PAGED_RESULTS), ber.string(value))


def _after(cookie: bytes, identity: bytes) -> int:
    if not cookie:
        return BEGINNING
    if len(cookie) != DIGEST + PLACE or cookie[:DIGEST] != _digest(identity):
        raise BadCookie
    return int.from_bytes(cookie[DIGEST:], "big") + BASE


def _digest(identity: bytes) -> bytes:
    return blake2b(identity, digest_size=DIGEST).digest()
