"""Messages made to cost much time or memory, sent by a process of their own, and what another client feels of them."""

from __future__ import annotations

import base64
import multiprocessing
import random
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from office_files import packed
from wires import PATIENCE, post, smtp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from serving import Server
    from wires import Wire

BETWEEN = 0.001
"""Seconds between two NOOPs: so much less than a stall may be measured."""
HEAD = b"Content-Type: %b\r\n\r\n"
MIXED = HEAD % b"multipart/mixed; boundary=b"
HTML = HEAD % b"text/html"
QP = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
BASE64 = b"Content-Transfer-Encoding: base64\r\n\r\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
ATTACHED = b"Content-Type: application/octet-stream\r\n" + BASE64


def encoded(octets: bytes) -> bytes:
    """As base64 on lines."""
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


CELLS = encoded(packed({"a.xml": "<worksheet><row>" + '<c r="XFD1"/>' * 210_000}))
FILES = encoded(packed({f"{number}.xml": "<a/>" for number in range(4_900)}, zipfile.ZIP_STORED))
NOISE = encoded(packed({"a.xml": "<document/>", "a.png": random.Random(1).randbytes(14 << 20)}))
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
    "2,000 nested multiparts": (b"", NESTED, 1),
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
    "a document of 210,000 cells": (ATTACHED, CELLS, 1),
    "30 documents of 4,900 files": (MIXED, b"--b\r\n" + ATTACHED + FILES, 30),
    "a document of 14 MB": (ATTACHED, NOISE, 1),
    "too large": (b"\r\n", b"x" * 996 + b"\r\n", 40_000),
}  # fmt: skip
"""The head, a part, and how often it comes."""


def message(name: str, author: dict[str, Any]) -> bytes:
    """Whole, with a From of the author's."""
    head, part, times = RECIPES[name]
    return b"From: %b\r\n%b" % (author["address"].encode(), head) + part * times


def send(server: Server, author: dict[str, Any], wishes: Connection) -> None:
    """In a process of its own: each message named, in turn, and what came back; until nothing is named any more."""
    while name := wishes.recv():
        whole = message(name, author)
        wishes.send(b"ready")
        wishes.recv()
        wire = smtp(server, author)
        reply = post(wire, author, "return@iconet.test", whole)
        wire.close()
        wishes.send(reply)


@contextmanager
def sender(server: Server, author: dict[str, Any]) -> Iterator[Connection]:
    """That process."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=send, args=(server, author, there))
    process.start()
    try:
        yield here
        here.send("")
        process.join(PATIENCE)
    finally:
        process.kill()
        process.join()


def slowest_noop(wire: Wire, over: Callable[[], bool]) -> float:
    """Seconds that the slowest of many NOOPs took, up to the moment at which it is over."""
    worst = 0.0
    while not over():
        began = time.perf_counter()
        assert wire.imap(b"NOOP") == [b"t OK Done"]
        worst = max(worst, time.perf_counter() - began)
        time.sleep(BETWEEN)
    return worst


def memory(server: Server, what: str = "VmRSS:") -> int:
    """KiB resident now, or at most so far (VmHWM:)."""
    return int(Path(f"/proc/{server.process.pid}/status").read_text().partition(what)[2].split()[0])


def forget_peak(server: Server) -> None:
    """Let the highest resident memory be that of now (proc(5), clear_refs)."""
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
