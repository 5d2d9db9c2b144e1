"""Whether a message is marked as classified, and where: Subject, a field, a line of a text or document, a file's name.

Mentions within a sentence don't count. Of texts the head and the foot are looked at: this keeps people from mistakes,
and can't keep anybody from sending what isn't marked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING

from groupware.message import classified, html, text, words
from groupware.message.classified import Plain
from groupware.message.errors import Unacceptable
from groupware.message.fields import unfold
from groupware.message.office import documents
from groupware.message.office.part import CELL, LONG, PARAGRAPH, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from groupware.message.classified import Level
    from groupware.message.fields import Field
    from groupware.message.office.documents import Document
    from groupware.message.parts import Part

LINES = 40
"""Lines of a text's head, and as many of its foot; blank and long ones don't count."""
OCTETS = 64 * 1024
"""In which they have to be, as the part is encoded."""
MOST = 2_000
"""Lines of all texts of a message."""

PROPERTIES = 200
"""Of a document, and twice as many of all documents of a message."""
PIECES = 50
"""Of a property."""

_SAYS_SO = re.compile(rb"classif|marking|security-label|sio-label")
_LABELLED = re.compile(r"msip_|classificationcontentmarking", re.IGNORECASE)
"""Microsoft's labels (Purview), whose names are those of whoever has set them up: `Confidential`, `Interno`."""
_MAY_SAY = re.compile(rb"label|sensitiv|caveat|keywords|comments|x-priv")
_SETS_OFF = re.compile(r"[=\"';,]")
_READ_BY_PEOPLE = re.compile(
    r"(?:SUMMARY|LOCATION|CATEGORIES|DESCRIPTION|COMMENT|X-[A-Z0-9-]*(?:CLASSIF|MARKING)[A-Z0-9-]*)(?:;[^:]*)?:(.*)",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\\n", re.IGNORECASE)
_BETWEEN_CELLS = re.compile(f"[{CELL}\t]")
_ALONE = 2
"""Cells of a row, the first of which introduces the other: what it is, or the name of an office."""
_STATES_AND_UNIONS = 2
_KEYS = frozenset(("keywords", "keyword"))
_SHORTEST = 3
_FOLD = re.compile(r"\n[ \t]")


class Where(StrEnum):
    """Where a marking was found, in words for notices."""

    SUBJECT = "The Subject"
    FIELD = "A header field"
    TEXT = "A line of the text"
    NAME = "The name of a file"
    CALENDAR = "An invitation"
    DOCUMENT = "A line, header or footer of an attached document"
    PROPERTY = "A property of an attached document"


@dataclass(frozen=True, slots=True)
class Marked:
    """The level, and where it is said first."""

    level: Level
    where: Where


class Classified(Unacceptable):
    """A message that is marked as classified, which isn't for this network: `text` is what its author is to do."""

    def __init__(self, marked: Marked) -> None:
        super().__init__(
            "classified-marking",
            f"{marked.where} is marked as {marked.level.label} or its equivalent. This network is not accredited for "
            "that: nothing was kept. Ask your registry which system to use, and delete the copies that you have here "
            "(Sent, Drafts, bin). Your security officers are told. If it is not classified, take the marking away.",
        )
        self.marked = marked


def require_unmarked(raw: bytes, root: Part) -> None:
    """Raise Classified for a message that is marked."""
    marked = find(raw, root)
    if marked is not None:
        raise Classified(marked)


def find(raw: bytes, root: Part) -> Marked | None:
    """The first marking in a message and all that it carries; None for one that may come in."""
    return next(_all(raw, root), None)


def _all(raw: bytes, root: Part) -> Iterator[Marked]:
    yield from _of_head(root.head.fields)
    left = MOST
    for part in _parts(root):
        if level := classified.of_name(text.file_name(part)):
            yield Marked(level, Where.NAME)
        if part.is_message:
            yield from _of_head(part.children[0].head.fields)
        elif part.main.lower() == b"text" and left > 0:
            lines = list(_lines(raw, part))
            left -= len(lines)
            yield from _of_lines(lines, Where.CALENDAR if part.sub.lower() == b"calendar" else Where.TEXT)
    yield from _of_documents(raw, [part for part in _parts(root) if not part.children])


def _of_documents(raw: bytes, parts: list[Part]) -> Iterator[Marked]:
    """The small ones first, so that a long annex doesn't use up what may be looked at of a short letter."""
    budget, left = documents.for_all_to_wait(), 2 * PROPERTIES
    for part in sorted(parts, key=lambda part: part.end - part.body_at):
        if document := documents.of_part(raw, part, budget):
            properties = document.properties[: min(PROPERTIES, left)]
            left -= len(properties)
            yield from _of_properties(properties)
            yield from _of_document(document)


def _parts(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from _parts(child)


def _of_head(fields: Sequence[Field]) -> Iterator[Marked]:
    for field in fields:
        if field.name == b"subject":
            if level := classified.of_label(words.decode(unfold(field.value))):
                yield Marked(level, Where.SUBJECT)
        elif (says_so := _SAYS_SO.search(field.name)) or _MAY_SAY.search(field.name):
            value = words.decode(unfold(field.value))
            plain = Plain.NO if _LABELLED.match(field.name.decode("latin-1")) else Plain.OFFICE
            found = (classified.of_label(each, anyhow=says_so is not None, plain=plain) for each in _set_off(value))
            yield from (Marked(level, Where.FIELD) for level in found if level)


def _set_off(value: str) -> list[str]:
    return [piece for piece in _SETS_OFF.split(value) if piece.strip()]


def _of_properties(properties: Sequence[tuple[str, str]]) -> Iterator[Marked]:
    """A title, the key words, and what else is said, whatever labelling programs call theirs."""
    found = (_of_property(name, value[: classified.LONGEST * 2]) for name, value in properties if name not in _KEYS)
    keys = ";".join(value for name, value in properties if name in _KEYS)[: classified.LONGEST * 2]
    yield from (Marked(level, Where.PROPERTY) for level in (*found, _of_keys(keys)) if level)


def _of_property(name: str, value: str) -> Level | None:
    """A title that goes on behind a marking mentions it, and so does a subject or description."""
    says_so = _SAYS_SO.search(name.lower().encode()) is not None
    plain = Plain.NO if _LABELLED.match(name) else Plain.WORD
    pieces = [value] if name == "title" else _set_off(value)[:PIECES]
    found = (classified.of_label(each, anyhow=says_so, plain=plain, begins_with=says_so) for each in pieces)
    return next((level for level in found if level), None)


def _of_keys(keys: str) -> Level | None:
    """They tell what a document is about, unless there is nothing but markings among them."""
    found = [classified.of_label(each, plain=Plain.WORD, begins_with=False) for each in _set_off(keys)]
    return found[0] if all(found) and found else None


def _of_document(document: Document) -> Iterator[Marked]:
    """Headers and footers whole, of other texts the head and the foot; each cell is a line, as each paragraph."""
    left = MOST
    for place, lines in document.texts:
        is_head = place is Place.HEAD
        rows = _header_rows(lines, left) if is_head else _body_rows(lines, left)
        left -= sum(map(len, rows))
        read = _of_header_line if is_head else classified.of_line
        levels = [[level for piece, plain in row if (level := read(piece, plain))] for row in rows]
        found = chain.from_iterable(levels) if is_head else _unlisted(levels)
        yield from (Marked(level, Where.DOCUMENT) for level in found)


def _header_rows(lines: Sequence[str], left: int) -> list[list[tuple[str, Plain]]]:
    return _first_of((_of_header(line) for line in _edges(lines, MOST)), left)


def _body_rows(lines: Sequence[str], left: int) -> list[list[tuple[str, Plain]]]:
    rows = _edges(lines, LINES)
    pieces = (chain(_of_first(row), _of_row(row)) if at == 0 else _of_row(row) for at, row in enumerate(rows))
    return _first_of(pieces, left)


def _first_of(rows: Iterable[Iterable[tuple[str, Plain]]], left: int) -> list[list[tuple[str, Plain]]]:
    """So many pieces of all."""
    taken: list[list[tuple[str, Plain]]] = []
    for row in rows:
        taken.append(list(islice(row, left)))
        left -= len(taken[-1])
        if left <= 0:
            break
    return taken


def _unlisted(rows: Iterable[list[Level]]) -> Iterator[Level]:
    """Without different levels in rows that follow each other: those are the choices of a form, or explained.

    But two with nothing above them are a State's and the Union's: a State's word may be another's of a higher level.
    """
    for at, (has_any, run) in enumerate(groupby(rows, bool)):
        levels = set(chain.from_iterable(run)) if has_any else set()
        if len(levels) == 1 or (at == 0 and len(levels) == _STATES_AND_UNIONS):
            yield max(levels)


def _of_header(row: str) -> Iterator[tuple[str, Plain]]:
    """Each paragraph of each cell, and how plain a word may be in it."""
    shown = row[:LONG]
    lines = [shown.replace("\t", " ")] if CELL not in shown else []
    cells = chain.from_iterable(cell.split(PARAGRAPH) for cell in _BETWEEN_CELLS.split(shown))
    return ((piece, Plain.WORD) for piece in (*lines, *cells) if _fits(piece))


def _of_header_line(line: str, plain: Plain) -> Level | None:
    """What stands beside a marking there is on every page: `EU SECRET - Ministry`, `EU SECRET Copy 3 of 5`."""
    return classified.of_line(line, plain) or classified.of_label(line, plain=Plain.NO)


def _of_first(row: str) -> Iterator[tuple[str, Plain]]:
    """The one cell of a document's first row that is a marking and no everyday word: `Ministry | Dept | EU SECRET`."""
    cells = row[:LONG].split(CELL)[:LINES]
    marks = [cell for cell in cells if classified.of_line(cell) is not None]
    alone = len(marks) == 1 and not any(classified.of_a_person(cell) for cell in cells)
    return ((cell, Plain.NO) for cell in marks if alone)


def _of_row(row: str) -> Iterator[tuple[str, Plain]]:
    """The paragraphs of a cell that stands alone, or behind what introduces it, and how plain a word may be in them.

    Of a line that tabs divide each piece, and in it no everyday word: `EU SECRET`, tab, `Ref 12/26`.

    A row of more is one of a list, and so is one in which something follows, or that explains one marking by
    another: `SECRET | 12`, `EU SECRET | GEHEIM`.
    """
    shown = row[:LONG]
    if CELL not in shown and _fits(shown):
        yield shown.replace("\t", " "), Plain.OFFICE
        divided = [] if classified.of_a_person(shown) else shown.split("\t")[:-1]
        yield from ((piece, Plain.NO) for piece in divided if _fits(piece))
    cells = [cell for cell in _BETWEEN_CELLS.split(shown) if cell.strip()]
    if len(cells) <= _ALONE and not (len(cells) == _ALONE and _is_explained(cells[0])):
        plain = Plain.NO if classified.of_a_column(cells[0]) else Plain.OFFICE
        yield from ((piece, plain) for piece in cells[-1].split(PARAGRAPH) if _fits(piece))


def _is_explained(head: str) -> bool:
    return classified.of_a_person(head) or classified.of_line(head) is not None


def _edges(lines: Sequence[str], most: int) -> Sequence[str]:
    return lines if len(lines) <= 2 * most else [*lines[:most], *lines[-most:]]


def _of_lines(lines: Sequence[str], where: Where) -> Iterator[Marked]:
    for line in lines:
        if level := classified.of_line(line):
            yield Marked(level, where)


def _lines(raw: bytes, part: Part) -> Iterator[str]:
    """The first and the last that may be markings."""
    kind = part.sub.lower()
    if kind == b"calendar":
        yield from islice(
            _of_calendar(text.written(raw, part, part.body_at, min(part.end, part.body_at + OCTETS))), MOST
        )
        return
    pieces = [html.to_text(piece) if kind == b"html" else piece for piece in _pieces(raw, part)]
    short = [[line for line in piece.split("\n") if _fits(line)] for piece in pieces]
    yield from short[0][:LINES]
    yield from short[-1][max(LINES, len(short[-1]) - LINES) if len(short) == 1 else -LINES :]


def _fits(line: str) -> bool:
    return _SHORTEST <= len(line) <= classified.LONGEST and not line.isspace()


def _pieces(raw: bytes, part: Part) -> Iterator[str]:
    """The whole text, or its head and its foot."""
    start, stop = part.body_at, part.end
    if stop - start <= 2 * OCTETS:
        yield text.written(raw, part, start, stop)
        return
    yield text.written(raw, part, start, start + OCTETS)
    yield text.written(raw, part, raw.find(b"\n", stop - OCTETS, stop) + 1 or stop - OCTETS, stop)


def _of_calendar(calendar: str) -> Iterator[str]:
    """RFC 5545 3.1, unfolded: the lines of what people read. CLASS isn't: its CONFIDENTIAL is a word of calendars."""
    for line in _FOLD.sub("", calendar).split("\n"):
        if said := _READ_BY_PEOPLE.match(line):
            yield from (each for each in _LINE_END.split(said[1]) if _fits(each))
