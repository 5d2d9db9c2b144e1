"""The rule of SEARCH."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from connectors.imap.commands import Search
from connectors.imap.grammar.folders import MAX_OPTIONS, one_of
from connectors.imap.line import BadCharset, BadCommand
from connectors.imap.searching import (
    Aged,
    And,
    Dated,
    Everything,
    Field,
    Flagged,
    Header,
    Modified,
    Named,
    Not,
    Or,
    Order,
    Result,
    SearchKey,
    Sized,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.imap.lexer import Lexer

CHARSETS = frozenset({b"UTF-8", b"US-ASCII"})
KEY = re.compile(rb"[A-Za-z]++")
ENTRY = re.compile(rb'"(?:[^"\\\r\n\x00]++|\\["\\])*+" [A-Za-z]++ ')
FLAGS = {
    b"ANSWERED": b"\\Answered",
    b"DELETED": b"\\Deleted",
    b"DRAFT": b"\\Draft",
    b"FLAGGED": b"\\Flagged",
    b"SEEN": b"\\Seen",
}


def search(tag: bytes, uid: bool, lexer: Lexer) -> Search:  # noqa: FBT001 - a rule by number or by UID, see BY_NUMBER
    """RFC 9051 9, search."""
    returning = _returning(lexer)
    if lexer.skip_word(b" CHARSET "):
        _charset(lexer)
    lexer.space()
    keys = [_key(lexer)]
    while lexer.skip(b" "):
        keys.append(_key(lexer))
    return Search(tag, uid, _all_of(tuple(keys)), returning)


def _returning(lexer: Lexer) -> frozenset[Result] | None:
    """RFC 4731 3.1."""
    if not lexer.skip_word(b" RETURN "):
        return None
    return frozenset(lexer.list_of(lambda: one_of(Result, lexer), MAX_OPTIONS)) or frozenset({Result.ALL})


def _charset(lexer: Lexer) -> None:
    if lexer.string().upper() not in CHARSETS:
        raise BadCharset("Unknown charset")


def _all_of(keys: tuple[SearchKey, ...]) -> SearchKey:
    return keys[0] if len(keys) == 1 else And(keys)


def _key(lexer: Lexer) -> SearchKey:
    """One key, with all the keys within it."""
    lexer.key()
    if lexer.sees(b"("):
        return _all_of(lexer.some_of(lambda: _key(lexer)))
    if lexer.sees_number():
        return Named(lexer.sequence_set(), uid=False)
    name = lexer.take(KEY, "Search key").upper()
    if name in PLAIN:
        return PLAIN[name]
    if name not in KEYS:
        raise BadCommand("Unknown search key")
    lexer.space()
    return KEYS[name](lexer)


def _or(lexer: Lexer) -> Or:
    left = _key(lexer)
    lexer.space()
    return Or(left, _key(lexer))


def _header(lexer: Lexer) -> Header:
    name = lexer.text()
    lexer.space()
    return Header(name, lexer.text())


def _modified(lexer: Lexer) -> Modified:
    """RFC 7162 3.1.5; the entry that it may name says nothing here, all flags share one mod-sequence."""
    if lexer.sees(b'"'):
        lexer.take(ENTRY, "Entry")
    return Modified(lexer.modseq())


def _words(field: Field, lexer: Lexer) -> Words:
    return Words(field, lexer.text())


def _dated(order: Order, lexer: Lexer, *, sent: bool) -> Dated:
    return Dated(order, lexer.date(), sent)


def _flags() -> dict[bytes, SearchKey]:
    seen: dict[bytes, SearchKey] = {name: Flagged(flag, present=True) for name, flag in FLAGS.items()}
    return seen | {b"UN" + name: Flagged(flag, present=False) for name, flag in FLAGS.items()}


def _fields() -> dict[bytes, Callable[[Lexer], SearchKey]]:
    return {field.value.encode("ascii"): partial(_words, field) for field in Field}


def _dates() -> dict[bytes, Callable[[Lexer], SearchKey]]:
    return {
        prefix + order.value.encode("ascii"): partial(_dated, order, sent=bool(prefix))
        for order in Order
        for prefix in (b"", b"SENT")
    }


PLAIN: dict[bytes, SearchKey] = {
    b"ALL": Everything(),
    b"OLD": Everything(),
    b"NEW": Not(Everything()),
    b"RECENT": Not(Everything()),
    **_flags(),
}
"""Keys that are one word."""
KEYS: dict[bytes, Callable[[Lexer], SearchKey]] = {
    **_fields(),
    **_dates(),
    b"HEADER": _header,
    b"KEYWORD": lambda lexer: Flagged(lexer.flag(), present=True),
    b"UNKEYWORD": lambda lexer: Flagged(lexer.flag(), present=False),
    b"LARGER": lambda lexer: Sized(lexer.number(), larger=True),
    b"SMALLER": lambda lexer: Sized(lexer.number(), larger=False),
    b"OLDER": lambda lexer: Aged(lexer.number(), younger=False),
    b"YOUNGER": lambda lexer: Aged(lexer.number(), younger=True),
    b"MODSEQ": _modified,
    b"UID": lambda lexer: Named(lexer.sequence_set(), uid=True),
    b"NOT": lambda lexer: Not(_key(lexer)),
    b"OR": _or,
}
"""Keys with arguments."""
