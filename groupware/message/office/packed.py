"""Files within a zip archive as programs see them: by its directory, inflated a piece at a time, and counted.

No size or sum that the archive states is believed (PKWARE APPNOTE 6.3.10): what is inflated is counted, and what is fed
to the inflater too, so that neither bombs nor entries that lie over one another cost more than the budget.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from groupware.message import slices

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGINNING = b"PK\x03\x04"
"""Of an archive that begins with a file (APPNOTE 4.3.7)."""
ENTRIES_MAX = 5_000
"""Files of one archive."""
TOGETHER = 50
"""Files of it that are looked at without a moment for others."""
_LIKE = 10
"""XML elements that cost as much as a file of an archive does."""
FIRST = 512
"""Octets of a file that are inflated first, to see what it is."""
PIECE = 16 * 1024
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1
_COMMENT_MAX = 0xFFFF
_END = struct.Struct("<4s4H2LH")  # APPNOTE 4.3.16
_LISTED = struct.Struct("<4s6H3L5H2L")  # APPNOTE 4.3.12
_LOCAL = struct.Struct("<4s5H3L2H")  # APPNOTE 4.3.7
_FIELD = struct.Struct("<2H")  # APPNOTE 4.5.1
_LARGE_END = struct.Struct("<4sQ2H2L4Q")  # APPNOTE 4.3.14
_LARGE_END_AT = struct.Struct("<4sLQL")  # APPNOTE 4.3.15
_LARGE = 0xFFFFFFFF
"""Instead of a number that stands in ZIP64's field, as that of every file does with some programs."""
_ZIP64 = 1
_KNOWN_BY = re.compile(rb"(?s)PK\x01\x02.{24}(?:\x13\0.{16}(?i:\[content_types\]\.xml)|\x08\0.{16}(?i:mimetype))")
"""A file that is listed by one of the names that every document has (ECMA-376-2 10.1, OpenDocument 1.3 part 2, 3.3)."""
_KNOWN_WITHIN = 65
"""Octets of it, at most."""


class UnreadableError(Exception):
    """What is damaged, encrypted or packed in another way."""


class BeyondError(UnreadableError):
    """What is more than the budget allows."""


@dataclass(slots=True)
class Budget:
    """What may still be spent on the documents of one message: octets in and out, XML elements, characters of text."""

    octets: int
    elements: int
    signs: int

    def take(self, octets: int) -> None:
        """Raises BeyondError when nothing is left."""
        self.octets -= octets
        if self.octets < 0:
            raise BeyondError

    def build(self, elements: int = 1) -> None:
        """The same of elements, or of what is kept for them."""
        self.elements -= elements
        if self.elements < 0:
            raise BeyondError

    def say(self, signs: int) -> None:
        """The same of characters."""
        self.signs -= signs
        if self.signs < 0:
            raise BeyondError


class Entry(NamedTuple):
    """A file as the directory lists it: where its local header stands, and how many octets it has as packed."""

    name: str
    flags: int
    method: int
    packed: int
    at: int


def is_document(octets: memoryview) -> bool:
    """Whether the directory lists what a document has: other archives are none, and cost its budget nothing.

    Raises UnreadableError where there is no directory.
    """
    spans = slices.spans(_directory_at(octets), len(octets))
    return any(_KNOWN_BY.search(octets, start, stop + _KNOWN_WITHIN) for start, stop in spans)


def entries(octets: memoryview, budget: Budget) -> Iterator[Entry]:
    """The directory. Raises UnreadableError where there is none, BeyondError for more than ENTRIES_MAX."""
    at = _directory_at(octets)
    for number in range(ENTRIES_MAX):
        if not number % TOGETHER:
            slices.pause()
        if len(octets) - at < _LISTED.size or bytes(octets[at : at + 4]) != b"PK\x01\x02":
            return
        row = _LISTED.unpack_from(octets, at)
        budget.build(_LIKE)
        name_at, name_size = at + _LISTED.size, row[10]
        extra_at = name_at + name_size
        name = bytes(octets[name_at:extra_at]).decode("utf-8", "replace")
        _, size, place = _sizes_and_place((row[9], row[8], row[16]), octets[extra_at : extra_at + row[11]])
        yield Entry(name, row[3], row[4], size, place)
        at = extra_at + row[11] + row[12]
    raise BeyondError


def _sizes_and_place(stated: tuple[int, int, int], extra: memoryview) -> Iterator[int]:
    """APPNOTE 4.5.3: ZIP64's field has those that are stated as _LARGE, in this order."""
    numbers = _zip64(extra) if _LARGE in stated else iter(())
    return (next(numbers, each) if each == _LARGE else each for each in stated)


def _zip64(extra: memoryview) -> Iterator[int]:
    while len(extra) >= _FIELD.size:
        kind, size = _FIELD.unpack_from(extra)
        content, extra = extra[_FIELD.size : _FIELD.size + size], extra[_FIELD.size + size :]
        if kind == _ZIP64:
            yield from (number for (number,) in struct.iter_unpack("<Q", content[: len(content) // 8 * 8]))


def _directory_at(octets: memoryview) -> int:
    tail_at = max(0, len(octets) - _END.size - _COMMENT_MAX)
    found = bytes(octets[tail_at:]).rfind(b"PK\x05\x06")
    if found < 0 or len(octets) - tail_at - found < _END.size:
        raise UnreadableError
    at: int = _END.unpack_from(octets, tail_at + found)[6]
    return at if at != _LARGE else _large_directory_at(octets, tail_at + found - _LARGE_END_AT.size)


def _large_directory_at(octets: memoryview, at: int) -> int:
    """As ZIP64 has it, whose end is found by what stands before the other one."""
    try:
        _, _, end_at, _ = _LARGE_END_AT.unpack_from(octets, max(0, at))
        row = _LARGE_END.unpack_from(octets, min(end_at, len(octets)))
    except struct.error as error:
        raise UnreadableError from error
    return int(row[9])


def inflated(octets: memoryview, entry: Entry, budget: Budget) -> Iterator[bytes]:
    """A file's content in small pieces, the first of at most FIRST octets. Raises UnreadableError, BeyondError."""
    start = _content_at(octets, entry)
    if entry.method == _STORED:
        pieces = _blocks(octets[start : start + entry.packed])
    elif entry.method == _DEFLATED:
        pieces = _inflated(octets[start:], budget)
    else:
        raise UnreadableError
    for piece in pieces:
        budget.take(len(piece))
        yield piece
        slices.pause()


def _content_at(octets: memoryview, entry: Entry) -> int:
    if entry.flags & _ENCRYPTED or len(octets) - entry.at < _LOCAL.size:
        raise UnreadableError
    row = _LOCAL.unpack_from(octets, entry.at)
    if row[0] != BEGINNING:
        raise UnreadableError
    return int(entry.at + _LOCAL.size + row[9] + row[10])


def _blocks(octets: memoryview) -> Iterator[bytes]:
    """A small one, then larger ones."""
    yield bytes(octets[:FIRST])
    for at in range(FIRST, len(octets), PIECE):
        yield bytes(octets[at : at + PIECE])


def _inflated(octets: memoryview, budget: Budget) -> Iterator[bytes]:
    """RFC 1951; the stream says itself where it ends."""
    engine, most, blocks = zlib.decompressobj(-zlib.MAX_WBITS), FIRST, _blocks(octets)
    rest = b""
    while not engine.eof:
        if not rest:
            rest = next(blocks, b"")
            budget.take(len(rest))
        try:
            piece = engine.decompress(rest, most)
        except zlib.error as error:
            raise UnreadableError from error
        if not piece and not rest:
            raise UnreadableError  # it is cut off
        rest = engine.unconsumed_tail
        if piece:
            yield piece
            most = PIECE
