"""The rules of the commands on folders."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from connectors.imap.commands import (
    Create,
    Delete,
    Examine,
    List,
    Lsub,
    Rename,
    Return,
    Select,
    Selection,
    Status,
    StatusItem,
    Subscribe,
    Unsubscribe,
)
from connectors.imap.lexer import ASTRING
from connectors.imap.limits import MAX_PATTERNS
from connectors.imap.line import BadCommand

if TYPE_CHECKING:
    from connectors.imap.lexer import Lexer

Word = TypeVar("Word", bound=StrEnum)
MAX_OPTIONS = 16
"""Members of a list of options; there are at most eight different ones."""


def one_of(words: type[Word], lexer: Lexer) -> Word:
    """One of `words`, in any case."""
    try:
        return words(lexer.atom().decode("ascii"))
    except ValueError as error:
        raise BadCommand("Unknown option") from error


def _argument(lexer: Lexer) -> str:
    lexer.space()
    return lexer.mailbox()


def select(tag: bytes, lexer: Lexer) -> Select:
    """RFC 9051 9, select."""
    return Select(tag, _argument(lexer), _condstore(lexer))


def examine(tag: bytes, lexer: Lexer) -> Examine:
    """RFC 9051 9, examine."""
    return Examine(tag, _argument(lexer), _condstore(lexer))


def _condstore(lexer: Lexer) -> bool:
    """RFC 4466 2.1, select-params."""
    return lexer.skip(b" ") and bool(lexer.some_of(lambda: _select_option(lexer), MAX_OPTIONS))


def _select_option(lexer: Lexer) -> bytes:
    option = lexer.atom("Option")
    if option == b"QRESYNC":  # RFC 7162 3.2.5: BAD unless enabled, and it can't be
        raise BadCommand("QRESYNC is not enabled")
    if option != b"CONDSTORE":
        raise BadCommand("Unknown option")
    return option


def create(tag: bytes, lexer: Lexer) -> Create:
    """RFC 9051 9, create; USE of RFC 6154 3."""
    name = _argument(lexer)
    if not lexer.skip(b" "):
        return Create(tag, name, ())
    if not lexer.skip_word(b"(USE "):
        raise BadCommand("Unknown option")
    use = lexer.list_of(lexer.flag, MAX_OPTIONS)
    lexer.expect(b")")
    return Create(tag, name, use)


def delete(tag: bytes, lexer: Lexer) -> Delete:
    """RFC 9051 9, delete."""
    return Delete(tag, _argument(lexer))


def rename(tag: bytes, lexer: Lexer) -> Rename:
    """RFC 9051 9, rename."""
    return Rename(tag, _argument(lexer), _argument(lexer))


def subscribe(tag: bytes, lexer: Lexer) -> Subscribe:
    """RFC 9051 9, subscribe."""
    return Subscribe(tag, _argument(lexer))


def unsubscribe(tag: bytes, lexer: Lexer) -> Unsubscribe:
    """RFC 9051 9, unsubscribe."""
    return Unsubscribe(tag, _argument(lexer))


def status(tag: bytes, lexer: Lexer) -> Status:
    """RFC 9051 9, status."""
    name = _argument(lexer)
    lexer.space()
    return Status(tag, name, _status_items(lexer))


def _status_items(lexer: Lexer) -> tuple[StatusItem, ...]:
    return lexer.some_of(lambda: one_of(StatusItem, lexer), MAX_OPTIONS)


def lsub(tag: bytes, lexer: Lexer) -> Lsub:
    """RFC 3501 9, lsub."""
    lexer.space()
    reference = lexer.pattern(ASTRING)
    lexer.space()
    return Lsub(tag, reference, lexer.pattern())


def list_folders(tag: bytes, lexer: Lexer) -> List:
    """RFC 9051 9, list; RFC 5258 6."""
    lexer.space()
    selection = _selection(lexer)
    reference = lexer.pattern(ASTRING)
    lexer.space()
    patterns = lexer.some_of(lexer.pattern, MAX_PATTERNS) if lexer.sees(b"(") else (lexer.pattern(),)
    returning, items = _returning(lexer)
    return List(tag, reference, patterns, selection, returning, items)


def _selection(lexer: Lexer) -> frozenset[Selection]:
    if not lexer.sees(b"("):
        return frozenset()
    options = frozenset(lexer.list_of(lambda: one_of(Selection, lexer), MAX_OPTIONS))
    if options and options <= {Selection.RECURSIVEMATCH, Selection.REMOTE} and Selection.RECURSIVEMATCH in options:
        raise BadCommand("RECURSIVEMATCH needs something to match")  # RFC 5258 3.1
    lexer.space()
    return options


def _returning(lexer: Lexer) -> tuple[frozenset[Return], tuple[StatusItem, ...]]:
    if not lexer.skip_word(b" RETURN "):
        return frozenset(), ()
    items: list[StatusItem] = []
    options = lexer.list_of(lambda: _return_option(lexer, items), MAX_OPTIONS)
    return frozenset(options), tuple(items)


def _return_option(lexer: Lexer, items: list[StatusItem]) -> Return:
    """One option of RETURN; those of STATUS go to `items` (RFC 5819 4)."""
    option = one_of(Return, lexer)
    if option is Return.STATUS:
        lexer.space()
        items.extend(_status_items(lexer))
    return option
