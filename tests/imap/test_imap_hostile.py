"""Lines that are meant to hurt: each is answered at once, and with nothing worse than `BadCommand`."""

from __future__ import annotations

import pytest
from own_time import at_most

from connectors.imap.commands import Command
from connectors.imap.grammar import BadCharset, BadCommand, parse
from connectors.imap.line import Line, Upload

WORST_SECONDS = 0.05
SURROGATE = b'a SELECT "&2D0-"'

REFUSED = {
    "endless shift": b'a SELECT "&APw x"',
    "shift of nothing": b'a SELECT "&A-"',
    "shift of foreign letters": b'a SELECT "&\xff-"',
    "half a character": SURROGATE,
    "hidden ASCII": b'a SELECT "&AEkATgBCAE8AWA-"',
    "hidden NUL": b'a SELECT "&AAA-"',
    "name not UTF-8": b'a SELECT "\xff\xfe"',
    "name too long": b'a SELECT "' + b"x" * 1001 + b'"',
    "control in name": b'a SELECT "a\x01b"',
    "no name": b'a SELECT ""',
    "many shifts": b'a SELECT "' + b"&" * 30000 + b'"',
    "deep parentheses": b"a SEARCH " + b"(" * 60000,
    "deep parentheses, closed": b"a SEARCH " + b"(" * 900 + b"ALL" + b")" * 900,
    "seventeen parentheses": b"a SEARCH " + b"(" * 17 + b"ALL" + b")" * 17,
    "many NOT": b"a SEARCH " + b"NOT " * 15000 + b"ALL",
    "many OR": b"a SEARCH " + b"OR ALL " * 8000 + b"ALL",
    "many OR, left": b"a SEARCH " + b"OR " * 8000 + b"ALL " * 8001,
    "129 keys": b"a SEARCH" + b" ALL" * 129,
    "16000 ranges": b"a FETCH " + b",".join([b"1:*"] * 16000) + b" FLAGS",
    "a long number": b"a FETCH 1:" + b"9" * 5000 + b" FLAGS",
    "a number of 33 bits": b"a FETCH 4294967296 FLAGS",
    "number nought": b"a FETCH 0 FLAGS",
    "empty range": b"a FETCH 1: FLAGS",
    "modseq of 64 bits": b"a FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)",
    "10000 items": b"a FETCH 1 (" + b" ".join([b"FLAGS"] * 10000) + b")",
    "20000 fields": b"a FETCH 1 BODY[HEADER.FIELDS (" + b" ".join([b"ab"] * 20000) + b")]",
    "20000 steps": b"a FETCH 1 BODY[" + b".".join([b"1"] * 20000) + b"]",
    "31 steps": b"a FETCH 1 BODY[" + b".".join([b"1"] * 31) + b"]",
    "MIME of the whole": b"a FETCH 1 BODY[MIME]",
    "field that breaks the line": b'a FETCH 1 BODY[HEADER.FIELDS ("a\x0bb")]',
    "long partial": b"a FETCH 1 BODY[]<" + b"9" * 4400 + b".1>",
    "no items": b"a FETCH 1 ()",
    "VANISHED": b"a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)",
    "unended string": b'a LOGIN "' + b"x" * 60000,
    "unended escapes": b'a LOGIN "' + b"\\\\" * 30000,
    "13000 flags": b"a STORE 1 +FLAGS (" + b" ".join([b"\\Foo"] * 13000) + b")",
    "13000 bare flags": b"a STORE 1 +FLAGS " + b" ".join([b"\\Foo"] * 13000),
    "deep options": b"a SELECT x (" + b"a (" * 20000,
    "QRESYNC": b"a SELECT x (QRESYNC (1 2 3))",
    "unknown option": b"a LIST () x * RETURN (FOO)",
    "17 patterns": b'a LIST "" (' + b" ".join([b"*"] * 17) + b")",
    "RECURSIVEMATCH alone": b'a LIST (RECURSIVEMATCH) "" *',
    "search not UTF-8": b'a SEARCH SUBJECT "\xff\xfe"',
    "31 February": b"a SEARCH SINCE 31-Feb-2020",
    "year nought": b"a SEARCH SINCE 1-Jan-0000",
    "no such month": b"a SEARCH SINCE 1-Foo-2020",
    "an ID of 5000": b"a ID (" + b" ".join([b'"a" "b"'] * 5000) + b")",
    "nothing": b"",
    "a tag": b"a",
    "a tag and a space": b"a ",
    "two spaces": b"a  NOOP",
    "no tag": b" NOOP",
    "plus in tag": b"a+b NOOP",
    "long tag": b"a" * 65 + b" NOOP",
    "more than asked": b"a NOOP x",
    "UID of what has none": b"a UID NOOP",
    "unknown": b"a XYZZY",
    "quota": b"a GETQUOTAROOT INBOX",
    "bare base64": b"a AUTHENTICATE PLAIN !!!!",
    "carriage return": b"a LOGIN a\rb c",
    "a literal that isn't there": b"a SELECT \0",
}


def refusal(text: bytes) -> BadCommand:
    with pytest.raises(BadCommand) as refused:
        parse(Line(text))
    return refused.value


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_at_once(text: bytes) -> None:
    told = at_most(WORST_SECONDS, lambda: refusal(text)).text
    assert told.isascii()
    assert len(told) < 60


ALLOWED = {
    "128 keys": b"a SEARCH" + b" ALL" * 128,
    "127 NOT": b"a SEARCH " + b"NOT " * 127 + b"ALL",
    "sixteen parentheses": b"a SEARCH " + b"(" * 16 + b"ALL" + b")" * 16,
    "4000 ranges": b"a FETCH " + b",".join([b"1:4294967295"] * 4000) + b" FLAGS",
    "2000 items": b"a FETCH 1 (" + b" ".join([b"UID"] * 2000) + b")",
    "30 steps": b"a FETCH 1 BODY[" + b".".join([b"1"] * 30) + b"]",
    "escapes": b'a LOGIN "' + b"\\\\" * 30000 + b'" x',
    "largest modseq": b"a FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775807)",
}


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_just_within_bounds_is_read(text: bytes) -> None:
    assert isinstance(at_most(WORST_SECONDS, lambda: parse(Line(text))), Command)


def test_the_refusal_carries_the_tag() -> None:
    with pytest.raises(BadCommand) as refusal:
        parse(Line(b"x1 XYZZY"))
    assert refusal.value.tag == b"x1"
    with pytest.raises(BadCommand) as refusal:
        parse(Line(b"\xff\xff XYZZY"))
    assert refusal.value.tag == b"*"


@pytest.mark.parametrize("charset", [b"idna", b"rot13", b"zlib_codec", b"UTF-16"])
def test_a_charset_of_python_is_none_of_ours(charset: bytes) -> None:
    with pytest.raises(BadCharset):
        parse(Line(b"a SEARCH CHARSET " + charset + b' SUBJECT "x"'))


@pytest.mark.parametrize(
    "date",
    [
        b"99-Foo-2020 00:00:00 +0000",
        b"01-Jan-2020 24:00:00 +0000",
        b"01-Jan-2020 00:00:00 +9999",
        b"1-Jan-2020 00:00:00",
    ],
)
def test_append_wants_a_date_that_exists(date: bytes) -> None:
    upload = Upload(0)
    with pytest.raises(BadCommand):
        parse(Line(b'a APPEND x "' + date + b'" \0', (upload,)))
    upload.close()


def test_append_wants_a_message_without_nul() -> None:
    upload = Upload(3)
    upload.add(b"a\0b")
    with pytest.raises(BadCommand):
        parse(Line(b"a APPEND x \0", (upload,)))
    with pytest.raises(BadCommand):
        parse(Line(b"a APPEND x \0", (b"short",)))
    with pytest.raises(BadCommand):
        parse(Line(b"a SELECT \0", (upload,)))
    upload.close()


def test_a_literal_may_not_hold_nul() -> None:
    with pytest.raises(BadCommand):
        parse(Line(b"a LOGIN \0 x", (b"a\0b",)))
