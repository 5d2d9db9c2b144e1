"""A unit as SCIM tells of it, and what it may say of it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WantedUnit:
    """What a client writes; ids among the members that no official of the body has are passed over."""

    name: str
    external_id: str
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class Unit:
    """What a client reads: `members` are the officials in this very unit, by id. Times as for a person."""

    id: int
    name: str
    external_id: str
    row_version: int
    created: int
    changed: int
    members: tuple[int, ...] = ()

    @property
    def version(self) -> str:
        """Another one when the row or the members are others: people are moved through other doors, too."""
        return f"{self.row_version}-{zlib.crc32(repr(self.members).encode()):08x}"
