"""Copies for people outside: the marking before the text, and every other octet as it was."""

from __future__ import annotations

import base64
import email
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groupware.message import parts
from groupware.message.covering import covered
from groupware.message.markings import Marks
from groupware.message.opening import opening
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

AMBER = Marks(Marking.AMBER)
HEAD = b"From: a@x\r\nSubject: [TLP:AMBER] caf\xc3\xa9\r\nMIME-Version: 1.0\r\n"
SIGNED = (
    HEAD + b'Content-Type: multipart/signed; boundary="s"; protocol="application/pgp-signature"\r\n\r\n'
    b"--s\r\nContent-Type: text/plain\r\n\r\n signed \r\n"
    b"\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--s--\r\n"
)
ALTERNATIVE = (
    HEAD + b'Content-Type: multipart/alternative; boundary="a"\r\n\r\npreamble\r\n'
    b"--a\r\n\r\nplain\r\n--a\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
    b'quoted-printable\r\n\r\n<html><body class=3D"a>b">caf=E9 =\r\nau lait</body></html>\r\n'
    b"--a\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--a--\r\n"
)


def leaf(kind: str, body: bytes, encoding: str = "8bit", head: bytes = HEAD) -> bytes:
    return head + f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def read(raw: bytes) -> Message:
    """By the standard library: what others make of it."""
    return email.message_from_bytes(raw)


def body_of(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("charset", ["us-ascii", "utf-8", "iso-8859-15", "windows-1250", "iso-2022-jp", "gb18030"])
def test_text_in_any_charset_begins_with_the_line(charset: str) -> None:
    octets = "Jean\r\n".encode(charset) if charset != "iso-2022-jp" else "\u65e5\u672c\r\n".encode(charset)
    assert body_of(covered(leaf(f"text/plain; charset={charset}", octets), AMBER)) == b"TLP:AMBER\r\n\r\n" + octets


def test_the_line_has_the_code_and_firsts_wording() -> None:
    strict = covered(leaf("text/plain", b"x\r\n"), Marks(Marking.AMBER_STRICT, Handling.H1))
    assert body_of(strict) == b"TLP:AMBER+STRICT H1\r\n\r\nx\r\n"


@pytest.mark.parametrize("octets", [b"a\r\nb \r\n", b"", b"caf\xc3\xa9 = x\r\n" * 40, b"no end"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_encoded_text_stays_encoded(encoding: str, octets: bytes) -> None:
    body = base64.encodebytes(octets).replace(b"\n", b"\r\n") if encoding == "base64" else quoted(octets)
    made = read(covered(leaf("text/plain; charset=utf-8", body, encoding), AMBER))
    assert (made["content-transfer-encoding"], made.get_payload(decode=True)) == (
        encoding,
        b"TLP:AMBER\r\n\r\n" + octets,
    )


def quoted(octets: bytes) -> bytes:
    return re.sub(rb"[^a-z \r\n]", lambda found: b"=%02X" % found[0][0], octets)


@pytest.mark.parametrize(
    ("html", "before"),
    [
        ('<!-- <body> --><BODY title="a>b">x', '<!-- <body> --><BODY title="a>b">'),
        ("<html><head><style>body>p{}</style></head>x", "<html><head><style>body>p{}</style></head>"),
        ("<!doctype html><html>x", "<!doctype html><html>"),
        ("x<p>y", ""),
        ('<body title="never', ""),
    ],
)
def test_the_paragraph_is_where_the_page_begins(html: str, before: str) -> None:
    assert opening(html) == len(before)
    made = body_of(covered(leaf("text/html; charset=utf-8", html.encode()), AMBER))
    assert made == f"{before}\r\n<p>TLP:AMBER</p>\r\n{html[len(before) :]}".encode()


def test_each_alternative_has_it_and_a_call_to_a_meeting_stays_as_it_is() -> None:
    made = covered(ALTERNATIVE, AMBER)
    _, plain, html, call = read(made).walk()
    assert plain.get_payload() == "TLP:AMBER\r\n\r\nplain"
    assert html.get_payload(decode=True) == (
        b'<html><body class="a>b">\r\n<p>TLP:AMBER</p>\r\ncaf\xe9 au lait</body></html>'
    )
    assert call.get_payload() == "BEGIN:VCALENDAR"
    assert b"\r\npreamble\r\n" in made


UNREADABLE = HEAD + b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n' + b"--m\r\n\r\nx\r\n" * 1100
SMIME = leaf("application/pkcs7-mime; smime-type=enveloped-data", b"MIIB\r\n", "base64")


@pytest.mark.parametrize("raw", [SIGNED, SMIME, UNREADABLE, leaf("multipart/mixed", b"no boundary\r\n")])
def test_what_is_signed_encrypted_or_unreadable_is_enclosed_whole(raw: bytes) -> None:
    made = covered(raw, AMBER)
    assert made.startswith(HEAD + b"Content-Type: multipart/mixed")
    assert b"\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + raw + b"\r\n--" in made
    assert made.index(b"\r\n\r\nTLP:AMBER\r\n") < made.index(raw)


@pytest.mark.parametrize(
    "raw",
    [
        leaf("text/calendar; method=REQUEST", b"BEGIN:VCALENDAR\r\n"),
        leaf("text/plain; charset=utf-16", b"AAAA\r\n", "base64"),
        leaf("text/plain; charset=cp037", b"x\r\n"),
        leaf("text/plain; charset=utf-7", b"x\r\n"),
        leaf("text/plain; charset=unheard-of", b"x\r\n"),
        leaf("text/html; charset=iso-2022-jp", b"x\r\n"),
        leaf("text/plain", b"not base64!\r\n", "base64"),
        leaf("text/plain", b"x\r\n", "x-uuencode"),
        leaf("text/plain; name=a.txt", b"x\r\n"),
        leaf("image/png", b"iVBO\r\n", "base64"),
        ALTERNATIVE.replace(b"\r\n\r\nplain", b"\r\nContent-Type: text/enriched\r\n\r\nplain"),
    ],
)
def test_what_is_no_text_that_can_be_written_comes_second(raw: bytes) -> None:
    made = covered(raw, AMBER)
    first, second = parts.read(made).children
    assert made[first.body_at : first.end] == b"TLP:AMBER\r\n"
    assert made[second.body_at : second.end] == body_of(raw)
    given = parts.read(raw).head
    assert [(each.name, each.value) for each in second.head.fields] == [
        (each.name, each.value) for each in given.fields if each.name.startswith(b"content-")
    ]


WORDS = st.binary(max_size=30).map(
    lambda octets: octets.replace(b"\r", b"").replace(b"\n", b"\r\n").replace(b"\0", b"")
)


@st.composite
def leaves(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from(["text/plain", "text/html", "image/png", "text/calendar", "message/rfc822", ""]))
    charset = draw(st.sampled_from(["", "; charset=utf-8", "; charset=latin1", "; charset=utf-16", "; charset=big5"]))
    encoding = draw(st.sampled_from(["", "7bit", "8bit", "base64", "quoted-printable", "odd"]))
    shown = draw(st.sampled_from(["", "Content-Disposition: attachment; filename=a\r\n", "Content-MD5: x\r\n"]))
    fields = f"Content-Type: {kind}{charset}\r\n" if kind else ""
    fields += f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else ""
    body = draw(WORDS)
    body = base64.encodebytes(body).replace(b"\n", b"\r\n") if encoding == "base64" and draw(st.booleans()) else body
    return (fields + shown).encode() + b"\r\n" + body


@st.composite
def multiparts(draw: st.DrawFn, inner: st.SearchStrategy[bytes]) -> bytes:
    kind = draw(st.sampled_from(["mixed", "alternative", "related", "report", "signed", "digest"]))
    boundary = f"b{draw(st.integers(0, 10**9))}"
    children = draw(st.lists(inner, max_size=3))
    body = b"".join(b"\r\n--%b\r\n%b" % (boundary.encode(), child) for child in children)
    closing = draw(st.sampled_from([f"\r\n--{boundary}--\r\n", ""])).encode()
    return f"Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\npreamble".encode() + body + closing


TREES = st.recursive(leaves(), multiparts, max_leaves=6)


def bodies(raw: bytes, part: parts.Part) -> Iterator[bytes]:
    """Each leaf in order, with its fields; a message within is one."""
    if part.is_multipart and part.children:
        for child in part.children:
            yield from bodies(raw, child)
    else:
        yield raw[part.start : part.end]


def marked(octets: bytes) -> bool:
    found = read(octets)
    content = octets if found.is_multipart() else found.get_payload(decode=True)
    return isinstance(content, bytes) and b"TLP:AMBER" in content


@given(TREES)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_the_line_is_there_and_every_other_part_keeps_its_octets(part: bytes) -> None:
    raw = HEAD + part
    made = covered(raw, AMBER)
    assert made.count(b"\r\n") == made.count(b"\n") == made.count(b"\r")
    assert made.startswith(b"From: a@x\r\nSubject: [TLP:AMBER] caf\xc3\xa9\r\n")
    after = list(bodies(made, parts.read(made)))
    assert any(marked(each) for each in after)
    if raw in made:
        return
    before, body = list(bodies(raw, parts.read(raw))), raw[parts.read(raw).body_at :]
    if made.endswith(b"\r\n%b\r\n--%b--\r\n" % (body, made[-36:-4])):
        return
    assert all(each in before or HEAD + each in before or marked(each) for each in after)
    assert all(is_text(each) for each in before if each not in after)


def is_text(part: bytes) -> bool:
    """What may have got the line: text that isn't a file."""
    found = read(part)
    return found.get_content_type() in ("text/plain", "text/html") and not found.get_filename()


@given(WORDS)
@settings(max_examples=50, deadline=None)
def test_anything_at_all_is_covered(octets: bytes) -> None:
    assert b"TLP:AMBER" in covered(octets, AMBER)
