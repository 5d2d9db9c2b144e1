from __future__ import annotations

import pytest

from groupware.message.markings import subject_marking
from groupware.message.render import render_head
from policies.vocabulary import Marking

LONG = b"y" * 985


@pytest.mark.parametrize(
    ("subject", "marking"),
    [
        ("hello", None),
        ("[TLP:AMBER] x", Marking.AMBER),
        ("tlp:amber+strict x", Marking.AMBER_STRICT),
        ("TLP AMBER STRICT", Marking.AMBER_STRICT),
        ("Re: [ TLP: Red ] x", Marking.RED),
        ("TLP-GREEN, later TLP:RED", Marking.RED),
        ("TLP:WHITE", Marking.CLEAR),
        ("TLP:CLEAR", Marking.CLEAR),
        ("TLP:REDUCED", None),
        ("xTLP:RED", None),
        ("TLP", None),
    ],
)
def test_labels_in_subjects(subject: str, marking: Marking | None) -> None:
    assert subject_marking(subject) == marking


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject: hello", b"Subject: [TLP:AMBER] hello"),
        (b"SUBJECT:hello\r\n  folded", b"SUBJECT: [TLP:AMBER] hello\r\n  folded"),
        (b"Subject:\r\n hello", b"Subject: [TLP:AMBER] \r\n hello"),
        (b"Subject:", b"Subject: [TLP:AMBER]"),
        (b"Subject: tlp:amber hello", b"Subject: tlp:amber hello"),
        (b"Subject: Re: [TLP:RED] hello", b"Subject: Re: [TLP:RED] hello"),
        (b"Subject: [TLP:GREEN] hello", b"Subject: [TLP:AMBER] hello"),
        (b"Subject: =?utf-8?q?TLP=3AGREEN_hello?=", b"Subject: [TLP:AMBER] hello"),
        (b"Subject: " + LONG, b"Subject: [TLP:AMBER]\r\n " + LONG),
    ],
)
def test_a_subject_gets_its_label(before: bytes, after: bytes) -> None:
    assert render_head(before + b"\r\n\r\n", added=(), label="TLP:AMBER") == after + b"\r\n\r\n"


def test_an_absent_subject_gets_one() -> None:
    assert render_head(b"To: a\r\n\r\n", added=(), label="TLP:RED") == b"To: a\r\nSubject: [TLP:RED]\r\n\r\n"


def test_every_subject_is_labelled() -> None:
    rendered = render_head(b"Subject: a\r\nSubject: b\r\n\r\n", added=(), label="TLP:RED")
    assert rendered == b"Subject: [TLP:RED] a\r\nSubject: [TLP:RED] b\r\n\r\n"


def test_ours_on_top_forged_ones_gone_the_rest_as_it_was() -> None:
    raw = (
        b"Received: old\r\nBCC: secret@x\r\nx-tlp: CLEAR\r\n odd\r\nSUBJECT:x\r\nApproved: me\r\n"
        b"Weird :  value \r\n\t folded\r\nList-Id: <forged>\r\nControl: cancel <a@b>\r\n\r\n"
    )
    added = [("Received", "by us"), ("X-TLP", "AMBER"), ("List-Id", "<early.iconet.test>")]
    assert render_head(raw, added=added, label=None) == (
        b"Received: by us\r\nX-TLP: AMBER\r\nList-Id: <early.iconet.test>\r\n"
        b"Received: old\r\nSUBJECT:x\r\nWeird :  value \r\n\t folded\r\n\r\n"
    )


def test_a_head_without_its_last_line_end_is_closed() -> None:
    assert render_head(b"To: a", added=(), label=None) == b"To: a\r\n\r\n"


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="X-A"):
        render_head(b"\r\n", added=[("X-A", "a\r\nBcc: b")], label=None)
    with pytest.raises(ValueError, match="label"):
        render_head(b"\r\n", added=(), label="SECRET")
