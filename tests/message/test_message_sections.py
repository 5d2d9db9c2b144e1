from __future__ import annotations

from pathlib import Path

import pytest

from groupware.message.fields import body_offset
from groupware.message.sections import Section, Text, extract, partial, picker

RAW = (Path(__file__).parents[1] / "fuzz" / "seeds" / "attached.eml").read_bytes()
BODY_AT = body_offset(RAW, 0, len(RAW))
HEAD, BODY = RAW[:BODY_AT], RAW[BODY_AT:]
PLAIN = b"Subject: s\r\nTo: a\r\n b\r\nX-To: c\r\n\r\n"


def cut(path: tuple[int, ...], text: Text = Text.ALL, *names: bytes) -> bytes | None:
    return extract(Section(path, text, names), HEAD, BODY)


def test_the_whole_and_its_halves() -> None:
    assert cut(()) == RAW
    assert cut((), Text.HEADER) == HEAD
    assert cut((), Text.TEXT) == BODY
    assert cut((), Text.MIME) is None


def test_numbered_parts() -> None:
    assert cut((1, 1)) == b"no header at all"
    assert cut((1, 2)) == b"<p>html</p>"
    assert cut((2,)) == b"JVBERi0x"
    assert cut((3, 1)) == b"inner text"
    assert cut((3, 2)) == b"iVBORw0K"


def test_headers_of_parts() -> None:
    assert cut((1, 2), Text.MIME) == b"Content-Type: text/html\r\n\r\n"
    assert cut((1, 1), Text.MIME) == b"\r\n"
    assert cut((3,), Text.MIME) == b"Content-Type: message/rfc822\r\n\r\n"
    inner = cut((3,), Text.HEADER)
    assert inner is not None
    assert inner.startswith(b"From: inner@example.test\r\n")
    assert cut((3,)) == inner + (cut((3,), Text.TEXT) or b"")
    assert cut((3,), Text.FIELDS, b"SUBJECT") == b"Subject: inner\r\n\r\n"


@pytest.mark.parametrize("path", [(4,), (0,), (1, 3), (2, 1), (2, 2), (3, 3), (3, 1, 1), (1, 1, 1)])
def test_no_such_part(path: tuple[int, ...]) -> None:
    assert cut(path) is None


def test_only_messages_have_header_and_text() -> None:
    assert cut((2,), Text.HEADER) is None
    assert cut((1,), Text.TEXT) is None


def test_a_plain_message_is_its_own_first_part() -> None:
    assert extract(Section((1,)), PLAIN, b"text") == b"text"
    assert extract(Section((1,), Text.MIME), PLAIN, b"text") == PLAIN
    assert extract(Section((1, 1)), PLAIN, b"text") is None
    assert extract(Section((2,)), PLAIN, b"text") is None


def test_a_message_within_a_plain_message() -> None:
    head = b"Content-Type: message/rfc822\r\n\r\n"
    inner = b"Subject: in\r\n\r\ntext"
    assert extract(Section((1,)), head, inner) == inner
    assert extract(Section((1,), Text.HEADER), head, inner) == b"Subject: in\r\n\r\n"
    assert extract(Section((1, 1)), head, inner) == b"text"


def test_chosen_fields_keep_their_octets() -> None:
    assert picker((b"TO",))(PLAIN) == b"To: a\r\n b\r\n\r\n"
    assert picker((b"to", b"subject"))(PLAIN) == b"Subject: s\r\nTo: a\r\n b\r\n\r\n"
    assert picker((b"cc",))(PLAIN) == b"\r\n"
    assert picker((b"to",), negate=True)(PLAIN) == b"Subject: s\r\nX-To: c\r\n\r\n"
    assert picker((), negate=True)(PLAIN) == PLAIN
    assert picker(())(PLAIN) == b"\r\n"
    assert picker((b".*",))(PLAIN) == b"\r\n"


def test_partials() -> None:
    assert partial(b"abcdef", 2, 3) == b"cde"
    assert partial(b"abcdef", 9, 3) == b""
