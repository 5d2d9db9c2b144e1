"""What of a message can be looked through: subject, texts, HTML as text, text files, office documents, names of files.

Not looked into: PDF, the office files of before 2007, what is encrypted, archives, pictures, sound, and messages within
the message beyond their texts and files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.message import html, parts, text, words
from groupware.message.charsets import many_lines
from groupware.message.errors import Unacceptable
from groupware.message.office import documents
from groupware.message.office.documents import Left
from groupware.message.office.part import Place

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
    found, closed = [Text("subject", "", subject)], []
    budget = documents.for_a_child()
    for part in _leaves(message):
        name = text.file_name(part)
        if name:
            found.append(Text("name", name, _as_words(name)))
        document = documents.of_part(raw, part, budget)
        if document:
            found.append(_read(document, name))
        elif _is_textual(part):
            found.append(_decoded(raw, part, name))
        if document.left is Left.CLOSED if document else not _is_textual(part):
            closed.append(name or "unnamed")
    if len(found) > TEXTS_MAX:
        raise Unacceptable("too-many-texts", f"The message has more than {TEXTS_MAX} texts.")
    return Content(tuple(each for each in found if each.text or not each.whole), tuple(closed))


def _read(document: documents.Document, name: str) -> Text:
    said = "\n".join(f"{key}: {value}" for key, value in document.properties)
    shown = "\n\n".join(filter(None, [document.text(*Place), said]))
    return Text("file", name or "unnamed", many_lines(shown), document.left < Left.BEYOND)


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
