from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_time import at_most

from connectors.imap.line import BadCommand
from connectors.imap.mailbox import Pattern, decode, encode

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (b"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),  # RFC 3501 5.1.3
        (b"a &- b", "a & b"),
        (b"&-&-", "&&"),
        (b"&2D3eAA-", "\U0001f600"),
        ("Grüße".encode(), "Grüße"),
        (b"inBox", "INBOX"),
        (b"inbox/a", "inbox/a"),
        (b"", ""),
    ],
)
def test_names_are_read(written: bytes, name: str) -> None:
    assert decode(written) == name


@given(NAMES)
def test_what_is_written_is_read_back(name: str) -> None:
    expected = "INBOX" if name.upper() == "INBOX" else name
    assert decode(encode(name)) == expected
    assert encode(name).isascii()


@pytest.mark.parametrize(
    "written", [b"&", b"&A", b"a&Jjo", b"&Jjo!", b"&AB-", b"&AAAA-", b"&3gDYPQ-", b"&AGE-", b"a\0b", b"&Jjo=-"]
)
def test_malformed_names_are_refused(written: bytes) -> None:
    with pytest.raises(BadCommand):
        decode(written)


def as_regex(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace("%", "[^/]*"), re.DOTALL)


@given(st.text("ab/*%", max_size=8), st.text("ab/", max_size=8))
def test_patterns_match_as_the_regex_does(pattern: str, name: str) -> None:
    assert Pattern.of(pattern).matches(name) == bool(as_regex(pattern).fullmatch(name))


def test_a_pattern_of_stars_ends() -> None:
    assert not at_most(0.05, lambda: Pattern.of("*a" * 500).matches("a" * 1000 + "b"))
