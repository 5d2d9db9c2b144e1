"""What office documents say: Word's, Excel's and PowerPoint's (ECMA-376), and OpenDocument's, known by their content.

Bodies, headers and footers, notes, comments, sheets, slides, and the properties in which labels are kept. A document
that is embedded in another is looked into, one within that isn't. What is encrypted, damaged, kept in another format
(.doc, .xls, .xlsb) or too much stays closed; so do pictures, as in any message.
"""

from __future__ import annotations

from binascii import a2b_qp
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain
from typing import TYPE_CHECKING

from groupware.message import slices, structure, words
from groupware.message.office import packed
from groupware.message.office.packed import BEGINNING, BeyondError, Budget, UnreadableError
from groupware.message.office.part import CELL, PARAGRAPH, Place, Workbook
from groupware.message.office.reading import LaterError, OtherError, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from groupware.message.office.packed import Entry
    from groupware.message.office.part import Part as OfficePart
    from groupware.message.parts import Part

EMBEDDED_MAX = 4 << 20
"""Octets of a document within another."""
_BEGIN = 4096
"""Octets of a part, as encoded, among which its first ones have to be."""
_OLE = b"\xd0\xcf\x11\xe0"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Left(IntEnum):
    """What wasn't read of a document: some part that can't be, or all that is beyond the bounds."""

    NOTHING = 0
    CLOSED = 1
    BEYOND = 2


@dataclass(slots=True)
class Document:
    """Lines of each part by its place, in which CELL and PARAGRAPH divide a row; `properties` are names and values."""

    texts: list[tuple[Place, list[str]]] = field(default_factory=list)
    properties: list[tuple[str, str]] = field(default_factory=list)
    left: Left = Left.NOTHING
    has_body: bool = False

    def text(self, *places: Place) -> str:
        """As people read it: a row's cells divided by semicolons, an empty line between two parts."""
        wanted = ["\n".join(lines) for place, lines in self.texts if place in places]
        return "\n\n".join(wanted).replace(CELL, "; ").replace(PARAGRAPH, " ")


def is_packed(octets: bytes | bytearray) -> bool:
    """Whether these may be a document's first octets."""
    return octets.startswith(BEGINNING)


def may_hold(raw: bytes) -> bool:
    """Whether a message may have a document in it: reading one takes longer than its size tells."""
    return b"\x03" in raw or b"=03" in raw or b"base64" in raw.lower()


def for_all_to_wait() -> Budget:
    """For all documents of a message that ICONet's own process looks at: some 0.3 s, with moments for others."""
    return Budget(octets=12 << 20, elements=200_000, signs=2 << 20)


def for_a_child() -> Budget:
    """The same in a child process: some 1.5 s."""
    return Budget(octets=40 << 20, elements=600_000, signs=2 << 20)


def of_part(raw: bytes, part: Part, budget: Budget) -> Document | None:
    """The document that a message's part is; None for what is none or can't be read at all."""
    encoding = structure.encoding(part).lower()
    begins = _decoded(memoryview(raw)[part.body_at : min(part.end, part.body_at + _BEGIN)], encoding)
    if not is_packed(bytes(begins[:4])):
        return None
    return read(_decoded(memoryview(raw)[part.body_at : part.end], encoding), budget)


def read(octets: bytes | bytearray | memoryview, budget: Budget) -> Document | None:
    """The same of octets."""
    reader = _Reader(memoryview(octets), budget)
    try:
        reader.read()
    except BeyondError:
        reader.leave(Left.BEYOND)
    except UnreadableError:
        return None
    found = reader.document
    return found if found.has_body or found.left is Left.BEYOND else None


class _Reader:
    def __init__(self, octets: memoryview, budget: Budget, *, embedded: bool = False) -> None:
        self.octets, self.budget, self.embedded = octets, budget, embedded
        self.document = Document()
        self.book = Workbook(budget)
        self.bodies: list[Entry] = []
        self.within: list[Entry] = []

    def leave(self, what: Left) -> None:
        self.document.left = max(self.document.left, what)

    def read(self) -> None:
        """Headers and properties first: of what is too much they are known at least. What is embedded comes last."""
        if not packed.is_document(self.octets):
            raise UnreadableError
        for number, entry in enumerate(list(packed.entries(self.octets, self.budget))):
            self._try(self._entry, entry)
            if not number % packed.TOGETHER:
                slices.pause()
        for entry in self.bodies:
            self._try(self._body, entry)
        for entry in self.within:
            self._try(self._embedded, entry)

    def _try(self, read: Callable[[Entry], None], entry: Entry) -> None:
        try:
            read(entry)
        except BeyondError:
            raise
        except UnreadableError:
            self.leave(Left.CLOSED)

    def _entry(self, entry: Entry) -> None:
        pieces = packed.inflated(self.octets, entry, self.budget)
        first = next(pieces, b"")
        if is_packed(first):
            self.within.append(entry)
        elif first.startswith(_OLE):
            self.leave(Left.CLOSED)
        elif _is_xml(first):
            try:
                self._xml(chain((first,), pieces), bodies=False)
            except LaterError:
                self.bodies.append(entry)

    def _body(self, entry: Entry) -> None:
        self._xml(packed.inflated(self.octets, entry, self.budget), bodies=True)

    def _xml(self, pieces: Iterable[bytes], *, bodies: bool) -> None:
        reading = Reading(self.book, bodies=bodies)
        try:
            for piece in pieces:
                reading.feed(piece)
            reading.feed(b"", last=True)
        except OtherError:
            return
        finally:
            self._keep(reading.part)
            reading.close()

    def _keep(self, part: OfficePart | None) -> None:
        """Also of one that ends too early."""
        if part is None:
            return
        self.document.texts += part.lines.items()
        self.document.properties += part.properties
        self.document.has_body |= part.is_body
        if not part.whole:
            self.leave(Left.CLOSED)

    def _embedded(self, entry: Entry) -> None:
        """A document in this one."""
        if self.embedded:
            raise UnreadableError
        octets = bytearray()
        for piece in packed.inflated(self.octets, entry, self.budget):
            octets += piece
            if len(octets) > EMBEDDED_MAX:
                self.leave(Left.BEYOND)
                return
        inner = _Reader(memoryview(octets), self.budget, embedded=True)
        try:
            inner.read()
        finally:
            self.document.texts += inner.document.texts
            self.document.properties += inner.document.properties
            self.leave(inner.document.left if inner.document.has_body else Left.CLOSED)


def _is_xml(first: bytes) -> bool:
    """In UTF-8, or in UTF-16, which every other octet of is 0."""
    for mark in _MARKS:
        first = first.removeprefix(mark)
    return first.lstrip(b"\0 \t\r\n").startswith(b"<")


def _decoded(octets: memoryview, encoding: bytes) -> bytes | bytearray | memoryview:
    """Without the transfer encoding (RFC 2045 6), a slice at a time."""
    if encoding == b"base64":
        return _of_base64(octets)
    return _of_quoted(octets) if encoding == b"quoted-printable" else octets


def _of_base64(octets: memoryview) -> bytearray:
    made, rest = bytearray(), b""
    for start, stop in slices.spans(0, len(octets)):
        kept = rest + bytes(octets[start:stop]).translate(None, words.NOT_BASE64)
        whole = len(kept) - len(kept) % 4
        made += words.decode_base64(kept[:whole])
        rest = kept[whole:]
    return made + words.decode_base64(rest)


def _of_quoted(octets: memoryview) -> bytearray:
    """No piece ends within an encoded octet."""
    made, rest = bytearray(), b""
    for start, stop in slices.spans(0, len(octets)):
        piece = rest + bytes(octets[start:stop])
        cut = piece.find(b"=", len(piece) - 2) if stop < len(octets) else -1
        rest = piece[cut:] if cut >= 0 else b""
        made += a2b_qp(piece[:cut] if cut >= 0 else piece)
    return made
