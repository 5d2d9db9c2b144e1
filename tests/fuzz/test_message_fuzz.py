from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from groupware.message import sections, structure, text
from groupware.message.compose import compose
from groupware.message.errors import Unacceptable
from groupware.message.fields import read_tolerantly
from groupware.message.render import NEVER_SHOWN, render_head
from groupware.message.scan import Scanned, scan

SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parent / "seeds").glob("*.eml"))]
SCRAPS = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b":",
    b" ",
    b"--",
    b"--outer",
    b'"',
    b"<",
    b">",
    b"@",
    b"(",
    b")",
    b";",
    b",",
    b"=",
]
SCRAPS += [
    b"=?utf-8?q?=0A?=",
    b"=?",
    b"\\",
    b"\xff",
    b"\xc3",
    b"\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=b1\r\n",
]
SCRAPS += [
    b"From: x@y\r\n",
    b"Subject: TLP:RED\r\n",
    b"multipart",
    b"message/rfc822",
    b"base64",
    b"utf-7",
    b"[",
    b"]",
    b"*0*",
]


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A seed with a few pieces put in, cut out or moved."""
    raw = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at, to = sorted(draw(st.tuples(st.integers(0, len(raw)), st.integers(0, len(raw)))))
        scrap = draw(st.sampled_from(SCRAPS) | st.binary(max_size=8) | st.just(bytes(raw[at : min(to, at + 60)])))
        raw[at : at + draw(st.integers(0, 5))] = scrap
    return bytes(raw)


MESSAGES = mutants() | st.binary(max_size=400)


def scanned(raw: bytes, *, strict: bool) -> Scanned | None:
    try:
        return scan(raw, strict=strict)
    except Unacceptable as refused:
        assert refused.rule  # noqa: PT017 - being refused is one of two good outcomes
        return None


def grammar_end(told: bytes, at: int) -> int:
    """Where the IMAP value at `at` ends: NIL, a number, a string, a literal or a list; fails on anything else."""
    if told[at : at + 1] == b"(":
        at += 1
        while told[at : at + 1] != b")":
            at = grammar_end(told, at + (told[at : at + 1] == b" "))
        return at + 1
    if told[at : at + 1] == b'"':
        at += 1
        while told[at : at + 1] != b'"':
            assert 32 <= told[at] < 127 or told[at] == 9
            at += 2 if told[at : at + 1] == b"\\" else 1
        return at + 1
    if told[at : at + 1] == b"{":
        close = told.index(b"}\r\n", at)
        return close + 3 + int(told[at + 1 : close])
    end = at
    while told[end : end + 1].isalnum():
        end += 1
    assert told[at:end] == b"NIL" or told[at:end].isdigit()
    return end


@settings(max_examples=400, deadline=None)
@given(MESSAGES)
def test_every_message_is_read_or_refused(raw: bytes) -> None:
    strictly, tolerantly = scanned(raw, strict=True), scanned(raw, strict=False)
    assert tolerantly is not None or strictly is None
    for seen in (strictly, tolerantly):
        if seen:
            shown = seen.subject + seen.sender + "".join(a.name + a.spec for a in seen.from_addresses)
            assert not set(shown) & set("\r\n\0")
            shown.encode()
    if strictly:
        assert len(strictly.from_addresses) == 1
        covered = b"".join(raw[field.start : field.end] for field in strictly.fields)
        assert raw[: strictly.body_at].removesuffix(b"\r\n") in (covered, covered.removesuffix(b"\r\n"))


@settings(max_examples=400, deadline=None)
@given(MESSAGES)
def test_structure_texts_keep_the_grammar(raw: bytes) -> None:
    if not scanned(raw, strict=False):
        return
    for told in structure.describe(raw):
        assert grammar_end(told, 0) == len(told)


@settings(max_examples=300, deadline=None)
@given(MESSAGES)
def test_any_message_can_be_shown_and_searched(raw: bytes) -> None:
    shown = text.display(raw)
    shown.text.encode()
    assert not set(shown.text) & set("\r\0")
    for attachment in shown.attachments:
        assert not set(attachment.name) & set("\r\n\0/\\")
        attachment.name.encode()
        assert attachment.size >= 0
    for folded in text.search_text(raw):
        folded.encode()


@settings(max_examples=300, deadline=None)
@given(mutants(), st.sampled_from([None, "TLP:CLEAR", "TLP:AMBER", "TLP:RED"]))
def test_rendering_leaves_the_rest_as_it_was(raw: bytes, label: str | None) -> None:
    seen = scanned(raw, strict=True)
    if not seen:
        return
    head = render_head(raw[: seen.body_at], added=[("X-Ours", "1"), ("List-Id", "<a.b>")], label=label)
    gone = NEVER_SHOWN | {b"x-ours", b"list-id"}
    kept = [raw[f.start : f.end] for f in seen.fields if f.name not in gone and f.name != b"subject"]
    now = read_tolerantly(head, 0, len(head))
    assert now.body_at == len(head)
    assert [head[f.start : f.end] for f in now.fields if f.name != b"subject"][2:] == [
        line if line.endswith(b"\r\n") else line + b"\r\n" for line in kept
    ]
    again = scan(head + raw[seen.body_at :])
    assert (again.message_id, again.from_addresses, again.date) == (seen.message_id, seen.from_addresses, seen.date)


@settings(max_examples=300, deadline=None)
@given(mutants(), st.sets(st.sampled_from([b"to", b"from", b"subject", b"date", b"x"]), max_size=3))
def test_chosen_and_other_fields_are_all_fields(raw: bytes, names: set[bytes]) -> None:
    seen = scanned(raw, strict=True)
    if not seen:
        return
    head = raw[: seen.body_at]
    chosen = sections.picker(tuple(names))(head)
    others = sections.picker(tuple(names), negate=True)(head)
    expected = b"".join(head[f.start : f.end] for f in seen.fields if f.name in names)
    assert chosen in (expected + b"\r\n", expected + b"\n\r\n")
    assert len(chosen) + len(others) - 4 >= sum(f.end - f.start for f in seen.fields)


@settings(max_examples=300, deadline=None)
@given(mutants(), st.lists(st.integers(0, 4), max_size=4), st.sampled_from(sections.Text))
def test_sections_are_pieces_of_the_message(raw: bytes, path: list[int], kind: sections.Text) -> None:
    seen = scanned(raw, strict=False)
    if not seen:
        return
    section = sections.Section(tuple(path), kind, (b"from",))
    found = sections.extract(section, raw[: seen.body_at], raw[seen.body_at :])
    is_picked = kind in (sections.Text.FIELDS, sections.Text.FIELDS_NOT)
    assert found is None or is_picked or found in raw


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=60)


@settings(max_examples=300, deadline=None)
@given(name=NAMES, subject=NAMES, body=st.text(max_size=300))
def test_what_is_composed_is_read_again(name: str, subject: str, body: str) -> None:
    try:
        raw = compose(
            sender="a@b.test",
            sender_name=name,
            to=[(name, "c@d.test")],
            subject=subject,
            text=body,
            message_id="<1@b.test>",
            date=0,
        )
    except ValueError:
        assert "\0" in body or "=?" in name + subject
        return
    seen = scan(raw)
    assert [field.name for field in seen.fields][:5] == [b"from", b"to", b"subject", b"date", b"message-id"]
    assert len(seen.fields) == 8
    assert seen.from_addresses[0].spec == "a@b.test"
    if subject.isprintable():
        assert seen.subject.split() == subject.split()
