"""Bombs, smuggling and probing from outside: clear refusals, the same for forbidden and absent; service goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from wires import Wire, api, imap, post, smtp

if TYPE_CHECKING:
    from serving import Server

MIB = 1024
"""Of VmRSS, which is in KiB."""
TERMINATORS = (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\0\r\n")
BOMBS = {
    "words": (b"Subject: " + b"\r\n ".join([b"=?utf-8?q?aaaa?="] * 16_000) + b"\r\n\r\nx", b"header-too-large"),
    "nested": (b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)),
               b"mime-too-deep"),
    "boundaries": (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 2_000_000, b"too-many-parts"),
    "colonless": (b"x" * 60 + b"\r\n" + (b"y" * 70 + b"\r\n") * 70_000, b"header-too-large"),
    "semicolons": (b"Content-Type: a/b" + (b";\r\n " + b"a;" * 400) * 40 + b"\r\n\r\nx", b"field-too-long"),
}  # fmt: skip


def memory(server: Server) -> int:
    """KiB resident."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def test_bombs_are_refused_by_name_and_leave_memory_alone(server: Server) -> None:
    author, before = server.who(area="return"), memory(server)
    wire, head = smtp(server, author), f"From: {author['address']}\r\n".encode()
    for name, (bomb, rule) in BOMBS.items():
        reply = post(wire, author, "return@iconet.test", head + bomb)
        assert reply.startswith(b"554 5.6.0 " + rule), (name, reply)
        assert wire.smtp(b"NOOP").startswith(b"250")
    assert memory(server) - before < 150 * MIB
    wire.close()


def test_no_terminator_smuggles(server: Server) -> None:
    author = server.who(area="return")
    wire, head = smtp(server, author), f"From: {author['address']}\r\n\r\n".encode()
    for end in TERMINATORS:
        smuggled = b"a" + end + b"MAIL FROM:<" + author["address"].encode() + b">\r\nb"
        assert post(wire, author, "return@iconet.test", head + smuggled).startswith(b"554 5.6.0 "), end
        assert wire.smtp(b"NOOP") == b"250 2.0.0 OK"
    wire.close()


def test_nobody_writes_in_another_name(server: Server) -> None:
    author, other = server.who(area="return"), server.who(area="liaison", without="return")
    mine, theirs = author["address"], other["address"]
    wire = smtp(server, author)
    for head in (f"From: {theirs}", f'From: "{theirs}" <{mine}>', f"From: {mine}\r\nSender: {theirs}"):
        reply = post(wire, author, "return@iconet.test", f"{head}\r\n\r\nx".encode())
        assert reply.startswith(b"550 5.7.1 from-is-not-sender"), head
    wire.close()


def test_a_forbidden_room_is_an_absent_one(server: Server) -> None:
    outsider = server.who(area="return", without="liaison")
    mail, reader = smtp(server, outsider), imap(server, outsider)
    mail.smtp(f"MAIL FROM:<{outsider['address']}>".encode())
    assert mail.smtp(b"RCPT TO:<liaison@iconet.test>") == mail.smtp(b"RCPT TO:<nothing@iconet.test>")
    for command in ("SELECT Areas/%s", "EXAMINE Areas/%s", "STATUS Areas/%s (MESSAGES)", 'LIST "" Areas/%s'):
        forbidden, absent = (reader.imap((command % name).encode()) for name in ("liaison", "nothing"))
        assert forbidden == absent, command
    assert api(server, outsider, "GET", "/rooms/liaison/posts") == api(server, outsider, "GET", "/rooms/nothing/posts")
    mail.close()
    reader.close()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"t LOGIN {4294967296}", b"t NO [TOOBIG]"),
        (b"t LOGIN {4294967296+}", b"* BYE"),
        (b"t LOGIN " + b"a" * 1_000_000, b"* BYE"),
        (b"t SEARCH " + b"(" * 30_000, b"t BAD"),
        (b"t SEARCH " + b"NOT " * 15_000 + b"ALL", b"t BAD"),
        (b't SELECT "&APw x"', b"t BAD"),
        (b"t NOOP\0", b"* BYE"),
    ],
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_hostile_imap_lines(server: Server, line: bytes, answer: bytes, *, signed_in: bool) -> None:
    person = server.who(area="return")
    wire = imap(server, person, "Areas/return") if signed_in else Wire(server, "imap")
    wire.send(line + b"\r\n")
    assert wire.line().startswith(answer)
    wire.close()
    assert b" OK" in imap(server, person).imap(b"NOOP")[-1]
