from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.imap import flags, responses
from connectors.imap.commands import Login, StatusItem
from connectors.imap.grammar import parse
from connectors.imap.line import Line
from connectors.imap.searching import Result


def read_back(written: bytes) -> bytes:
    """What our own grammar reads in `written`."""
    match = re.match(rb"\{(\d+)\}\r\n", written)
    line = Line(b"a LOGIN x \0", (written[match.end() :],)) if match else Line(b"a LOGIN x " + written)
    command = parse(line)
    assert isinstance(command, Login)
    return command.password


@given(st.binary(max_size=40).filter(lambda value: b"\0" not in value))
def test_strings_are_read_back(value: bytes) -> None:
    assert read_back(responses.string(value)) == value
    assert read_back(responses.astring(value)) == value


def test_strings_take_the_plainest_form() -> None:
    assert responses.string(b'a"b\\') == b'"a\\"b\\\\"'
    assert responses.string(b"a\nb") == b"{3}\r\na\nb"
    assert responses.string("ü".encode()) == b"{2}\r\n\xc3\xbc"
    assert responses.string(b"a\0b") == b"{2}\r\nab"
    assert responses.string(b"x" * 1001).startswith(b"{1001}\r\n")
    assert responses.astring(b"a.b") == b"a.b"
    assert responses.astring(b"nil") == b'"nil"'
    assert responses.nstring(None) == b"NIL"


@given(st.sets(st.integers(1, 50)))
def test_sets_name_the_same_numbers(numbers: set[int]) -> None:
    text = responses.sequence_set(sorted(numbers)).decode()
    ranges = [tuple(map(int, part.split(":"))) for part in text.split(",") if part]
    assert [n for one in ranges for n in range(one[0], one[-1] + 1)] == sorted(numbers)
    assert all(second[0] > first[-1] + 1 for first, second in pairwise(ranges))


def test_sets_keep_the_order() -> None:
    assert responses.sequence_set([5, 6, 1]) == b"5:6,1"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, b'" 1-Jan-1970 00:00:00 +0000"'),
        (837571465_000_000, b'"17-Jul-1996 02:44:25 +0000"'),
        (951782400_999_999, b'"29-Feb-2000 00:00:00 +0000"'),
    ],
)
def test_dates(at: int, text: bytes) -> None:
    assert responses.internal_date(at) == text
    assert responses.start_of_day(at) == at // 86_400_000_000 * 86_400_000_000


def test_lines() -> None:
    assert (
        responses.status_line(b"a", b"NO", "gone\r\n* OK", responses.code(b"CANNOT")) == b"a NO [CANNOT] gone??* OK\r\n"
    )
    assert responses.code(b"APPENDUID", 7, 9) == b"[APPENDUID 7 9]"
    assert responses.list_line("Entwürfe", [b"\\Drafts"]) == b'* LIST (\\Drafts) "/" "Entw&APw-rfe"\r\n'
    assert responses.list_line("a", [], kind=b"LSUB") == b'* LSUB () "/" "a"\r\n'
    assert responses.list_line("a", [], extended=b'("CHILDINFO" ("SUBSCRIBED"))').endswith(
        b'"a" ("CHILDINFO" ("SUBSCRIBED"))\r\n'
    )
    assert (
        responses.status_items("a", {StatusItem.UNSEEN: 2, StatusItem.SIZE: 3}) == b'* STATUS "a" (UNSEEN 2 SIZE 3)\r\n'
    )
    assert responses.search_line([]) == b"* SEARCH\r\n"
    assert responses.search_line([2, 4], modseq=9) == b"* SEARCH 2 4 (MODSEQ 9)\r\n"
    assert responses.fetch_line(3, [b"UID 7", b"RFC822.SIZE 9"]) == b"* 3 FETCH (UID 7 RFC822.SIZE 9)\r\n"
    assert responses.continuation(b"") == b"+ \r\n"


def test_esearch() -> None:
    everything = frozenset(Result)
    assert (
        responses.esearch_line(b"a", [2, 3, 9], everything, uid=True)
        == b'* ESEARCH (TAG "a") UID MIN 2 MAX 9 ALL 2:3,9 COUNT 3\r\n'
    )
    assert responses.esearch_line(b"a", [], everything, uid=False, modseq=3) == b'* ESEARCH (TAG "a") COUNT 0\r\n'
    assert (
        responses.esearch_line(b"a", [4], frozenset({Result.MAX}), uid=False, modseq=3)
        == b'* ESEARCH (TAG "a") MAX 4 MODSEQ 3\r\n'
    )


def test_flags_have_bits_and_names() -> None:
    mask = flags.mask_of([b"\\seen", b"$JUNK", b"$unknown"])
    assert mask & flags.SEEN
    assert flags.text_of(mask) == b"(\\Seen $Junk)"
    assert flags.mask_of([b"\\Deleted"]) == flags.DELETED
    assert flags.text_of(1 << 20) == b"()"
    assert flags.mask_of(flags.NAMES) == flags.ALL
