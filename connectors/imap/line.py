"""What the wire hands to the grammar: one command line with its literals beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from connectors.imap.limits import MAX_TAG

if TYPE_CHECKING:
    from typing import IO

MARK = 0
"""The octet that stands in a line's text for a literal: NUL, which no client may send (RFC 9051 9, CHAR)."""
IN_MEMORY = 256 << 10
"""Octets of a message that are kept in memory; more go to a temporary file."""
TAG_CHARS = frozenset(b"!#$&',-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz|~")
"""RFC 9051 9, tag: ASTRING-CHAR without `+`."""


class BadCommand(Exception):  # noqa: N818 - the word of RFC 9051's reply
    """The line is no command: answer `TAG BAD text`. `tag` is `*` when the line has none that could be echoed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.tag = b"*"


class BadCharset(BadCommand):
    """A search in letters that we don't know: answer `TAG NO [BADCHARSET (UTF-8 US-ASCII)]` (RFC 9051 6.4.4)."""


@dataclass(slots=True)
class Upload:
    """An appended message of `size` octets, in memory or in a temporary file; `has_nul` spoils it."""

    size: int
    file: IO[bytes] = field(default_factory=lambda: SpooledTemporaryFile(IN_MEMORY), repr=False)  # noqa: SIM115 - `close` does
    has_nul: bool = False

    def add(self, block: bytes | bytearray) -> None:
        """Put `block` at the end. Blocks for the disk beyond `IN_MEMORY`: call it in a thread then."""
        self.has_nul = self.has_nul or b"\0" in block
        self.file.write(block)

    def read(self) -> bytes:
        """The whole message; reads a file when it is longer than `IN_MEMORY`."""
        self.file.seek(0)
        return self.file.read()

    def close(self) -> None:
        """Give the memory or the file back; may be called again."""
        self.file.close()


@dataclass(frozen=True, slots=True)
class Line:
    """One command without its CRLF: each literal is a `MARK` in `text` and a member of `literals`, in order."""

    text: bytes
    literals: tuple[bytes | Upload, ...] = ()

    @property
    def tag(self) -> bytes:
        """The tag to answer with, or `*` if the line doesn't begin with one."""
        return tag_of(self.text)

    def close(self) -> None:
        """Close the uploads."""
        for literal in self.literals:
            if isinstance(literal, Upload):
                literal.close()


def tag_of(text: bytes | bytearray) -> bytes:
    """The tag at the start of `text`, or `*`."""
    word = bytes(text[: MAX_TAG + 1]).partition(b" ")[0]
    return word if 0 < len(word) <= MAX_TAG and TAG_CHARS.issuperset(word) else b"*"
