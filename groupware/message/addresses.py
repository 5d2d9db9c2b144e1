"""Address lists (RFC 5322 3.4 with its obsolete forms, and what is really out there): one pass, no recursion."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from groupware.message.parameters import unquote

TOKENS_MAX = 20_000
"""Tokens read of one field; what follows is not looked at."""
SHORT, REMEMBERED = 500, 1024
"""So many fields of at most so many octets are remembered: a message's own are asked for again and again."""

# The usual forms, `name <local@domain>` and `local@domain`; anything else goes to the slow reader.
_USUAL = re.compile(
    rb'\s*+(?:(?:"([^"\\\r\n]*+)"\s*+|([^"<>@,:;()\\\[\]\r\n]*+))<([^\s"<>@,:;()\\\[\]]++)@([^\s"<>@,:;()\\\[\]]++)>'
    rb'|([^\s"<>@,:;()\\\[\]]++)@([^\s"<>@,:;()\\\[\]]++))\s*+(?:,|\Z)'
)
_TOKEN = re.compile(rb'\s++|"((?:[^"\\]|\\.)*+)"?+|([<>@,:;(])|(\[[^\]]*+\]?+|[^\s"(<>@,:;\[\\]++|\\?.)', re.DOTALL)
_IN_COMMENT = re.compile(rb"\\.|[()]", re.DOTALL)
_ATOM = re.compile(rb"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+")


class Mailbox(NamedTuple):
    """One mailbox as written, or a mark of a group as IMAP has it (RFC 9051 7.5.2).

    A group begins with `Mailbox(None, its name, None)` and ends with `Mailbox(None, None, None)`;
    `domain` is empty where the address has none.
    """

    name: bytes | None
    local: bytes | None
    domain: bytes | None

    @property
    def spec(self) -> bytes:
        """`local@domain`, the local part quoted where it isn't a dot-atom; empty for marks and lone words."""
        if not self.local or not self.domain:
            return b""
        local = self.local if _ATOM.fullmatch(self.local) else b'"%b"' % re.sub(rb'(["\\])', rb"\\\1", self.local)
        return local + b"@" + self.domain


def read(value: bytes) -> list[Mailbox]:
    """The mailboxes and group marks of an unfolded field, in order."""
    return list(_remembered(value)) if len(value) <= SHORT else _read(value)


@lru_cache(REMEMBERED)
def _remembered(value: bytes) -> tuple[Mailbox, ...]:
    return tuple(_read(value))


def _read(value: bytes) -> list[Mailbox]:
    found: list[Mailbox] = []
    at, usual = 0, _USUAL.match
    while at < len(value):
        match = usual(value, at)
        if not match or len(found) >= TOKENS_MAX:
            return _Reader(value).read()
        found.append(_usual_mailbox(match))
        at = match.end()
    return found


def _usual_mailbox(match: re.Match[bytes]) -> Mailbox:
    quoted, phrase, local, domain, bare_local, bare_domain = match.groups()
    if bare_domain is not None:
        return Mailbox(None, bare_local, bare_domain)
    name = quoted if quoted is not None else b" ".join(phrase.split())
    return Mailbox(name or None, local, domain)


def mailboxes(value: bytes) -> list[Mailbox]:
    """The mailboxes only, without the marks of groups."""
    return [mailbox for mailbox in read(value) if mailbox.domain is not None]


class _Reader:
    """Reads the forms that `_USUAL` doesn't know: groups, routes, comments, quoted and missing parts."""

    def __init__(self, value: bytes) -> None:
        self.value = value
        self.found: list[Mailbox] = []
        self.in_group = False
        self._begin()

    def _begin(self) -> None:
        self.words: list[bytes] = []
        self.local: list[bytes] = []
        self.domain: list[bytes] = []
        self.note: bytes | None = None
        self.angle = self.inside = self.has_at = False

    def read(self) -> list[Mailbox]:
        at = 0
        for _ in range(TOKENS_MAX):
            match = _TOKEN.match(self.value, at)
            if not match:
                break
            at = match.end()
            if match[2] == b"(":
                at = self._comment(at)
            elif match[2]:
                self._special(match[2])
            else:
                self._word(match)
        self._finish()
        if self.in_group:
            self._end_group()
        return self.found

    def _comment(self, at: int) -> int:
        """RFC 5322 3.2.2: comments nest; the last one names the mailbox where nothing better does."""
        depth, start = 1, at
        for mark in _IN_COMMENT.finditer(self.value, at):
            depth += {b"(": 1, b")": -1}.get(mark[0], 0)
            if not depth:
                self.note = unquote(self.value[start : mark.start()])
                return mark.end()
        self.note = unquote(self.value[start:])
        return len(self.value)

    def _word(self, match: re.Match[bytes]) -> None:
        word = unquote(match[1]) if match[1] is not None else match[3]
        if word is None:
            return
        if self.has_at and (self.inside or not self.angle):
            self.domain.append(word)
        elif self.inside:
            self.local.append(word)
        elif not self.angle:
            self.words.append(word)

    def _special(self, mark: bytes) -> None:
        if mark == b"<":
            self._open()
        elif mark == b">":
            self.inside = False
        elif mark == b"@":
            self._at()
        elif mark == b":":
            self._colon()
        elif mark == b"," and not self.inside:
            self._finish()
        elif mark == b";" and not self.inside:
            self._finish()
            if self.in_group:
                self._end_group()

    def _open(self) -> None:
        if self.angle:  # a second address without a comma: show it, so that nobody reads one where another reads two
            self._finish()
        self.angle = self.inside = True
        if self.has_at:  # `a@b <c@d>`: what stood before is the name
            self.words = [b"".join(self.local) + b"@" + b"".join(self.domain)]
            self.local, self.domain, self.has_at = [], [], False

    def _at(self) -> None:
        if not self.angle and not self.has_at:
            self.local, self.words = self.words, []
        elif self.has_at:
            self.domain.append(b"@")
        self.has_at = True

    def _colon(self) -> None:
        if self.inside:  # RFC 5322 4.4: a route ends here
            self.local, self.domain, self.has_at = [], [], False
        elif self.words and not self.has_at and not self.angle:
            self.found.append(Mailbox(None, b" ".join(self.words), None))
            self.in_group = True
            self._begin()

    def _end_group(self) -> None:
        self.found.append(Mailbox(None, None, None))
        self.in_group = False

    def _finish(self) -> None:
        if self.angle or self.has_at:
            name = b" ".join(self.words) if self.angle and self.words else self.note
            self.found.append(Mailbox(name or None, b"".join(self.local), b"".join(self.domain)))
        elif self.words:
            self.found.append(Mailbox(None, b" ".join(self.words), b""))
        self._begin()
