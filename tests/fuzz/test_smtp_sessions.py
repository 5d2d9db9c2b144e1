"""Random sessions: replies are always replies, the next client is always served, and nothing is logged as an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from submission_house import opened_door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from submission_house import Running

REPLY = re.compile(rb"[2-5][0-9]{2}[ -][ -~]*\r\n")
WORDS = [
    b"EHLO x",
    b"HELO",
    b"AUTH PLAIN",
    b"AUTH LOGIN YW5uYQ==",
    b"*",
    b"=",
    b"MAIL FROM:<anna@iconet.test>",
    b"MAIL FROM:<anna@iconet.test> SIZE=",
    b"RCPT TO:<return@iconet.test>",
    b"RCPT TO:<nobody@iconet.test>",
    b"RCPT TO:<@a:b@c>",
    b"DATA",
    b".",
    b"..",
    b"From: anna@iconet.test",
    b"",
    b"RSET",
    b"NOOP",
    b"VRFY",
    b"STARTTLS",
]
LINE = st.one_of(st.sampled_from(WORDS), st.binary(max_size=60), st.binary(min_size=2000, max_size=5000))
END = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\0\r\n", b""])
SAID = st.lists(st.tuples(LINE, END), max_size=25)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with opened_door(tmp_path_factory.mktemp("house")) as made:
        yield made
        assert [line for line in made.lines if line["level"] not in ("info", "warning")] == []


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=SAID, signed_in=st.booleans())
def test_any_session(running: Running, said: list[tuple[bytes, bytes]], signed_in: bool) -> None:  # noqa: FBT001 -- hypothesis calls it
    with running.raw("anna" if signed_in else "") as client:
        client.send(b"".join(line + end for line, end in said) + b"\r\n.\r\n*\r\nQUIT\r\n")
        told = client.rest()
    assert told.endswith(b"\r\n")
    assert [line for line in told.splitlines(keepends=True) if not REPLY.fullmatch(line)] == []
    assert told.splitlines()[-1][:3] in (b"221", b"421")
    with running.raw() as client:
        assert client.ask(b"NOOP") == b"250 2.0.0 OK\r\n"
