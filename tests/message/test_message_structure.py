from __future__ import annotations

from pathlib import Path

import pytest

from groupware.message.structure import describe, string

SEEDS = Path(__file__).parents[1] / "fuzz" / "seeds"


def seed(name: str) -> bytes:
    return (SEEDS / f"{name}.eml").read_bytes()


def test_the_envelope_of_rfc_9051() -> None:
    raw = (
        b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\n"
        b"Subject: IMAP4rev2 WG mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\n"
        b"cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
        b"Message-Id: <B27397-0100000@cac.washington.ed>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n" + b"x\r\n" * 92
    )
    terry = b'(("Terry Gray" NIL "gray" "cac.washington.edu"))'
    assert describe(raw).envelope == (
        b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" '
        + b" ".join([terry] * 3)
        + b' ((NIL NIL "imap" "cac.washington.edu"))'
        b' ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU"))'
        b' NIL NIL "<B27397-0100000@cac.washington.ed>")'
    )
    assert describe(raw).body == b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7bit" 276 92)'


def test_defaults_of_a_message_that_says_nothing() -> None:
    told = describe(b"\r\nhello\r\n")
    assert told.envelope == b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
    assert told.body == b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1)'
    assert told.bodystructure == told.body[:-1] + b" NIL NIL NIL NIL)"


def test_groups_have_their_marks() -> None:
    assert b'((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))' in describe(seed("alternative")).envelope
    assert (
        b'((NIL NIL "Group" NIL)(NIL NIL "a" "x.test")("B" NIL "b" "x.test")(NIL NIL NIL NIL)(NIL NIL "c" "x.test"))'
        in describe(seed("attached")).envelope
    )


def test_a_multipart_with_a_file_and_a_message() -> None:
    assert describe(seed("attached")).bodystructure == (
        b'((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 16 0 NIL NIL NIL NIL)'
        b'("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 11 0 NIL NIL NIL NIL)'
        b' "alternative" ("boundary" "outer2") NIL NIL NIL)'
        b'("application" "pdf" ("name" "=?utf-8?Q?=C3=9Cbersicht.pdf?=") "<id1@example.test>" "a table" "base64" 8'
        b' "Q2hlY2sgSW50ZWdyaXR5IQ==" ("attachment" ("filename*" "utf-8\'de\'%C3%9Cbersicht.pdf"'
        b' "size" "6")) NIL "https://example.test/x")'
        b'("message" "rfc822" NIL NIL NIL "7bit" 260 (NIL "inner" ((NIL NIL "inner" "example.test"))'
        b' ((NIL NIL "inner" "example.test")) ((NIL NIL "inner" "example.test")) NIL NIL NIL NIL'
        b' "<inner@example.test>")'
        b' (("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 0 NIL NIL NIL NIL)'
        b'("image" "png" NIL NIL NIL "base64" 8 NIL NIL NIL NIL) "mixed" ("boundary" "deep") NIL NIL NIL)'
        b' 14 NIL NIL NIL NIL) "mixed" ("boundary" "outer") NIL ("en" "de") NIL)'
    )


def test_parts_of_a_digest_are_messages_unless_they_say_otherwise() -> None:
    body = describe(seed("digest")).body
    assert body.startswith(b'(("message" "rfc822" NIL NIL NIL "7bit" ')
    assert body.endswith(b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 0) "digest")')


@pytest.mark.parametrize("kind", [b"multipart/mixed", b"multipart/mixed; boundary=x"])
def test_a_multipart_without_parts_gets_an_empty_one(kind: bytes) -> None:
    told = describe(b"Content-Type: " + kind + b"\r\n\r\nnothing\r\n")
    assert told.body == b'(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0) "mixed")'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, b"NIL"),
        (b"", b'""'),
        (b'a "b" \\', b'"a \\"b\\" \\\\"'),
        (b"gr\xc3\xbc", b"{4}\r\ngr\xc3\xbc"),
        (b"a\rb", b"{3}\r\na\rb"),
        (b"a\0b", b"{2}\r\nab"),
        (b"x" * 2000, b"{2000}\r\n" + b"x" * 2000),
    ],
)
def test_strings_are_quoted_or_literal(value: bytes | None, written: bytes) -> None:
    assert string(value) == written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (b"a=b; C=d", b'("a" "b" "C" "d")'),
        (b"t*1=b; t*0=a; x=y", b'("t" "ab" "x" "y")'),
        (b"t*0*=us-ascii'en'a%20; t*1=\"b c\"", b'("t*" "us-ascii\'en\'a%20b%20c")'),
        (b"t*=utf-8''%41; *=z", b'("t*" "utf-8\'\'%41" "*" "z")'),
    ],
)
def test_continued_parameters_are_put_together(given: bytes, written: bytes) -> None:
    assert written in describe(b"Content-Type: application/x; " + given + b"\r\n\r\n").body


def test_a_continued_boundary_divides_too() -> None:
    raw = b"Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\r\n\r\n--ab\r\n\r\nx\r\n--ab--\r\n"
    assert describe(raw).body.startswith(b'(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0) ')
