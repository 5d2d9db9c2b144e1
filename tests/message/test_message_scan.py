from __future__ import annotations

import pytest

from groupware.message.errors import Unacceptable
from groupware.message.scan import scan

HEAD = b"From: Ann <ann@example.test>\r\nMessage-ID: <1@example.test>\r\n"


def rule_of(raw: bytes) -> str:
    with pytest.raises(Unacceptable) as caught:
        scan(raw)
    return caught.value.rule


def nested(levels: int) -> bytes:
    parts = [b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(levels)]
    return HEAD + b"".join(parts) + b"\r\ntext\r\n"


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (HEAD + b"\r\na\0b\r\n", "nul"),
        (HEAD + b"\r\na\rb\r\n", "bare-cr"),
        (HEAD + b"\r\na\nb\r\n", "bare-lf"),
        (HEAD + b"\r\na\n\rb\r\n", "bare-cr"),
        (HEAD + (b"X-A: " + b"a" * 900 + b"\r\n") * 80 + b"\r\n", "header-too-large"),
        (HEAD + b"X: y\r\n" * 499 + b"\r\n", "too-many-fields"),
        (HEAD + b"X: y\r\n" + b" " + b"z" * 900 + (b"\r\n " + b"z" * 900) * 20 + b"\r\n\r\n", "field-too-long"),
        (HEAD + b"\r\n" + b"x" * 999 + b"\r\n", "line-too-long"),
        (HEAD + b"\r\n" + b"x" * 999, "line-too-long"),
        (HEAD + b"no field here\r\n\r\n", "malformed-header"),
        (b" folded first\r\n" + HEAD + b"\r\n", "malformed-header"),
        (b"From someone Sun Nov 22\r\n" + HEAD + b"\r\n", "malformed-header"),
        (b"To: a@example.test\r\n\r\n", "no-from"),
        (b"From: nobody\r\n\r\n", "no-from"),
        (b"From: \r\n\r\n", "no-from"),
        (HEAD + b"FROM: Bob <bob@example.test>\r\n\r\n", "several-from"),
        (b"From: a@example.test, b@example.test\r\n\r\n", "several-from"),
        (b"From: <a@example.test> <b@example.test>\r\n\r\n", "several-from"),
        (b"From: g: a@example.test, b@example.test;\r\n\r\n", "several-from"),
        (HEAD + b"Message-Id: <2@example.test>\r\n\r\n", "several-message-id"),
        (b"From: a@example.test\r\nMessage-ID: <\r\n\r\n", "bad-message-id"),
        (b"From: a@example.test\r\nMessage-ID:\r\n\r\n", "bad-message-id"),
        (b"From: a@example.test\r\nMessage-ID: <a b@c>\r\n\r\n", "bad-message-id"),
        (b"From: a@example.test\r\nMessage-ID: <a@b> <c@d>\r\n\r\n", "bad-message-id"),
        (b"From: a@example.test\r\nMessage-ID: <" + b"a" * 250 + b"@b>\r\n\r\n", "bad-message-id"),
        (HEAD + b"Subject: " + (b"=?a?q?b?=" * 100 + b"\r\n ") * 11 + b"x\r\n\r\n", "too-many-encoded-words"),
        (nested(31), "mime-too-deep"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n" + b"\r\n--b" * 1001, "too-many-parts"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_name(raw: bytes, rule: str) -> None:
    assert rule_of(raw) == rule


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"X: y\r\n" * 498 + b"\r\n",
        HEAD + b"\r\n" + b"x" * 998 + b"\r\n",
        HEAD + b"\r\n" + b"x" * 998,
        HEAD,
        HEAD + b"\r\n",
        nested(30),
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n" + b"\r\n--b" * 999,
    ],
)
def test_what_just_keeps_the_bounds_passes(raw: bytes) -> None:
    assert scan(raw).from_addresses == (("Ann", "ann@example.test"),)


def test_a_message_says_what_lists_and_rules_need() -> None:
    raw = (
        b"Received: a\r\nReceived: b\r\nFrom: =?utf-8?q?J=C3=B6rg?= <j@example.test>\r\nSender: s@example.test\r\n"
        b"Date: Fri, 21 Nov 1997 09:55:06 -0600\r\nSubject: one\r\n two\r\nMessage-ID: <m@x>\r\n"
        b"References: <a@x>\r\n <b@x>\r\nIn-Reply-To: <b@x> <c@x>\r\n"
        b"Auto-Submitted: Auto-Replied; x=y\r\nList-Id: Some <A.List.test>\r\n\r\nbody\r\n"
    )
    seen = scan(raw)
    assert (seen.message_id, seen.references) == ("<m@x>", ("<a@x>", "<b@x>", "<c@x>"))
    assert (seen.from_addresses, seen.sender) == ((("Jörg", "j@example.test"),), "s@example.test")
    assert (seen.date, seen.subject) == (880127706_000_000, "one two")
    assert (seen.auto_submitted, seen.list_id, seen.received_count) == ("auto-replied", "a.list.test", 2)
    assert raw[seen.body_at :] == b"body\r\n"
    subject = next(field for field in seen.fields if field.name == b"subject")
    assert raw[subject.start : subject.end] == b"Subject: one\r\n two\r\n"
    assert subject.value == b" one\r\n two"


def test_absent_fields_are_said_to_be_absent() -> None:
    seen = scan(b"From: a@example.test\r\n\r\n")
    assert (seen.message_id, seen.references, seen.sender, seen.date) == (None, (), "", None)
    assert (seen.subject, seen.auto_submitted, seen.list_id, seen.received_count) == ("", "", None, 0)


def test_only_the_last_hundred_references_are_kept() -> None:
    ids = b"".join(b"<%d@x>\r\n " % n for n in range(150))
    seen = scan(HEAD + b"References: " + ids + b"\r\n\r\n")
    assert len(seen.references) == 100
    assert seen.references[-1] == "<149@x>"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"just words",
        b"Subject: draft\n\nbare\rcr and lf\n" + b"x" * 5000,
        b"no field\r\nSubject: draft\r\n\r\n",
        b"From: a@b, c@d\r\nFrom: e@f\r\nMessage-ID: <\r\n\r\n",
        b"X: y\r\n" * 2000 + b"\r\nbody",
        b"X: " + b"y" * 200_000 + b"\r\n\r\nbody",
        b"Subject: " + b"=?utf-8?q?a?= " * 2000 + b"\r\n\r\nbody",
    ],
)
def test_a_draft_may_be_anything_but_nul(raw: bytes) -> None:
    assert scan(raw, strict=False).body_at <= len(raw)
    with pytest.raises(Unacceptable):
        scan(raw + b"\0", strict=False)


def test_a_draft_is_still_read() -> None:
    seen = scan(b"broken\nSubject: draft\nTo: x@y\n\nbody\n\nmore", strict=False)
    assert (seen.subject, seen.message_id, seen.from_addresses) == ("draft", None, ())
    assert seen.body_at == 31
