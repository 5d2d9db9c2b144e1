"""The tree of a message's parts (RFC 2045, RFC 2046) as offsets into its bytes: linear, bounded, nothing copied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from groupware.message import parameters, slices
from groupware.message.errors import Unacceptable
from groupware.message.fields import Head, read_tolerantly

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH_MAX = 30
PARTS_MAX = 1000
BOUNDARY_LINES_MAX = 10_000
"""Lines of a whole message that begin like a boundary, whether they are one or not."""

_PLAIN = (b"text", b"plain")
_CR = 13


@dataclass(frozen=True, slots=True)
class Part:
    """A message or part: header `raw[start:body_at]`, body `raw[body_at:end]`.

    `main` and `sub` are the media type as written, `parameters` its parameters; `children` the parts of a
    multipart, or the one message within a message/rfc822.
    """

    head: Head
    start: int
    end: int
    main: bytes
    sub: bytes
    parameters: parameters.Parameters
    children: tuple[Part, ...]

    @property
    def body_at(self) -> int:
        """Where the body begins."""
        return self.head.body_at

    @property
    def is_multipart(self) -> bool:
        """Whether it consists of parts."""
        return self.main.lower() == b"multipart"

    @property
    def is_message(self) -> bool:
        """Whether its body is a message (RFC 2046 5.2.1, RFC 6532 3.7)."""
        return self.main.lower() == b"message" and self.sub.lower() in (b"rfc822", b"global")


def read(raw: bytes, head: Head | None = None) -> Part:
    """The tree of a whole message; raises `Unacceptable` for more parts or levels than the bounds allow."""
    head = head or read_tolerantly(raw, 0, len(raw))
    return _TreeReader(raw).part(head, (0, len(raw)), 0, _PLAIN)


class _TreeReader:
    """Reads one message's tree and keeps count of what is left of its bounds."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts_left = PARTS_MAX
        self.boundary_lines_left = BOUNDARY_LINES_MAX

    def part(self, head: Head, span: tuple[int, int], depth: int, default: tuple[bytes, bytes]) -> Part:
        if depth > DEPTH_MAX:
            raise Unacceptable("mime-too-deep", f"The message nests parts deeper than {DEPTH_MAX}.")
        self.parts_left -= 1
        if self.parts_left < 0:
            raise Unacceptable("too-many-parts", f"The message has more than {PARTS_MAX} parts.")
        main, sub, given = _media_type(head.first(b"content-type"), default)
        leaf = Part(head, span[0], span[1], main, sub, given, ())
        children = tuple(self._children(leaf, depth + 1))
        return replace(leaf, children=children) if children else leaf

    def _children(self, part: Part, depth: int) -> Iterator[Part]:
        if part.is_multipart:
            default = (b"message", b"rfc822") if part.sub.lower() == b"digest" else _PLAIN  # RFC 2046 5.1.5
            boundary = _boundary(part.parameters)
            spans = self._split((part.body_at, part.end), boundary) if boundary else ()
            for span in spans:
                yield self.part(read_tolerantly(self.raw, *span), span, depth, default)
        elif part.is_message:
            head = read_tolerantly(self.raw, part.body_at, part.end)
            yield self.part(head, (part.body_at, part.end), depth, _PLAIN)

    def _split(self, span: tuple[int, int], boundary: bytes) -> Iterator[tuple[int, int]]:
        """Where each part of a multipart lies (RFC 2046 5.1.1); without a closing line the last ends with the body."""
        begin = -1
        for at, behind, closing in self._delimiters(span, boundary):
            if begin >= 0:
                yield begin, max(begin, at - 1 if self.raw[at - 1] == _CR else at)
            if closing:
                return
            begin = behind
        if begin >= 0:
            yield begin, span[1]

    def _delimiters(self, span: tuple[int, int], boundary: bytes) -> Iterator[tuple[int, int, bool]]:
        """Each delimiter: where the LF before it stands, where the next line begins, whether it is the closing one."""
        raw, mark, end = self.raw, b"\n--" + boundary, span[1]
        at = slices.find(raw, mark, max(span[0] - 1, 0), end)
        while at >= 0:
            self._take_boundary_line()
            newline = raw.find(b"\n", at + len(mark), end)
            stop = end if newline < 0 else newline
            rest = raw[at + len(mark) : stop].strip(b" \t\r")
            if rest in (b"", b"--"):
                yield at, min(stop + 1, end), rest == b"--"
            at = slices.find(raw, mark, stop, end)

    def _take_boundary_line(self) -> None:
        self.boundary_lines_left -= 1
        if self.boundary_lines_left < 0:
            raise Unacceptable("too-many-parts", f"The message has more than {BOUNDARY_LINES_MAX} boundary lines.")


def _boundary(given: parameters.Parameters) -> bytes | None:
    """The boundary, also one written as RFC 2231 allows: a part that some client sees must not be hidden from us."""
    plain = parameters.plain(given, b"boundary")
    return plain if plain is not None else (parameters.decoded(given, b"boundary") or "").encode()


def _media_type(value: bytes | None, default: tuple[bytes, bytes]) -> tuple[bytes, bytes, parameters.Parameters]:
    if value is None:
        return *default, ()
    kind, given = parameters.read(value)
    main, _, sub = kind.partition(b"/")
    return (main, sub, given) if main and sub else (*_PLAIN, ())  # RFC 2045 5.2
