"""Messages made to cost much time or memory, sent by a process of their own, and what another client feels of it."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wires import Wire, imap, post, smtp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from serving import Server

BETWEEN = 0.001
"""Seconds between two NOOPs: so much less than a stall may be measured."""
SETTLED = 1.0
"""Seconds after a message in which what it causes behind its acknowledgement is still its own."""
HEAD = b"Content-Type: %b\r\n\r\n"
MIXED = HEAD % b"multipart/mixed; boundary=b"
HTML = HEAD % b"text/html"
QP = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
BASE64 = b"Content-Transfer-Encoding: base64\r\n\r\n"
RECIPES: dict[str, tuple[bytes, bytes, int]] = {
    "5 million '..' lines": (b"\r\n", b"..\r\n", 5_000_000),
    "10 million empty lines": (b"\r\n", b"\r\n", 10_000_000),
    "20 MB of long lines": (b"\r\n", b"x" * 996 + b"\r\n", 20_000),
    "25 MB of short lines": (b"\r\n", b"x\r\n", 8_000_000),
    "20 MB of base64": (b"Content-Type: application/pdf\r\n" + BASE64, b"QUJD" * 19 + b"\r\n", 250_000),
    "20 MB of base64 text": (b"Content-Type: text/plain\r\n" + BASE64, b"QUJD" * 19 + b"\r\n", 250_000),
    "20 MB of =3D": (b"Content-Type: text/plain\r\n" + QP, b"=3D" * 24 + b"=\r\n", 260_000),
    "999 parts": (MIXED, b"--b\r\n\r\n" + b"x" * 900 + b"\r\n", 998),
    "9,999 near boundaries in 20 MB": (MIXED, b"--bx\r\n" + b"y\r\n" * 650, 9_999),
    "2 million boundaries": (MIXED, b"--b\r\n", 2_000_000),
    "2 million near boundaries": (MIXED, b"--bx\r\n", 2_000_000),
    "2,000 nested multiparts": (b"", b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)), 1),
    "1,500 nested messages": (b"", HEAD % b"message/rfc822", 1500),
    "30 nested messages of 20 MB": (b"".join([HEAD % b"message/rfc822"] * 29), b"\r\nxxxx", 3_300_000),
    "16,000 encoded words": (b"Subject: ", b"=?utf-8?q?a?=\r\n ", 16_000),
    "1,000 encoded words": (b"Subject: ", b"=?utf-8?q?aaa?=\r\n ", 900),
    "16,000 parameters": (b"Content-Type: a/b", b";\r\n a=b", 16_000),
    "100,000 fields": (b"", b"X: y\r\n", 100_000),
    "490 fields of 120 octets": (b"", b"X: " + b"y" * 115 + b"\r\n", 490),
    "5 MB without a colon": (b"", b"x" * 70 + b"\r\n", 70_000),
    "20 MB of html tags": (HTML, b'<a "\r\n', 3_300_000),
    "20 MB of html comments": (HTML, b"<!--\r\n", 3_300_000),
    "20 MB of entities": (HTML, b"&#" + b"1" * 900 + b"\r\n", 22_000),
    "20 MB of marks": (HEAD % b"text/plain; charset=utf-8", "\u0300\u0327".encode() * 200 + b"\r\n", 25_000),
    "too large": (b"\r\n", b"x" * 996 + b"\r\n", 40_000),
}  # fmt: skip
"""The head, a part, and how often it comes."""


@dataclass
class Felt:
    """What one message did to another client and to memory: seconds, and KiB above what was there before."""

    name: str
    reply: str = ""
    took: float = 0.0
    began: float = 0.0
    ended: float = 0.0
    stalls: list[tuple[float, float, float]] = field(default_factory=list)


def message(name: str, author: dict[str, Any]) -> bytes:
    """Whole, with a From of the author's."""
    head, part, times = RECIPES[name]
    return b"From: %b\r\n%b" % (author["address"].encode(), head) + part * times


def send(server: Server, author: dict[str, Any], names: list[str], answers: Connection) -> None:
    """In a process of its own: post each when told, and say what came back."""
    for name in names:
        whole = message(name, author)
        answers.send("ready")
        answers.recv()
        wire = smtp(server, author)
        began = time.perf_counter()
        reply = post(wire, author, "return@iconet.test", whole)
        answers.send((reply.decode(), time.perf_counter() - began))
        wire.close()


def memory(pid: int, what: str = "VmRSS:") -> int:
    """KiB."""
    return int(Path(f"/proc/{pid}/status").read_text().partition(what)[2].split()[0])
