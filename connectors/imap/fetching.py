"""What FETCH may ask of a message (RFC 9051 6.4.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Attribute(StrEnum):
    """An item without arguments, by its name on the wire. `BODY` is the short structure, not content."""

    UID = "UID"
    FLAGS = "FLAGS"
    INTERNALDATE = "INTERNALDATE"
    SIZE = "RFC822.SIZE"
    ENVELOPE = "ENVELOPE"
    BODY = "BODY"
    BODYSTRUCTURE = "BODYSTRUCTURE"
    MODSEQ = "MODSEQ"


class Part(StrEnum):
    """Which text of a section; `WHOLE` is the message or the part itself."""

    WHOLE = ""
    HEADER = "HEADER"
    FIELDS = "HEADER.FIELDS"
    FIELDS_NOT = "HEADER.FIELDS.NOT"
    TEXT = "TEXT"
    MIME = "MIME"


@dataclass(frozen=True, slots=True)
class Section:
    r"""`BODY[path.part (fields)]<start.length>`; without `peek` reading it sets \Seen.

    `fields` are header names as the client wrote them; `partial` is (start, length) in octets, length 0 included.
    `label` is what the answer calls it: the same words without .PEEK and length (RFC 9051 7.5.2).
    """

    label: bytes
    path: tuple[int, ...] = ()
    part: Part = Part.WHOLE
    fields: tuple[bytes, ...] = ()
    partial: tuple[int, int] | None = None
    peek: bool = False

    def cut(self, content: bytes) -> bytes:
        """The octets of `content` that were asked for."""
        if self.partial is None:
            return content
        start, length = self.partial
        return content[start : start + length]


FetchItem = Attribute | Section

FAST = (Attribute.FLAGS, Attribute.INTERNALDATE, Attribute.SIZE)
MACROS: dict[bytes, tuple[FetchItem, ...]] = {
    b"ALL": (*FAST, Attribute.ENVELOPE),
    b"FAST": FAST,
    b"FULL": (*FAST, Attribute.ENVELOPE, Attribute.BODY),
}
OLD_NAMES: dict[bytes, Section] = {
    b"RFC822": Section(b"RFC822"),
    b"RFC822.HEADER": Section(b"RFC822.HEADER", part=Part.HEADER, peek=True),
    b"RFC822.TEXT": Section(b"RFC822.TEXT", part=Part.TEXT),
}
"""Other spellings of sections, answered by their own name (RFC 3501 6.4.5)."""
