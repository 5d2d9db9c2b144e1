"""Which attributes a search shows (RFC 4511 4.5.1.8, RFC 3673), and entries encoded accordingly, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ldap import ber, requests
from connectors.ldap.codes import Op
from connectors.ldap.schema import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.ldap.rendering import Rendering, Shown
    from connectors.ldap.schema import Type
    from groupware.book.entries import Entry
    from groupware.book.sight import Found

NO_ATTRIBUTES = "1.1"
MOST_SELECTIONS = 32
MOST_KEPT = 24 << 20
"""Octets of encoded entries that are kept, for all clients together."""


class Selection:
    """What one list of attributes, with or without values, shows of entries."""

    def __init__(self, names: Iterable[str], *, types_only: bool) -> None:
        asked = {name.lower() for name in names}
        self._types_only = types_only
        self._users = not asked or "*" in asked
        self._operational = "+" in asked  # RFC 3673
        self._named = {known.name for name in asked if (known := BY_NAME.get(name))}
        self.kept: dict[int, tuple[Entry, bytes]] = {}

    def encoded(self, name: str, shown: Shown) -> bytes:
        """A SearchResultEntry (RFC 4511 4.5.2)."""
        attributes = b"".join(self._attribute(kind, values) for kind, values in shown if self._shows(kind) and values)
        return ber.tlv(Op.ENTRY, ber.string(name) + ber.tlv(ber.SEQUENCE, attributes))

    def _shows(self, kind: Type) -> bool:
        """RFC 4511 4.5.1.8: a type that is asked for brings its subtypes."""
        wanted = self._operational if kind.operational else self._users
        return wanted or kind.name in self._named or kind.above in self._named

    def _attribute(self, kind: Type, values: Iterable[str]) -> bytes:
        listed = b"" if self._types_only else b"".join(map(ber.string, values))
        return ber.sequence(ber.string(kind.name), ber.tlv(ber.SET, listed))


class Encoder:
    """Selections and what was encoded by them, for all clients of a door."""

    def __init__(self, rendering: Rendering) -> None:
        self.rendering = rendering
        self._selections: dict[tuple[bytes, bool], Selection] = {}
        self._size = 0

    def selection(self, attributes: bytes, *, types_only: bool) -> Selection:
        """What a list of attributes, as its octets, shows. Raises BadBer."""
        found = self._selections.get((attributes, types_only))
        if found is None:
            found = Selection(requests.attributes(attributes), types_only=types_only)
            if len(self._selections) >= MOST_SELECTIONS:
                self._forget()
            self._selections[attributes, types_only] = found
        return found

    def entries(self, selection: Selection, found: Iterable[Found]) -> list[bytes]:
        """Entries of the book, each as the protocolOp of an answer."""
        known = selection.kept.get
        return [
            kept[1]
            if (kept := known(place)) is not None and kept[0] is entry
            else self._encoded(selection, place, entry)
            for place, entry in found
        ]

    def _encoded(self, selection: Selection, place: int, entry: Entry) -> bytes:
        encoded = selection.encoded(self.rendering.tree.name(entry), self.rendering.shown(entry))
        if self._size >= MOST_KEPT:
            self._forget()
        selection.kept[place] = entry, encoded
        self._size += len(encoded)
        return encoded

    def _forget(self) -> None:
        """A selection that is in use keeps what it has, and is dropped with its search."""
        self._selections.clear()
        self._size = 0
