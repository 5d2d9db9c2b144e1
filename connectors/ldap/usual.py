"""A search that differs from its client's last one in nothing but the filter, as an address book's look-ups do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ldap import filter, message  # noqa: A004 -- RFC 4511's word
from connectors.ldap.codes import Code, Op
from connectors.ldap.limits import MAX_ENTRIES
from connectors.ldap.rendering import ROOT_VALUES

if TYPE_CHECKING:
    from connectors.ldap.message import Message
    from connectors.ldap.requests import Search
    from connectors.ldap.selection import Encoder
    from groupware.book.sight import Sight

DONE = message.result(Op.SEARCH_DONE, Code.SUCCESS)


class Usual:
    """What is known of a search of the whole tree, but for the filter: the octets around it, and what they mean.

    What may be seen is no part of it: that is asked anew for each search.
    """

    __slots__ = ("_before", "_behind", "_encoder", "_most", "_wanted")

    def __init__(self, wanted: Search, encoder: Encoder) -> None:
        self._wanted = wanted
        self._before, self._behind = wanted.before, wanted.behind
        self._most = min(wanted.size_limit or MAX_ENTRIES, MAX_ENTRIES)
        self._encoder = encoder

    def answer(self, asked: Message, sight: Sight) -> bytes | None:
        """All that answers a search without controls; None if it is another one or a long one. Raises BadBer."""
        octets, before, behind, end = asked.octets, self._before, self._behind, asked.stop
        if not (octets.startswith(before, asked.start) and octets.endswith(behind, 0, end)):
            return None
        where, last = filter.read(octets, asked.start + len(before), end - len(behind))
        if last + len(behind) != end or where.holds(ROOT_VALUES):
            return None
        found = sight.few(where)
        if found is None or len(found) > self._most:
            return None
        selection = self._encoder.selection(self._wanted.attributes, types_only=self._wanted.types_only)
        number = asked.id_octets
        ops = self._encoder.entries(selection, found)
        return b"".join([message.wrapped(number, op) for op in ops]) + message.wrapped(number, DONE)
