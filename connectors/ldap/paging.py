"""Paged results (RFC 2696): a page's cookie says which search it is of, whose, and how far it went.

Nothing is kept here. Places count entries that the caller may not see, too, so a cookie is sealed: its holder reads
nothing in it. The key is the process's: after a restart a client begins anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from connectors.ldap import ber
from connectors.ldap.ber import BadBer
from connectors.ldap.codes import PAGED_RESULTS
from connectors.ldap.limits import MAX_PAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = 4
KEY_BITS = 512
_SEAL = AESSIV(AESSIV.generate_key(KEY_BITS))
"""RFC 5297: the same place of the same search has the same cookie, and no number has to be used only once."""
BEGINNING, BASE = -2, -1
"""The places before everything, and of the search's base."""


class Paging(NamedTuple):
    """What a page is asked for: at most `size` entries behind the place `after`; `ends` to hear no more."""

    size: int
    after: int
    ends: bool


class BadCookie(Exception):  # noqa: N818 -- what it is
    """This cookie is of another search, or none of ours."""


def asked(value: bytes, search: Sequence[bytes]) -> Paging:
    """What the control asks for of the search known by these octets. Raises BadBer or BadCookie."""
    at, end = ber.of_tag(ber.SEQUENCE, value, 0, len(value))
    start, stop = ber.of_tag(ber.INTEGER, value, at, end)
    size = ber.number(value, start, stop)
    first, last = ber.of_tag(ber.OCTETS, value, stop, end)
    if size < 0 or last != end:
        raise BadBer("paged results")
    return Paging(min(size, MAX_PAGE), _after(value[first:last], search), ends=size == 0)


def answered(search: Sequence[bytes], after: int | None) -> bytes:
    """The control of the answer; without a place to go on behind, that was the last page. The size isn't estimated."""
    cookie = b"" if after is None else _SEAL.encrypt((after - BASE).to_bytes(PLACE, "big"), [*search])
    value = ber.sequence(ber.integer(0), ber.string(cookie))
    return ber.sequence(ber.string(PAGED_RESULTS), ber.string(value))


def _after(cookie: bytes, search: Sequence[bytes]) -> int:
    if not cookie:
        return BEGINNING
    try:
        return int.from_bytes(_SEAL.decrypt(cookie, [*search]), "big") + BASE
    except InvalidTag as error:
        raise BadCookie from error
