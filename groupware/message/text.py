"""What a page shows of a message and what search finds in it: its text, and the names of what is attached."""

from __future__ import annotations

import re
from binascii import a2b_qp
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.message import header, html, parameters, parts, structure, words
from groupware.message.charsets import many_lines, one_line, to_text
from groupware.message.errors import Unacceptable
from groupware.message.fields import read_tolerantly
from groupware.message.folding import fold
from groupware.message.rich import reduced

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_MAX = 256 * 1024
"""Characters of text that are shown or indexed."""
_ENCODED_MAX = 4 * TEXT_MAX
"""Octets of a text part that are decoded for them."""
ATTACHMENTS_MAX = 200
FILE_NAME_MAX = 120
"""Characters of an attachment's name."""

_UNSAFE_IN_NAMES = re.compile(r'[/\\:*?"<>|]')
_ADDRESS_FIELDS = (b"from", b"to", b"cc")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part to be offered as a file: a safe `name`, the media `type`, decoded octets, and its IMAP part number."""

    name: str
    type: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Display:
    """The text of a message with LF line ends; `shown` is false where it couldn't be read, `text` then says so."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    from_html: bool = False
    truncated: bool = False
    shown: bool = True


NOT_SHOWN = Display("The text of this message can't be shown.", shown=False)


@dataclass(frozen=True, slots=True)
class _Leaf:
    part: parts.Part
    path: str
    alternative: bool

    @property
    def type(self) -> str:
        kind = self.part.main + b"/" + self.part.sub
        return one_line(kind.decode("ascii", "replace")).lower()[:FILE_NAME_MAX]

    @property
    def is_file(self) -> bool:
        """Whether its author meant it as a file (RFC 2183 2)."""
        kind, _ = parameters.read(self.part.head.first(b"content-disposition") or b"")
        return kind.lower() == b"attachment" or bool(file_name(self.part))


def display(raw: bytes) -> Display:
    """The first plain text of a message, else its first HTML as text, and its attachments; never raises."""
    try:
        leaves = list(_leaves(parts.read(raw), "", alternative=False))
    except Unacceptable:
        return NOT_SHOWN
    chosen = _chosen(leaves)
    attached = tuple(_attachment(raw, leaf) for leaf in leaves if _is_attached(leaf, chosen))[:ATTACHMENTS_MAX]
    if chosen is None:
        return Display("", attached)
    text = _text(raw, chosen)
    return Display(text[:TEXT_MAX], attached, chosen.type == "text/html", _is_cut(chosen.part, text))


def rich(raw: bytes) -> str:
    """The first HTML of a message, reduced to what a Matrix room shows; "" without one; never raises."""
    try:
        leaves = list(_leaves(parts.read(raw), "", alternative=False))
    except Unacceptable:
        return ""
    found = next((leaf for leaf in leaves if leaf.type == "text/html" and not leaf.is_file), None)
    return "" if found is None or _is_cut(found.part, "") else many_lines(reduced(_written(raw, found)))


def _is_cut(part: parts.Part, text: str) -> bool:
    return len(text) > TEXT_MAX or part.end - part.body_at > _ENCODED_MAX


def _leaves(part: parts.Part, path: str, *, alternative: bool) -> Iterator[_Leaf]:
    """Parts without parts, numbered as IMAP does; a message within a message is one of them."""
    if not part.is_multipart:
        yield _Leaf(part, path or "1", alternative)
    among = alternative or part.sub.lower() == b"alternative"
    for number, child in enumerate(part.children if part.is_multipart else (), 1):
        yield from _leaves(child, f"{path}.{number}".lstrip("."), alternative=among)


def _chosen(leaves: list[_Leaf]) -> _Leaf | None:
    for wanted in ("text/plain", "text/html"):
        for leaf in leaves:
            if leaf.type == wanted and not leaf.is_file:
                return leaf
    return None


def _is_attached(leaf: _Leaf, chosen: _Leaf | None) -> bool:
    """All but the text itself and its other versions."""
    is_version = leaf.alternative and leaf.type.startswith("text/") and not leaf.is_file
    return leaf is not chosen and not is_version


def _text(raw: bytes, leaf: _Leaf) -> str:
    text = _written(raw, leaf)
    return many_lines(html.to_text(text)) if leaf.type == "text/html" else text


def _written(raw: bytes, leaf: _Leaf) -> str:
    part = leaf.part
    return written(raw, part, part.body_at, min(part.end, part.body_at + _ENCODED_MAX))


def written(raw: bytes, part: parts.Part, start: int, stop: int) -> str:
    """A stretch of a part's content, which may end within a character, as text with LF line ends."""
    charset = parameters.decoded(part.parameters, b"charset") or "us-ascii"
    return many_lines(to_text(_decoded(raw[start:stop], part), charset, cut=stop < part.end))


def _attachment(raw: bytes, leaf: _Leaf) -> Attachment:
    return Attachment(file_name(leaf.part), leaf.type, _decoded_size(raw, leaf.part), leaf.path)


def file_name(part: parts.Part) -> str:
    """An attachment's name, without folders, controls or turned writing; "" without one (RFC 2183 2.3: no trust)."""
    _, given = parameters.read(part.head.first(b"content-disposition") or b"")
    name = parameters.decoded(given, b"filename") or parameters.decoded(part.parameters, b"name") or ""
    if "=?" in name:  # many writers put encoded words where RFC 2231 belongs
        name = words.decode(name.encode("utf-8", "replace"))
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return _UNSAFE_IN_NAMES.sub("_", base).strip(" .")[:FILE_NAME_MAX]


def _decoded_size(raw: bytes, part: parts.Part) -> int:
    size = part.end - part.body_at
    if structure.encoding(part).lower() != b"base64":
        return size
    ignored = sum(raw.count(sign, part.body_at, part.end) for sign in (b"\r", b"\n", b"="))
    return (size - ignored) * 3 // 4


def decode_part(raw: bytes, part: parts.Part) -> bytes:
    """A part's content without its transfer encoding (RFC 2045 6)."""
    return _decoded(raw[part.body_at : part.end], part)


def _decoded(octets: bytes, part: parts.Part) -> bytes:
    encoding = structure.encoding(part).lower()
    if encoding == b"base64":
        return words.decode_base64(octets)
    return a2b_qp(octets) if encoding == b"quoted-printable" else octets


def search_text(raw: bytes) -> tuple[str, str]:
    """Folded words of the header (people and subject) and of the body (text and file names), for the search index."""
    head = read_tolerantly(raw, 0, len(raw))
    people = [header.addresses(value) for name in _ADDRESS_FIELDS for value in head.all(name)]
    named = [f"{person.name} {person.spec}" for persons in people for person in persons]
    shown = display(raw)
    names = [attachment.name for attachment in shown.attachments if attachment.name]
    body = "\n".join([shown.text if shown.shown else "", *names])
    subject = words.decode(head.first(b"subject") or b"")
    return fold("\n".join([subject, *named]))[:TEXT_MAX], fold(body)[:TEXT_MAX]
