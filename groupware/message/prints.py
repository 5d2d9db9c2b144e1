"""Fingerprints of what a message says, by which its text is known again wherever it is quoted.

Words are counted without marks, as they look: neither line ends, hyphens there, quoting signs, capitals, signs that
can't be seen nor letters of other scripts that look alike hide anything. Of all
runs of RUN words those are kept that winnowing picks (Schleimer, Wilkerson, Aiken 2003): two texts that share any run
of SHARED words share a print. A file is known by the hash of its octets, and by its words where it is text or an
office document. What isn't found: text that is shorter, reworded, translated or in a picture, and other files that were
changed or packed.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.message import header, html, parameters, parts
from groupware.message import words as mime_words
from groupware.message.charsets import to_text
from groupware.message.errors import Unacceptable
from groupware.message.fields import read_tolerantly, unfold
from groupware.message.folding import skeleton
from groupware.message.office import documents
from groupware.message.office.documents import Left
from groupware.message.office.part import Place
from groupware.message.text import decode_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RUN = 10
"""Words that make a print."""
WINDOW = 7
SHARED = RUN + WINDOW - 1
"""Words that are always found again."""
MOST = 20_000
"""Prints of one message that are kept; the text behind isn't known again."""
MOST_SENT = 100_000
"""Prints of what somebody sends, which is looked at from its first word to its last, or doesn't leave."""
TEXT_MAX = 1 << 20
"""Octets of one text part of a message that is kept."""
PART_MAX = 16 << 20
"""Octets of one text part of what somebody sends."""
EFFORT, EFFORT_SENT = 2 << 20, 6 << 20
"""What may be spent on all texts of a message, in units of some 0.15 us; what was sent gets about a second.

A message with fewer prints than are kept takes a good half of it.
"""
_WORD_COSTS, _TAG_COSTS, _PLAIN = 8, 8, 8
"""Units of a word, and of a tag; signs of ASCII for one, of which another sign is worth one each."""
FILE_MIN = 64
"""Octets of a file that is worth knowing again."""
SIGNATURE = "\n-- \n"
"""RFC 3676 4.3: what stands behind isn't the message, and is the same in all of somebody's messages."""
LOGO_MAX = 64 * 1024
"""Octets of a picture that is shown within a text (RFC 2392) and may be in all of somebody's messages, too."""
_WORD = re.compile(r"[^\W_]+")
_HYPHEN = re.compile(r"(?<=[^\W_])[-\u2010]\n[ \t>|]*(?=[^\W_])")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
"""What no text has."""
_PIECE = re.compile(r"(?s).{1,16384}\S{0,1000}")
"""Some text, up to the end of a word."""
_TAGGED = re.compile(r"\\[nN]")
_FOLDED = re.compile(r"\r?\n[ \t]")


@dataclass(frozen=True, slots=True)
class Prints:
    """Of one message: whole numbers of 64 bits, signed, and the Message-IDs of messages that lie within.

    What is not `whole` has more text than was looked at.
    """

    prints: tuple[int, ...]
    names: tuple[str, ...]
    whole: bool = True


NONE = Prints((), ())


@dataclass(slots=True)
class Effort:
    """What may still be spent on the texts of a message; they are `whole` while nothing was left out for it."""

    units: float = math.inf
    whole: bool = True

    def is_left(self) -> bool:
        """Whether the next piece may be looked at. It is left out where not."""
        self.whole &= self.units > 0
        return self.units > 0

    def cut(self, octets: bytes, most: int) -> bytes:
        """Without what is more."""
        self.whole &= len(octets) <= most
        return octets[:most]


def of_message(raw: bytes, *, own: bool = False) -> Prints:
    """Of every text and file in it, and in what it encloses; never raises.

    `own` leaves out what its author's messages have in common: by that no message is known again.
    """
    try:
        root = parts.read(raw)
    except Unacceptable:
        return NONE
    found = dict.fromkeys([] if own else of_text(_subject(raw, root)))
    most, effort = (MOST, Effort(EFFORT)) if own else (MOST_SENT, Effort(EFFORT_SENT))
    budget, left = documents.for_a_child(), Left.NOTHING
    for part in _leaves(root):
        document = documents.of_part(raw, part, budget)
        found |= dict.fromkeys(_of_document(document, effort, own=own) if document else [])
        left = max(left, document.left if document else left)
        found |= dict.fromkeys(_of_part(raw, part, effort, own=own))
        if len(found) > most:
            break
    names = dict.fromkeys(name for part in _enclosed(root) if (name := _name(raw, part)))
    whole = max(len(found), len(names)) <= most and left < Left.BEYOND and effort.whole
    return Prints(tuple(found)[:most], tuple(names)[:most], whole)


def of_text(text: str, effort: Effort | None = None) -> Sequence[int]:
    """Of a text, as far as `effort` allows; of one with fewer than RUN words there are none."""
    words = list(_words(text, effort or Effort()))
    runs = [_hash(" ".join(words[at : at + RUN])) for at in range(len(words) - RUN + 1)]
    return list(dict.fromkeys(_winnowed(runs)))


def _words(text: str, effort: Effort) -> Iterator[str]:
    """A piece at a time: a sign may become eighteen, and a word be of one."""
    for piece in _PIECE.finditer(_HYPHEN.sub("", text)):
        if not effort.is_left():
            return
        looks = skeleton(piece[0])
        words = _WORD.findall(looks)
        effort.units -= len(words) * _WORD_COSTS + _signs_cost(piece[0], looks)
        yield from words


def _signs_cost(text: str, looks: str) -> int:
    return len(text) // _PLAIN if text.isascii() else max(len(text), len(looks))


def _winnowed(runs: Sequence[int]) -> Iterator[int]:
    """The smallest of each window of WINDOW runs, the last of equals; of fewer, the smallest."""
    for at in range(max(1, len(runs) - WINDOW + 1) if runs else 0):
        yield min(runs[at : at + WINDOW])


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def _subject(raw: bytes, root: parts.Part) -> str:
    """What a sender may have put there of another's text; a post isn't known by its own, which every answer has."""
    said = read_tolerantly(raw, root.start, root.end).first(b"subject")
    return mime_words.decode(unfold(said)) if said else ""


def _leaves(part: parts.Part) -> Iterator[parts.Part]:
    """Parts without parts, those of enclosed messages too."""
    if not part.children:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _enclosed(part: parts.Part) -> Iterator[parts.Part]:
    for child in part.children:
        if part.is_message:
            yield child
        yield from _enclosed(child)


def _name(raw: bytes, part: parts.Part) -> str | None:
    head = read_tolerantly(raw, part.start, part.end)
    return header.message_id(head.first(b"message-id") or b"")


def _of_part(raw: bytes, part: parts.Part, effort: Effort, *, own: bool) -> Sequence[int]:
    octets, upto = decode_part(raw, part), TEXT_MAX if own else PART_MAX
    if part.main.lower() != b"text":
        return [] if own and _is_logo(part, octets) else [*_of_file(octets), *_of_words(octets, upto, effort)]
    if not (octets and effort.is_left()):
        return []
    charset = parameters.decoded(part.parameters, b"charset") or "us-ascii"
    text = to_text(effort.cut(octets, upto), charset, cut=True)
    plain = _plain(text.replace("\r\n", "\n"), part.sub.lower(), effort)
    return of_text(plain.rpartition(SIGNATURE)[0] or plain if own else plain, effort)


def _of_document(document: documents.Document, effort: Effort, *, own: bool) -> Sequence[int]:
    """Without headers and footers, which all letters of an office have in common, where it is one's own."""
    places = (Place.BODY, Place.NOTE) if own else tuple(Place)
    said = [] if own else [value for _, value in document.properties]
    return of_text("\n".join([document.text(*places), *said])[: TEXT_MAX if own else None], effort)


def _of_file(octets: bytes) -> Sequence[int]:
    return [_hash(f"file {hashlib.sha256(octets).hexdigest()}")] if len(octets) >= FILE_MIN else []


def _of_words(octets: bytes, upto: int, effort: Effort) -> Sequence[int]:
    """Of a file that is text, whatever it is said to be: in UTF-8, or in UTF-16 by its mark."""
    code = "utf-16" if octets.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        text = octets[:upto].decode(code, "strict" if len(octets) <= upto else "ignore")
    except UnicodeDecodeError:
        return []
    if _CONTROL.search(text):
        return []
    effort.cut(octets, upto)
    return of_text(text.replace("\r\n", "\n"), effort)


def _is_logo(part: parts.Part, octets: bytes) -> bool:
    return part.main.lower() == b"image" and len(octets) <= LOGO_MAX and part.head.first(b"content-id") is not None


def _plain(text: str, kind: bytes, effort: Effort) -> str:
    if kind == b"html":
        return html.to_text(_affordable(text, effort))
    # RFC 5545 3.1, 3.3.11: unfolded, and a line end inside a text is no word
    return _TAGGED.sub(" ", _FOLDED.sub("", text)) if kind == b"calendar" else text


def _affordable(text: str, effort: Effort) -> str:
    """HTML, of which only the beginning is looked at where it has too many tags."""
    tags = text.count("<")
    if tags * _TAG_COSTS > effort.units:
        effort.whole = False
        text = text[: int(effort.units) // _TAG_COSTS]
    effort.units -= tags * _TAG_COSTS
    return text
