"""The hash tree over the log's records (RFC 9162 2.1; RFC 6962's is the same), and proofs from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 32
"""Octets of a hash."""
EMPTY = sha256(b"").digest()
"""The root of no records (2.1.1)."""
_LEVEL = 8
_CHUNK = 1 << _LEVEL


def leaf(record: bytes) -> bytes:
    """The hash of one record (2.1.1)."""
    return sha256(b"\0" + record).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees (2.1.1)."""
    return sha256(b"\1" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """What is kept of a tree to let it grow: the roots of its whole subtrees, the largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def read(cls, size: int, octets: bytes) -> Frontier:
        """Of what `octets` gave. Raises ValueError when no tree of this size has such peaks."""
        if len(octets) != WIDTH * size.bit_count():
            raise ValueError(f"{len(octets)} octets of peaks for {size} records")
        return cls(size, [octets[at : at + WIDTH] for at in range(0, len(octets), WIDTH)])

    def octets(self) -> bytes:
        """All peaks, one after the other."""
        return b"".join(self.peaks)

    def extend(self, leaves: bytes) -> None:
        """Let it grow by these hashes of records, one after the other."""
        end = len(leaves) // WIDTH
        at = 0
        while at < end:
            if self.size % _CHUNK == 0 and end - at >= _CHUNK:
                self._add(_root_of(leaves[at * WIDTH : (at + _CHUNK) * WIDTH]), _LEVEL)
                at += _CHUNK
            else:
                self._add(leaves[at * WIDTH : (at + 1) * WIDTH], 0)
                at += 1

    def root(self) -> bytes:
        """The root of the whole tree (2.1.1)."""
        if not self.peaks:
            return EMPTY
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node(peak, found)
        return found

    def _add(self, subtree: bytes, level: int) -> None:
        """A whole subtree of 2 ** level records: it and equal ones before it make larger ones."""
        number = self.size >> level
        while number & 1:
            subtree = node(self.peaks.pop(), subtree)
            number >>= 1
        self.peaks.append(subtree)
        self.size += 1 << level


def _root_of(hashes: bytes) -> bytes:
    """The root of a number of hashes that is a power of two, level by level: twice as quick as one by one."""
    while len(hashes) > WIDTH:
        hashes = b"".join([sha256(b"\1" + hashes[at : at + 64]).digest() for at in range(0, len(hashes), 64)])
    return hashes


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree of these hashes."""
    tree = Frontier()
    tree.extend(b"".join(leaves))
    return tree.root()


def inclusion(position: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that prove the record at `position` to be in the tree of `leaves` (2.1.3.1)."""
    if len(leaves) <= 1:
        return []
    half = _half(len(leaves))
    if position < half:
        return [*inclusion(position, leaves[:half]), root(leaves[half:])]
    return [*inclusion(position - half, leaves[half:]), root(leaves[:half])]


def included(found: bytes, position: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that the proof leads to from the record with this hash, None if it is no such proof (2.1.3.2)."""
    if position >= size:
        return None
    at, last, value = position, size - 1, found
    for other in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            value = node(other, value)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            value = node(value, other)
        at, last = at >> 1, last >> 1
    return value if last == 0 else None


def _half(size: int) -> int:
    """The largest power of two below it (2.1.1)."""
    return 1 << (size - 1).bit_length() - 1
