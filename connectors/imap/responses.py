"""What goes out: strings, names, sets, dates and whole lines of RFC 9051 7, as bytes ready to write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.imap import mailbox
from connectors.imap.lexer import EPOCH, MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.imap.commands import StatusItem
    from connectors.imap.searching import Result

CRLF = b"\r\n"
NIL = b"NIL"
MAX_QUOTED = 1000
"""Octets that are quoted at most; longer strings go as literals."""
_QUOTABLE = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x7f]*+")
_SPECIAL = re.compile(rb'(["\\])')
_ATOM = re.compile(rb'[^\x00-\x20(){%*"\\\x7f-\xff]++')
_UNSAFE = re.compile(r"[^\x20-\x7e]")
_TWO_DIGITS = tuple(b"%02d" % number for number in range(60))
_MONTHS = tuple(month.title().encode("ascii") for month in MONTHS)


def string(value: bytes) -> bytes:
    """`value` quoted, or as a literal if it can't be (RFC 9051 4.3); NUL, which neither may hold, is left out."""
    if len(value) <= MAX_QUOTED and _QUOTABLE.fullmatch(value):
        return b'"' + _SPECIAL.sub(rb"\\\1", value) + b'"'
    return literal(value.replace(b"\0", b""))


def literal(value: bytes) -> bytes:
    """`{n}` and `value` as it is."""
    return b"{%d}\r\n%b" % (len(value), value)


def nstring(value: bytes | None) -> bytes:
    """`value` as a string, None as NIL."""
    return NIL if value is None else string(value)


def astring(value: bytes) -> bytes:
    """`value` bare if it is a word that can't be taken for something else."""
    return value if _ATOM.fullmatch(value) and value.upper() != b"NIL" else string(value)


def mailbox_name(name: str) -> bytes:
    """`name` in modified UTF-7, quoted."""
    return string(mailbox.encode(name))


def sequence_set(numbers: Iterable[int]) -> bytes:
    """`numbers` as ranges, `1:3,7`, in the order given: COPYUID pairs its two sets (RFC 4315 3)."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in ranges)


def internal_date(at: int) -> bytes:
    """`"17-Jul-1996 02:44:25 +0000"` of microseconds since 1970 (RFC 9051 9, date-time)."""
    moment = EPOCH + timedelta(microseconds=at)
    return b'"%2d-%b-%04d %b:%b:%b +0000"' % (
        moment.day,
        _MONTHS[moment.month - 1],
        moment.year,
        _TWO_DIGITS[moment.hour],
        _TWO_DIGITS[moment.minute],
        _TWO_DIGITS[moment.second],
    )


def start_of_day(at: int) -> int:
    """The start of the UTC day of `at`, both microseconds since 1970; what `Dated.day` compares with."""
    day = datetime.combine((EPOCH + timedelta(microseconds=at)).date(), datetime.min.time(), UTC)
    return (day - EPOCH) // timedelta(microseconds=1)


def code(name: bytes, *arguments: bytes | int) -> bytes:
    """A response code, `[NAME argument ...]` (RFC 9051 7.1)."""
    words = [name, *(b"%d" % word if isinstance(word, int) else word for word in arguments)]
    return b"[" + b" ".join(words) + b"]"


def status_line(tag: bytes, word: bytes, text: str, response_code: bytes = b"") -> bytes:
    """`tag OK [CODE] text`, or with NO, BAD, BYE, PREAUTH; `tag` is `*` for untagged ones."""
    plain = _UNSAFE.sub("?", text).encode("ascii")
    return b" ".join(part for part in (tag, word, response_code, plain) if part) + CRLF


def untagged(*words: bytes) -> bytes:
    """`* word ...`."""
    return b"* " + b" ".join(words) + CRLF


def continuation(text: bytes = b"go on") -> bytes:
    """`+ text`; a challenge of AUTHENTICATE is base64 and may be empty (RFC 9051 7.6)."""
    return b"+ " + text + CRLF


def list_line(name: str, attributes: Iterable[bytes], *, kind: bytes = b"LIST", extended: bytes = b"") -> bytes:
    """`* LIST (attributes) "/" name` (RFC 9051 7.3.1); `extended` is ready text as `("CHILDINFO" (...))`."""
    words = (kind, b"(" + b" ".join(attributes) + b")", b'"/"', mailbox_name(name), extended)
    return untagged(*(word for word in words if word))


def status_items(name: str, values: Mapping[StatusItem, int]) -> bytes:
    """`* STATUS name (MESSAGES 1 ...)` (RFC 9051 7.3.2)."""
    items = (b"%b %d" % (item.value.encode("ascii"), value) for item, value in values.items())
    return untagged(b"STATUS", mailbox_name(name), b"(" + b" ".join(items) + b")")


def search_line(numbers: Iterable[int], modseq: int | None = None) -> bytes:
    """`* SEARCH 1 2 (MODSEQ 3)` (RFC 3501 7.2.5, RFC 7162 3.1.5); no MODSEQ without a number."""
    found = [b"%d" % number for number in numbers]
    suffix = [b"(MODSEQ %d)" % modseq] if modseq and found else []
    return untagged(b"SEARCH", *found, *suffix)


def esearch_line(
    tag: bytes,
    numbers: list[int],
    returning: frozenset[Result],
    *,
    uid: bool,
    modseq: int | None = None,
) -> bytes:
    """`* ESEARCH (TAG "a") UID MIN 1 ...` of ascending `numbers` (RFC 4731 3.1, RFC 7162 3.1.10)."""
    words = [b"ESEARCH", b"(TAG " + string(tag) + b")"]
    words += [b"UID"] if uid else []
    words += [text for word, text in _results(numbers).items() if word in returning]
    words += [b"MODSEQ %d" % modseq] if modseq and numbers else []
    return untagged(*words)


def _results(numbers: list[int]) -> dict[str, bytes]:
    """What each RETURN option would answer; only COUNT answers when nothing was found."""
    count = {"COUNT": b"COUNT %d" % len(numbers)}
    if not numbers:
        return count
    ends = {"MIN": b"MIN %d" % numbers[0], "MAX": b"MAX %d" % numbers[-1]}
    return ends | {"ALL": b"ALL " + sequence_set(numbers)} | count


def fetch_line(number: int, items: Iterable[bytes]) -> bytes:
    """`* number FETCH (item value ...)` of ready items (RFC 9051 7.5.2)."""
    return b"* %d FETCH (%b)\r\n" % (number, b" ".join(items))
