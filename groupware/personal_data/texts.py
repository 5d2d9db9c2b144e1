"""What of a message can be looked through: its subject, texts, HTML as text, text files, and the names of all files.

Not looked into: PDF, office files, archives, pictures, sound, and messages within the message beyond their texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.message import html, parts, text, words
from groupware.message.charsets import many_lines
from groupware.message.errors import Unacceptable

if TYPE_CHECKING:
    from collections.abc import Iterator

ENCODED_MAX = 1 << 20
"""Octets of one part that are decoded."""
TEXTS_MAX = 60
_TEXTUAL = (".csv", ".txt", ".tsv", ".json", ".xml", ".vcf", ".ics", ".md", ".log", ".htm", ".html")
"""Ends of the names of files that are text, whatever their media type says."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a message: `where` is subject, text, file or name; `name` that of the file, if it is one."""

    where: str
    name: str
    text: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """All that can be looked through, and the `closed` files (by name) that can't."""

    texts: tuple[Text, ...]
    closed: tuple[str, ...]


def content(raw: bytes) -> Content:
    """Of a whole message. Raises Unacceptable for one with more parts than the bounds allow."""
    message = parts.read(raw)
    subject = words.decode(message.head.first(b"subject") or b"")
    found = [Text("subject", "", subject), *_texts(raw, message)]
    if len(found) > TEXTS_MAX:
        raise Unacceptable("too-many-texts", f"The message has more than {TEXTS_MAX} texts.")
    closed = tuple(text.file_name(part) or "unnamed" for part in _leaves(message) if not _is_textual(part))
    return Content(tuple(each for each in found if each.text), closed)


def _texts(raw: bytes, message: parts.Part) -> Iterator[Text]:
    for part in _leaves(message):
        name = text.file_name(part)
        if name:
            yield Text("name", name, _as_words(name))
        if _is_textual(part):
            yield _decoded(raw, part, name)


def _as_words(name: str) -> str:
    """A file's name as it would be written in a sentence, letter for letter."""
    stem, dot, ending = name.rpartition(".")
    return (stem + dot.replace(".", " ") + ending).replace("_", " ")


def _leaves(part: parts.Part) -> Iterator[parts.Part]:
    """All parts without parts, those of a message within the message, too."""
    if not part.children:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _is_textual(part: parts.Part) -> bool:
    return part.main.lower() == b"text" or text.file_name(part).lower().endswith(_TEXTUAL)


def _decoded(raw: bytes, part: parts.Part, name: str) -> Text:
    stop = min(part.end, part.body_at + ENCODED_MAX)
    written = text.written(raw, part, part.body_at, stop)
    is_html = part.sub.lower() == b"html" or name.lower().endswith((".htm", ".html"))
    shown = many_lines(html.to_text(written)) if is_html else written
    return Text("file" if name else "text", name, shown, stop == part.end)
