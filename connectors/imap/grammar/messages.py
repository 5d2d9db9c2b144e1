"""The rules of the commands that put, change, copy and remove messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.imap.commands import Append, Copy, Expunge, Mode, Move, Store
from connectors.imap.line import BadCommand

if TYPE_CHECKING:
    from connectors.imap.lexer import Lexer
    from connectors.imap.numbers import SequenceSet

MAX_FLAGS = 128
MODES = ((b"FLAGS", Mode.REPLACE), (b"+FLAGS", Mode.ADD), (b"-FLAGS", Mode.REMOVE))


def numbers(lexer: Lexer) -> SequenceSet:
    """A space, a sequence set."""
    lexer.space()
    return lexer.sequence_set()


def append(tag: bytes, lexer: Lexer) -> Append:
    """RFC 9051 9, append."""
    lexer.space()
    name = lexer.mailbox()
    lexer.space()
    flags = _append_flags(lexer)
    return Append(tag, name, flags, _append_date(lexer), lexer.upload())


def _append_flags(lexer: Lexer) -> tuple[bytes, ...]:
    if not lexer.sees(b"("):
        return ()
    flags = lexer.list_of(lexer.flag, MAX_FLAGS)
    lexer.space()
    return flags


def _append_date(lexer: Lexer) -> int | None:
    if not lexer.sees(b'"'):
        return None
    date = lexer.date_time()
    lexer.space()
    return date


def store(tag: bytes, uid: bool, lexer: Lexer) -> Store:  # noqa: FBT001 - a rule by number or by UID, see BY_NUMBER
    """RFC 9051 9, store; UNCHANGEDSINCE of RFC 7162 7."""
    messages = numbers(lexer)
    lexer.space()
    unchanged_since = _unchanged_since(lexer)
    mode = _mode(lexer)
    silent = lexer.skip_word(b".SILENT")
    lexer.space()
    return Store(tag, uid, messages, mode, silent, _flags(lexer), unchanged_since)


def _unchanged_since(lexer: Lexer) -> int | None:
    if not lexer.skip_word(b"(UNCHANGEDSINCE "):
        return None
    modseq = lexer.modseq()
    lexer.expect(b") ")
    return modseq


def _mode(lexer: Lexer) -> Mode:
    for word, mode in MODES:
        if lexer.skip_word(word):
            return mode
    raise BadCommand("FLAGS expected")


def _flags(lexer: Lexer) -> tuple[bytes, ...]:
    """A list, or flags without parentheses."""
    if lexer.sees(b"("):
        return lexer.list_of(lexer.flag, MAX_FLAGS)
    flags = [lexer.flag()]
    while lexer.skip(b" "):
        flags.append(lexer.flag())
        if len(flags) > MAX_FLAGS:
            raise BadCommand("Too many flags")
    return tuple(flags)


def copy(tag: bytes, uid: bool, lexer: Lexer) -> Copy:  # noqa: FBT001 - a rule by number or by UID, see BY_NUMBER
    """RFC 9051 9, copy."""
    messages = numbers(lexer)
    lexer.space()
    return Copy(tag, uid, messages, lexer.mailbox())


def move(tag: bytes, uid: bool, lexer: Lexer) -> Move:  # noqa: FBT001 - a rule by number or by UID, see BY_NUMBER
    """RFC 9051 9, move."""
    messages = numbers(lexer)
    lexer.space()
    return Move(tag, uid, messages, lexer.mailbox())


def uid_expunge(tag: bytes, lexer: Lexer) -> Expunge:
    """RFC 9051 9, uid-expunge."""
    return Expunge(tag, numbers(lexer))
