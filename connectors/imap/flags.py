"""The flags that a reader may set, as bits of `place.flags` and by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES: Final = (
    b"\\Seen",
    b"\\Answered",
    b"\\Flagged",
    b"\\Deleted",
    b"\\Draft",
    b"$Forwarded",
    b"$MDNSent",
    b"$Junk",
    b"$NotJunk",
)
"""Bit 0 first. Only ever add at the end: the bits are stored."""
BITS: Final = {name.upper(): 1 << bit for bit, name in enumerate(NAMES)}
SEEN: Final = 1
DELETED: Final = 8
ALL: Final = (1 << len(NAMES)) - 1
_TEXTS: Final = tuple(
    b"(" + b" ".join(name for bit, name in enumerate(NAMES) if mask >> bit & 1) + b")" for mask in range(ALL + 1)
)


def mask_of(names: Iterable[bytes]) -> int:
    """The bits of `names`, written in any case; unknown ones have none, PERMANENTFLAGS said so (RFC 9051 7.1)."""
    mask = 0
    for name in names:
        mask |= BITS.get(name.upper(), 0)
    return mask


def text_of(mask: int) -> bytes:
    r"""`(\Seen $Junk)`; bits without a name are left out."""
    return _TEXTS[mask & ALL]
