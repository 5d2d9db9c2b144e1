from __future__ import annotations

from typing import Any

import pytest

from groupware.message.compose import compose, new_message_id
from groupware.message.scan import scan
from groupware.message.text import display

GIVEN: dict[str, Any] = {
    "sender": "ann@iconet.test",
    "sender_name": "Ann",
    "to": [("Bob", "bob@iconet.test")],
    "subject": "hello",
    "text": "one\ntwo",
    "message_id": "<1@iconet.test>",
    "date": 880127706_000_000,
}


def written(**changes: object) -> bytes:
    return compose(**{**GIVEN, **changes})


def test_a_plain_message_as_it_should_be() -> None:
    assert written() == (
        b"From: Ann <ann@iconet.test>\r\nTo: Bob <bob@iconet.test>\r\nSubject: hello\r\n"
        b"Date: Fri, 21 Nov 1997 15:55:06 +0000\r\nMessage-ID: <1@iconet.test>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\none\r\ntwo\r\n"
    )


def test_a_thread_and_more_fields() -> None:
    raw = written(in_reply_to="<b@x>", references=["<a@x>", "<b@x>"], extra=[("Auto-Submitted", "auto-generated")])
    seen = scan(raw)
    assert seen.references == ("<a@x>", "<b@x>")
    assert seen.auto_submitted == "auto-generated"


@pytest.mark.parametrize("evil", ["a\rb", "a\nb", "a\0b", "a\r\nBcc: x@y", "=?utf-8?Q?=0A?=Bcc: x", "=?utf-8?B?AA==?="])
@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("sender", "From"),
        ("sender_name", "From"),
        ("subject", "Subject"),
        ("message_id", "Message-ID"),
        ("in_reply_to", "In-Reply-To"),
    ],
)
def test_no_value_brings_a_line_end(field: str, named: str, evil: str) -> None:
    with pytest.raises(ValueError, match=named):
        written(**{field: evil})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"to": [("B\nX: y", "b@c")]}, "To"),
        ({"to": [("B", "b@c\n")]}, "To"),
        ({"references": ["<a@b>\n"]}, "References"),
        ({"extra": [("X-A", "=?utf-8?Q?=0D?=")]}, "X-A"),
        ({"extra": [("X\n", "a")]}, "name of a field"),
        ({"text": "a\0"}, "text"),
        ({"sender": "a b@c"}, "From"),
        ({"sender": "a@b>,<c@d"}, "From"),
    ],
)
def test_malformed_values_are_refused_by_name(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        written(**changes)


@pytest.mark.parametrize("name", ["", "Ann Lee", 'Lee, "Ann" \\', "Jörg", "a@b.test", "Ann  Lee", "=?x", "."])
def test_display_names_come_back(name: str) -> None:
    assert scan(written(sender_name=name)).from_addresses == ((name, "ann@iconet.test"),)


@pytest.mark.parametrize("text", ["a" * 2000, "ü\n\n.\nFrom x\n=20 \n", "trailing \n", "\r\n\r\n", ""])
def test_texts_come_back(text: str) -> None:
    raw = written(text=text)
    assert display(raw).text.rstrip("\n") == text.replace("\r\n", "\n").rstrip("\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_long_headers_are_folded() -> None:
    raw = written(subject="Früh " * 200, to=[("Some Body", f"n{i}@iconet.test") for i in range(200)])
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert scan(raw).subject == ("Früh " * 200).strip()


def test_message_ids_differ_and_are_long() -> None:
    made = {new_message_id("iconet.test") for _ in range(100)}
    assert len(made) == 100
    assert all(len(name.split("@")[0]) >= 1 + 80 // 4 for name in made)
    with pytest.raises(ValueError, match="domain"):
        new_message_id("a\nb")
