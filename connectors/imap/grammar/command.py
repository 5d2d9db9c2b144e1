"""Which rule reads which command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from connectors.imap import commands
from connectors.imap.grammar import fetch, folders, messages, search, session
from connectors.imap.lexer import Lexer
from connectors.imap.line import BadCommand, Line

Rule = Callable[[bytes, Lexer], commands.Command]
UidRule = Callable[[bytes, bool, Lexer], commands.Command]

BARE: dict[bytes, type[commands.Command]] = {
    b"CAPABILITY": commands.Capability,
    b"NOOP": commands.Noop,
    b"LOGOUT": commands.Logout,
    b"STARTTLS": commands.StartTls,
    b"NAMESPACE": commands.Namespace,
    b"IDLE": commands.Idle,
    b"CHECK": commands.Check,
    b"CLOSE": commands.Close,
    b"UNSELECT": commands.Unselect,
    b"EXPUNGE": commands.Expunge,
}
RULES: dict[bytes, Rule] = {
    b"ID": session.identity,
    b"LOGIN": session.login,
    b"AUTHENTICATE": session.authenticate,
    b"ENABLE": session.enable,
    b"SELECT": folders.select,
    b"EXAMINE": folders.examine,
    b"CREATE": folders.create,
    b"DELETE": folders.delete,
    b"RENAME": folders.rename,
    b"SUBSCRIBE": folders.subscribe,
    b"UNSUBSCRIBE": folders.unsubscribe,
    b"LIST": folders.list_folders,
    b"LSUB": folders.lsub,
    b"STATUS": folders.status,
    b"APPEND": messages.append,
}
BY_NUMBER: dict[bytes, UidRule] = {
    b"FETCH": fetch.fetch,
    b"STORE": messages.store,
    b"SEARCH": search.search,
    b"COPY": messages.copy,
    b"MOVE": messages.move,
}
"""Commands that name messages by number, or after the word UID by UID (RFC 9051 6.4.9)."""


def parse(line: Line) -> commands.Command:
    """The command that `line` is; `BadCommand` with the tag to answer if it is none."""
    try:
        return _parse(line.tag, Lexer(line))
    except BadCommand as error:
        error.tag = line.tag
        raise


def _parse(tag: bytes, lexer: Lexer) -> commands.Command:
    if tag == b"*":
        raise BadCommand("Tag expected")
    lexer.expect(tag)
    lexer.space()
    command = _rule(lexer)(tag, lexer)
    lexer.end()
    return command


def _rule(lexer: Lexer) -> Rule:
    name = lexer.atom("Command")
    if name == b"UID":
        lexer.space()
        return _uid_rule(lexer.atom("Command"))
    if name in BARE:
        return partial(_bare, BARE[name])
    if name in BY_NUMBER:
        return partial(_by_number, BY_NUMBER[name], uid=False)
    return _known(RULES.get(name))


def _uid_rule(name: bytes) -> Rule:
    if name == b"EXPUNGE":
        return messages.uid_expunge
    if name not in BY_NUMBER:
        raise BadCommand("Unknown command")
    return partial(_by_number, BY_NUMBER[name], uid=True)


def _known(rule: Rule | None) -> Rule:
    if rule is None:
        raise BadCommand("Unknown command")
    return rule


def _bare(kind: type[commands.Command], tag: bytes, _: Lexer) -> commands.Command:
    return kind(tag)


def _by_number(rule: UidRule, tag: bytes, lexer: Lexer, *, uid: bool) -> commands.Command:
    return rule(tag, uid, lexer)
