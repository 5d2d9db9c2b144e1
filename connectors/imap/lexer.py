"""The words of IMAP: a cursor over one line. Every method consumes or raises `BadCommand`; none looks back."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from connectors.imap import mailbox
from connectors.imap.limits import (
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_ITEMS,
    MAX_MODSEQ,
    MAX_MODSEQ_DIGITS,
    MAX_NUMBER,
    MAX_RANGES,
    MAX_SEARCH_KEYS,
)
from connectors.imap.line import BadCommand, Line, Upload
from connectors.imap.numbers import STAR, SequenceSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

# RFC 9051 9. The possessive quantifiers (`++`, `*+`) never give back what they took.
ATOM = re.compile(rb'[^\x00-\x20(){%*"\\\]\x7f-\xff]++')
ASTRING = re.compile(rb'[^\x00-\x20(){%*"\\\x7f-\xff]++')
PATTERN = re.compile(rb'[^\x00-\x20(){"\\\x7f-\xff]++')
QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]++|\\["\\])*+)"')
FLAG = re.compile(rb'\\?[^\x00-\x20(){%*"\\\]\x7f-\xff]++')
DIGITS = re.compile(rb"[0-9]++")
SEQUENCE = re.compile(rb"[0-9:*,]++")
RANGE = re.compile(rb"(\*|[1-9][0-9]{0,9})(?::(\*|[1-9][0-9]{0,9}))?")
ESCAPED = re.compile(rb'\\(["\\])')
DATE = re.compile(r"([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})")
DATE_TIME = re.compile(
    r"([ 0-9][0-9]-[A-Za-z]{3}-[0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Lexer:
    """Where the reading of a line has come to."""

    def __init__(self, line: Line) -> None:
        self._text = line.text
        self._at = 0
        self._literals: Iterator[bytes | Upload] = iter(line.literals)
        self._depth = 0
        self._keys = 0

    def take(self, words: re.Pattern[bytes], what: str) -> bytes:
        """What `words` match here; `what` names them in the refusal."""
        match = words.match(self._text, self._at)
        if not match:
            raise BadCommand(f"{what} expected")
        self._at = match.end()
        return match[0]

    def sees(self, octets: bytes) -> bool:
        """Whether `octets` come next."""
        return self._text.startswith(octets, self._at)

    def sees_number(self) -> bool:
        """Whether a sequence set begins here."""
        return self._text[self._at : self._at + 1] in b"0123456789*" and self._at < len(self._text)

    def skip(self, octets: bytes) -> bool:
        """Go past `octets` if they come next."""
        found = self.sees(octets)
        if found:
            self._at += len(octets)
        return found

    def skip_word(self, word: bytes) -> bool:
        """Go past `word`, written in upper case here and in any case there, if it comes next."""
        end = self._at + len(word)
        found = self._text[self._at : end].upper() == word
        if found:
            self._at = end
        return found

    def expect(self, octets: bytes) -> None:
        """Go past `octets`, which must come next."""
        if not self.skip(octets):
            raise BadCommand(f"{octets.decode('ascii')!r} expected")

    def space(self) -> None:
        """Go past the one space that must come next."""
        if not self.skip(b" "):
            raise BadCommand("Space expected")

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self._at != len(self._text):
            raise BadCommand("Unexpected argument")

    def atom(self, what: str = "Word") -> bytes:
        """An atom in upper case."""
        return self.take(ATOM, what).upper()

    def string(self, bare: re.Pattern[bytes] = ASTRING) -> bytes:
        """A quoted string, a literal, or a word of the letters `bare`."""
        if self.sees(b'"'):
            return ESCAPED.sub(rb"\1", self.take(QUOTED, "Closing quote")[1:-1])
        if self.skip(b"\0"):
            return self._small_literal()
        return self.take(bare, "String")

    def _small_literal(self) -> bytes:
        literal = next(self._literals, None)
        if not isinstance(literal, bytes):
            raise BadCommand("Literal not expected")
        if b"\0" in literal:  # RFC 9051 9, CHAR8
            raise BadCommand("NUL in literal")
        return literal

    def nstring(self) -> bytes | None:
        """A string or NIL."""
        if self.sees(b'"') or self.sees(b"\0"):
            return self.string()
        if self.atom("String or NIL") != b"NIL":
            raise BadCommand("String or NIL expected")
        return None

    def upload(self) -> Upload:
        """The message of an APPEND."""
        literal = next(self._literals, None) if self.skip(b"\0") else None
        if not isinstance(literal, Upload):
            raise BadCommand("Message literal expected")
        if literal.has_nul:
            raise BadCommand("NUL in message")
        return literal

    def text(self) -> str:
        """A string in UTF-8."""
        try:
            return self.string().decode()
        except UnicodeDecodeError as error:
            raise BadCommand("Text is not UTF-8") from error

    def mailbox(self) -> str:
        """A mailbox name."""
        name = mailbox.decode(self.string())
        if not name:
            raise BadCommand("Mailbox name expected")
        return name

    def pattern(self, bare: re.Pattern[bytes] = PATTERN) -> str:
        """A mailbox name that may be empty or hold wildcards."""
        return mailbox.decode(self.string(bare))

    def number(self) -> int:
        """A 32-bit number (RFC 9051 9, number)."""
        return self._integer(MAX_DIGITS, MAX_NUMBER)

    def modseq(self) -> int:
        """A 63-bit number (RFC 7162 7, mod-sequence-valzer)."""
        return self._integer(MAX_MODSEQ_DIGITS, MAX_MODSEQ)

    def _integer(self, digits: int, largest: int) -> int:
        written = self.take(DIGITS, "Number")
        if len(written) > digits or int(written) > largest:
            raise BadCommand("Number too large")
        return int(written)

    def sequence_set(self) -> SequenceSet:
        """Numbers and ranges (RFC 9051 9, sequence-set)."""
        ranges = self.take(SEQUENCE, "Sequence set").split(b",")
        if len(ranges) > MAX_RANGES:
            raise BadCommand("Too many ranges")
        return SequenceSet(tuple(map(_range, ranges)))

    def flag(self) -> bytes:
        """One flag as written."""
        return self.take(FLAG, "Flag")

    def date(self) -> int:
        """The start of a day, UTC, in microseconds since 1970 (RFC 9051 9, date)."""
        match = DATE.fullmatch(self.string().decode("ascii", "replace"))
        return _microseconds(_day(match, UTC))

    def date_time(self) -> int:
        """A moment in microseconds since 1970 (RFC 9051 9, date-time)."""
        return _moment(DATE_TIME.fullmatch(self.string().decode("ascii", "replace")))

    def key(self) -> None:
        """Count one more search key."""
        self._keys += 1
        if self._keys > MAX_SEARCH_KEYS:
            raise BadCommand("Too many search keys")

    def list_of(self, member: Callable[[], T], most: int = MAX_ITEMS) -> tuple[T, ...]:
        """A parenthesised list of `member`s, which may be empty."""
        self.expect(b"(")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadCommand("Too deep")
        found: list[T] = []
        while not self.skip(b")"):
            if found:
                self.space()
            if len(found) == most:
                raise BadCommand("Too many members")
            found.append(member())
        self._depth -= 1
        return tuple(found)

    def some_of(self, member: Callable[[], T], most: int = MAX_ITEMS) -> tuple[T, ...]:
        """A parenthesised list that isn't empty."""
        found = self.list_of(member, most)
        if not found:
            raise BadCommand("Empty list")
        return found


def from_base64(written: bytes) -> bytes:
    """A response of AUTHENTICATE, decoded; `BadCommand` if it is malformed. `=` is the empty one (RFC 4959 3)."""
    if written == b"=":
        return b""
    try:
        return b64decode(written, validate=True)
    except binascii.Error as error:
        raise BadCommand("Malformed base64") from error


def _range(written: bytes) -> tuple[int, int]:
    match = RANGE.fullmatch(written)
    if not match:
        raise BadCommand("Malformed sequence set")
    low, high = _end(match[1]), _end(match[2] or match[1])
    return (low, high) if low <= high else (high, low)


def _end(written: bytes) -> int:
    number = STAR if written == b"*" else int(written)
    if number > MAX_NUMBER:
        raise BadCommand("Number too large")
    return number


def _day(match: re.Match[str] | None, zone: timezone) -> datetime:
    try:
        day, month, year = match.groups() if match else ("", "", "")
        return datetime(int(year), MONTHS.index(month.lower()) + 1, int(day), tzinfo=zone)
    except (ValueError, OverflowError) as error:
        raise BadCommand("Malformed date") from error


def _moment(match: re.Match[str] | None) -> int:
    try:
        date, hour, minute, second, sign, hours, minutes = match.groups() if match else ("",) * 7
        ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        day = _day(DATE.fullmatch(date.strip()), timezone(ahead))
        return _microseconds(day.replace(hour=int(hour), minute=int(minute), second=int(second)))
    except ValueError as error:
        raise BadCommand("Malformed date") from error


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
