"""The rule of FETCH."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.imap.commands import Fetch
from connectors.imap.fetching import MACROS, OLD_NAMES, Attribute, FetchItem, Part, Section
from connectors.imap.grammar.messages import numbers
from connectors.imap.limits import MAX_SECTION_DEPTH
from connectors.imap.line import BadCommand

if TYPE_CHECKING:
    from connectors.imap.lexer import Lexer

ITEM = re.compile(rb"[A-Za-z0-9.]++")
PATH = re.compile(rb"[0-9.]++")
STEP = re.compile(rb"[1-9][0-9]{0,3}")
PART = re.compile(rb"[A-Za-z.]++")
BARE_FIELD = re.compile(rb'[^\x00-\x20(){%*"\\\x7f-\xff\]]++')
ATTRIBUTES = {item.value.encode("ascii"): item for item in Attribute}
PARTS = {part.value.encode("ascii"): part for part in Part if part}
WITH_FIELDS = frozenset({Part.FIELDS, Part.FIELDS_NOT})
MAX_FIELDS = 200


def fetch(tag: bytes, uid: bool, lexer: Lexer) -> Fetch:  # noqa: FBT001 - a rule by number or by UID, see BY_NUMBER
    """RFC 9051 9, fetch; CHANGEDSINCE of RFC 7162 7."""
    messages = numbers(lexer)
    lexer.space()
    return Fetch(tag, uid, messages, _items(lexer), _changed_since(lexer))


def _items(lexer: Lexer) -> tuple[FetchItem, ...]:
    if lexer.sees(b"("):
        return lexer.some_of(lambda: _item(lexer))
    name = lexer.take(ITEM, "Item").upper()
    return MACROS.get(name) or (_named(name, lexer),)


def _item(lexer: Lexer) -> FetchItem:
    return _named(lexer.take(ITEM, "Item").upper(), lexer)


def _named(name: bytes, lexer: Lexer) -> FetchItem:
    if name in {b"BODY", b"BODY.PEEK"} and lexer.skip(b"["):
        return _section(lexer, peek=name != b"BODY")
    item = OLD_NAMES.get(name) or ATTRIBUTES.get(name)
    if item is None:
        raise BadCommand("Unknown item")
    return item


def _section(lexer: Lexer, *, peek: bool) -> Section:
    """RFC 9051 9, section: what stands between the brackets, and the octets of it that are wanted."""
    path, part = _path(lexer)
    fields: tuple[bytes, ...] = ()
    if part in WITH_FIELDS:
        lexer.space()
        fields = lexer.some_of(lambda: _field(lexer), MAX_FIELDS)
    lexer.expect(b"]")
    partial = _partial(lexer)
    return Section(_label(path, part, fields, partial), path, part, fields, partial, peek)


def _path(lexer: Lexer) -> tuple[tuple[int, ...], Part]:
    if lexer.sees(b"]"):
        return (), Part.WHOLE
    if not lexer.sees_number():
        return (), _part(lexer, within=False)
    steps = lexer.take(PATH, "Part number").split(b".")
    within = steps[-1] == b""  # `1.2.MIME`: the dot before the word belongs to the numbers here
    path = tuple(map(_step, steps[:-1] if within else steps))
    if len(path) > MAX_SECTION_DEPTH:
        raise BadCommand("Too deep")
    return path, _part(lexer, within=True) if within else Part.WHOLE


def _step(written: bytes) -> int:
    if not STEP.fullmatch(written):
        raise BadCommand("Malformed part number")
    return int(written)


def _part(lexer: Lexer, *, within: bool) -> Part:
    """HEADER and its like; MIME only of a part `within` the message (RFC 9051 6.4.5.1)."""
    part = PARTS.get(lexer.take(PART, "Section").upper())
    if part is None or (part is Part.MIME and not within):
        raise BadCommand("Unknown section")
    return part


def _field(lexer: Lexer) -> bytes:
    name = lexer.string(BARE_FIELD)
    if not BARE_FIELD.fullmatch(name):  # RFC 5322 3.6.8; and nothing that could break out of the label
        raise BadCommand("Malformed field name")
    return name


def _partial(lexer: Lexer) -> tuple[int, int] | None:
    if not lexer.skip(b"<"):
        return None
    start = lexer.number()
    lexer.expect(b".")
    length = lexer.number()
    lexer.expect(b">")
    return start, length


def _label(path: tuple[int, ...], part: Part, fields: tuple[bytes, ...], partial: tuple[int, int] | None) -> bytes:
    words = [str(step).encode("ascii") for step in path] + ([part.value.encode("ascii")] if part else [])
    names = b" (%b)" % b" ".join(fields) if fields else b""
    origin = b"<%d>" % partial[0] if partial else b""
    return b"BODY[%b%b]%b" % (b".".join(words), names, origin)


def _changed_since(lexer: Lexer) -> int | None:
    """RFC 7162 3.1.4.1; VANISHED (3.2.6) needs QRESYNC and is refused."""
    if not lexer.skip(b" "):
        return None
    if not lexer.skip_word(b"(CHANGEDSINCE "):
        raise BadCommand("Unknown modifier")
    modseq = lexer.modseq()
    lexer.expect(b")")
    return modseq
