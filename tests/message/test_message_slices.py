"""What is looked for in slices is found as in one piece, also where it lies on an edge."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from groupware.message.errors import Unacceptable
from groupware.message.scan import scan
from groupware.message.slices import SLICE, count, find

HEAD = b"From: a@b.test\r\n\r\n"


@pytest.mark.parametrize("at", [0, 5, *range(SLICE - 4, SLICE + 2), 2 * SLICE - 1, 3 * SLICE - 3])
def test_a_mark_is_found_wherever_it_lies(at: int) -> None:
    raw = bytearray(b"x" * 3 * SLICE)
    raw[at : at + 3] = b"\n--"
    whole = bytes(raw)
    assert find(whole, b"\n--", 0, len(whole)) == at
    assert find(whole, b"\n--", at + 1, len(whole)) == -1
    assert find(whole, b"\n--", 0, at + 2) == -1
    assert count(whole, b"-", 0, len(whole)) == 2
    assert count(whole, b"-", at + 2, len(whole)) == 1


def filled(size: int, end: bytes) -> bytes:
    """Exactly `size` octets of short lines, and then `end`."""
    lines = b"x" * 98 + b"\r\n"
    raw = HEAD + lines * ((size - len(HEAD)) // 100)
    rest = size - len(raw)
    return raw + b"y" * rest + end + b"\r\n" + lines * 3000


@pytest.mark.parametrize("size", range(SLICE - 3, SLICE + 3))
@pytest.mark.parametrize(("end", "rule"), [(b"\r\n", ""), (b"\r", "bare-cr"), (b"\n", "bare-lf"), (b"\n\r", "bare-cr")])
def test_line_ends_on_an_edge(size: int, end: bytes, rule: str) -> None:
    raw = filled(size, end + b"z")
    if not rule:
        assert scan(raw).from_addresses
        return
    with pytest.raises(Unacceptable) as caught:
        scan(raw)
    assert caught.value.rule in (rule, "bare-lf"), "of two mistakes the first that is found"


PAUSES = """
import resource, threading
from groupware.message.slices import pause

def given():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
    for _ in range(1000):
        pause()
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before

alone, ended = given(), threading.Event()
threading.Thread(target=ended.wait).start()
print(alone, given())
ended.set()
"""


def test_moments_are_given_where_somebody_may_want_them() -> None:
    """By how often the process gave the processor away."""
    root = str(Path(__file__).parents[2])
    said = subprocess.run([sys.executable, "-c", PAUSES], env={"PYTHONPATH": root}, check=True, stdout=subprocess.PIPE)
    alone, beside_another = map(int, said.stdout.split())
    assert alone < 100
    assert beside_another >= 1000
