from __future__ import annotations

from pathlib import Path

import pytest

from groupware.message import html, parts
from groupware.message.folding import fold
from groupware.message.sections import locate
from groupware.message.text import NOT_SHOWN, TEXT_MAX, Attachment, decode_part, display, search_text

SEEDS = Path(__file__).parents[1] / "fuzz" / "seeds"


def seed(name: str) -> bytes:
    return (SEEDS / f"{name}.eml").read_bytes()


def single(kind: str, body: bytes, encoding: str = "8bit") -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def test_plain_text_comes_before_html() -> None:
    shown = display(seed("alternative"))
    assert (shown.text, shown.attachments, shown.from_html) == ("Grüße weiter", (), False)


def test_html_alone_becomes_text() -> None:
    raw = seed("alternative").replace(b"text/plain", b"text/x-other")
    shown = display(raw)
    assert (shown.text, shown.from_html) == ("Grüße here <https://iconet.test/a>", True)


def test_files_are_listed_with_safe_names() -> None:
    shown = display(seed("attached"))
    assert shown.text == "no header at all"
    assert shown.attachments == (
        Attachment("Übersicht.pdf", "application/pdf", 6, "2"),
        Attachment("", "message/rfc822", 260, "3"),
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="c:\\\\temp\\\\x.doc"', "x.doc"),
        ('filename="a\u202efdp.exe"', "afdp.exe"),
        ('filename=".."', ""),
        ('filename="a:b?.txt"', "a_b_.txt"),
        ('filename="=?utf-8?q?=C3=9C/x.txt?="', "x.txt"),
        ('filename="' + "n" * 500 + '"', "n" * 120),
    ],
)
def test_names_of_files_are_made_safe(given: str, name: str) -> None:
    raw = f"Content-Type: text/plain\r\nContent-Disposition: attachment; {given}\r\n\r\nx".encode()
    assert [attachment.name for attachment in display(raw).attachments] == [name]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (single("text/plain; charset=utf-16", "Grüße".encode("utf-16")), "Grüße"),
        (single("text/plain; charset=nonsense", "Grüße".encode()), "Grüße"),
        (single("text/plain; charset=utf-8", b"Gr\xfc\xdfe"), "Grüße"),
        (single("text/plain; charset*=x''koi8-r", b"\xf0\xf2"), "ПР"),
        (single("text/plain", b"a\r\nb\rc\x00\x1b"), "a\nb\nc\ufffd\ufffd"),
        (single("text/plain", b"R3LDvMOfZQ", "BASE64"), "Grüße"),
        (single("text/plain", b"a=20=\r\nb=zz", "quoted-printable"), "a b=zz"),
        (single("text/plain", b"asis", "x-unknown"), "asis"),
        (single("nonsense", b"plain"), "plain"),
        (single("image/png", b"x"), ""),
    ],
)
def test_texts_are_decoded(raw: bytes, text: str) -> None:
    assert display(raw).text == text


def test_long_texts_are_cut() -> None:
    shown = display(single("text/plain", b"x" * (TEXT_MAX + 1)))
    assert (len(shown.text), shown.truncated) == (TEXT_MAX, True)
    assert not display(single("text/plain", b"x" * TEXT_MAX)).truncated


def test_a_cut_within_a_character_spoils_nothing() -> None:
    shown = display(single("text/plain; charset=utf-8", b"x" + "ü".encode() * (TEXT_MAX * 2)))
    assert set(shown.text) == {"x", "ü"}


def test_a_message_beyond_the_bounds_is_not_shown() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n" + b"\r\n--b" * 2000
    assert display(raw) == NOT_SHOWN
    assert not NOT_SHOWN.shown


def test_parts_are_decoded() -> None:
    raw = seed("attached")
    part = locate(parts.read(raw), (2,))
    assert part is not None
    assert decode_part(raw, part) == b"%PDF-1"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
        ("a <b>bold</b>\n  word", "a bold word"),
        ("<script>alert('<p>')</script>x<STYLE>y</STYLE >z", "xz"),
        ("x<script>never closed", "x"),
        ("<head><title>t</title></head><header>h</header>", "h"),
        ("a<!-- <b> -->b<!doctype html>c<?php?>d", "abcd"),
        ("1 < 2 &lt;b&gt; &amp;amp; &#65;&#x42;&eacute;&nosuch; &#xD800;&#99999999;", None),
        ('<a href="https://x.test/?a=1&amp;b">here</a>!', "here <https://x.test/?a=1&b>!"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ("<a href=https://x.test>open", "open"),
        ("<tr><td>a</td><td>b</td></tr>", "a b"),
        ("<", "<"),
        ("a<b", "a"),
    ],
)
def test_html_is_reduced(source: str, text: str | None) -> None:
    reduced = html.to_text(source)
    if text is None:
        assert reduced.startswith("1 < 2 <b> &amp; ABé&nosuch; ")
    else:
        assert reduced == text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("RÜCKFÜHRUNG", "ruckfuhrung"),
        ("φρούριο ΦΡΟΎΡΙΟΣ", "φρουριο φρουριοσ"),
        ("τέλος", "τελοσ"),
        ("Straße ﬁn Ⅳ", "strasse fin iv"),
        ("ASCII", "ascii"),
        ("e\u0301\u0327", "e"),
        ("Ёлка", "елка"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


def test_search_finds_people_subject_text_and_file_names() -> None:
    header, body = search_text(seed("plain"))
    assert "fruhwarnung: lage at the border" in header
    assert "jorg muller joerg.mueller@example.test" in header
    assert "b.c@iconet.test" in header
    assert "grusse von der grenze." in body
    assert "ubersicht.pdf" in search_text(seed("attached"))[1]
