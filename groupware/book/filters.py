"""What to look for, as a tree that belongs to no protocol. Made by the functions below, which fold what is compared.

`holds` answers True, False or, where nobody can tell, None (RFC 4511 4.5.1.7): not None is None; only True is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.book.entries import compared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.book.entries import Attribute, Values


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of none it is true."""

    parts: tuple[Filter, ...]

    def holds(self, values: Values) -> bool | None:
        """Whether it is so of an entry."""
        found: bool | None = True
        for part in self.parts:
            held = part.holds(values)
            if held is False:
                return False
            if held is None:
                found = None
        return found


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them; of none it is false."""

    parts: tuple[Filter, ...]

    def holds(self, values: Values) -> bool | None:
        """Whether it is so of an entry."""
        found: bool | None = False
        for part in self.parts:
            held = part.holds(values)
            if held:
                return True
            if held is None:
                found = None
        return found


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Filter

    def holds(self, values: Values) -> bool | None:
        """Whether it is so of an entry."""
        held = self.part.holds(values)
        return None if held is None else not held


@dataclass(frozen=True, slots=True)
class Equals:
    """One of the values is this."""

    attribute: Attribute
    value: str

    def holds(self, values: Values) -> bool | None:
        """Whether it is so of an entry."""
        return self.value in values.get(self.attribute, ())


@dataclass(frozen=True, slots=True)
class Present:
    """There is a value."""

    attribute: Attribute

    def holds(self, values: Values) -> bool | None:
        """Whether it is so of an entry."""
        return self.attribute in values


@dataclass(frozen=True, slots=True)
class Substring:
    """One of the values begins, goes on and ends with these, in this order and without overlap; "" for whatever."""

    attribute: Attribute
    initial: str = ""
    middle: tuple[str, ...] = ()
    final: str = ""

    def holds(self, values: Values) -> bool | None:
        """Whether it is so of an entry."""
        return any(self._in(value) for value in values.get(self.attribute, ()))

    def _in(self, value: str) -> bool:
        at, end = len(self.initial), len(value) - len(self.final)
        if at > end or not (value.startswith(self.initial) and value.endswith(self.final)):
            return False
        for piece in self.middle:
            found = value.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True


@dataclass(frozen=True, slots=True)
class AtLeast:
    """One of the values is this or sorts behind it."""

    attribute: Attribute
    value: str

    def holds(self, values: Values) -> bool | None:
        """Whether it is so of an entry."""
        return any(value >= self.value for value in values.get(self.attribute, ()))


@dataclass(frozen=True, slots=True)
class AtMost:
    """One of the values is this or sorts before it."""

    attribute: Attribute
    value: str

    def holds(self, values: Values) -> bool | None:
        """Whether it is so of an entry."""
        return any(value <= self.value for value in values.get(self.attribute, ()))


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell: an attribute or a comparison that the book doesn't know."""

    def holds(self, _values: Values) -> bool | None:
        """Whether it is so of an entry."""
        return None


Filter = And | Or | Not | Equals | Present | Substring | AtLeast | AtMost | Unknown
EVERYTHING = And(())
NOTHING = Or(())


def equals(attribute: Attribute, text: str) -> Equals:
    """Entries with this value."""
    return Equals(attribute, compared(attribute, text))


def prefix(attribute: Attribute, text: str) -> Substring:
    """Entries with a value that begins so."""
    return substring(attribute, initial=text)


def substring(attribute: Attribute, initial: str = "", middle: Sequence[str] = (), final: str = "") -> Substring:
    """Entries with a value made of these pieces and whatever lies between."""
    pieces = tuple(filter(None, (compared(attribute, piece) for piece in middle)))
    return Substring(attribute, compared(attribute, initial), pieces, compared(attribute, final))


def at_least(attribute: Attribute, text: str) -> AtLeast:
    """Entries with this value or a later one."""
    return AtLeast(attribute, compared(attribute, text))


def at_most(attribute: Attribute, text: str) -> AtMost:
    """Entries with this value or an earlier one."""
    return AtMost(attribute, compared(attribute, text))
