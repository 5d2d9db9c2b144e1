"""The rules of the commands around a session: who speaks, and what is switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.imap.commands import Authenticate, Enable, Id, Login
from connectors.imap.lexer import ASTRING, from_base64
from connectors.imap.limits import MAX_DEPTH

if TYPE_CHECKING:
    from connectors.imap.lexer import Lexer

MAX_PARAMETERS = 30
"""Fields of ID (RFC 2971 3.3)."""


def identity(tag: bytes, lexer: Lexer) -> Id:
    """RFC 2971 4, id."""
    lexer.space()
    if lexer.skip_word(b"NIL"):
        return Id(tag, ())
    return Id(tag, lexer.list_of(lambda: _parameter(lexer), MAX_PARAMETERS))


def _parameter(lexer: Lexer) -> tuple[bytes, bytes | None]:
    name = lexer.string()
    lexer.space()
    return name, lexer.nstring()


def login(tag: bytes, lexer: Lexer) -> Login:
    """RFC 9051 9, login."""
    lexer.space()
    user = lexer.string()
    lexer.space()
    return Login(tag, user, lexer.string())


def authenticate(tag: bytes, lexer: Lexer) -> Authenticate:
    """RFC 9051 9, authenticate; initial response RFC 4959 4."""
    lexer.space()
    mechanism = lexer.atom("Mechanism").decode("ascii")
    if not lexer.skip(b" "):
        return Authenticate(tag, mechanism, None)
    return Authenticate(tag, mechanism, from_base64(lexer.take(ASTRING, "Response")))


def enable(tag: bytes, lexer: Lexer) -> Enable:
    """RFC 9051 9, enable."""
    lexer.space()
    names = [lexer.atom("Capability")]
    while lexer.skip(b" ") and len(names) < MAX_DEPTH:
        names.append(lexer.atom("Capability"))
    return Enable(tag, tuple(name.decode("ascii") for name in names))
