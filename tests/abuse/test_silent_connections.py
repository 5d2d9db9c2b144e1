"""Connections that never begin TLS, or begin and go no further: many of them, at each door of a real server."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serving import Server

pytestmark = pytest.mark.alone
SOAK = bool(os.environ.get("ICONET_SOAK"))
MANY = 10_000 if SOAK else 2_500
"""More than a door keeps."""
HELLOS = 1_000 if SOAK else 200
"""More than a door begins TLS with at a time."""
GETS_IN = 1.0
MORE_MEMORY = 64 << 20
ALL_GONE = 25.0
"""Seconds until everybody has been sent away: the time for the beginning of TLS, and some more to look."""
ELSEWHERE = "127.9.9.9"
LOOPBACK, LISTENING, NOBODYS = "0100007F", "0A", "0"
"""As proc(5) writes them: 127.0.0.1, a state, and the inode of a connection that its process has closed."""
DOORS = ("submission", "imap", "ldap", "web")
SOURCES: dict[str, Callable[[int], str]] = {
    "one": lambda _: "127.1.1.1",
    "many": lambda number: f"127.2.{number >> 7 & 127}.{(number & 127) + 1}",
}


def place(server: Server, door: str) -> tuple[str, int]:
    if door == "web":
        url = urlsplit(server.endpoints["web"]["url"])
        return "127.0.0.1", url.port or 0
    return "127.0.0.1", server.endpoints[door]["port"]


def memory(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) << 10


def kept(port: int) -> int:
    """How many connections of ours to this port its server holds, by proc(5); other programs come from 127.0.0.1."""
    lines = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    rows = [line.split() for line in lines]
    return sum(
        row[1] == f"{LOOPBACK}:{port:04X}"
        and not row[2].startswith(LOOPBACK)
        and row[3] != LISTENING
        and row[9] != NOBODYS
        for row in rows
    )


def hello() -> bytes:
    """What a client says first."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(into, out, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return out.read()


@contextlib.contextmanager
def connected(
    at: tuple[str, int], count: int, source: Callable[[int], str], said: bytes
) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        found = []
        for number in range(count):
            each = stack.enter_context(socket.create_connection(at, timeout=30, source_address=(source(number), 0)))
            with contextlib.suppress(ConnectionError):  # it has been sent away already
                each.sendall(said)
            found.append(each)
        yield found


def gets_in(server: Server, door: str) -> float:
    """How long a client of another address takes to have an answer, in seconds."""
    began = time.monotonic()
    with (
        socket.create_connection(place(server, door), timeout=30, source_address=(ELSEWHERE, 0)) as plain,
        server.tls.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        if door == "web":
            client.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert client.recv(9) == b"HTTP/1.1 "
        elif door == "ldap":
            client.sendall(bytes.fromhex("300c020101600702010304008000"))
            assert client.recv(1) == b"\x30"
        else:
            assert client.recv(4) in (b"220 ", b"* OK")
    return time.monotonic() - began


def wait_until_closed(port: int, connections: list[socket.socket]) -> None:
    """All are closed from the other side, and nothing of them is left there."""
    deadline = time.monotonic() + ALL_GONE
    for each in connections:
        each.settimeout(max(deadline - time.monotonic(), 0.01))
        with contextlib.suppress(ConnectionError):
            while each.recv(1 << 14):
                pass
    while kept(port) and time.monotonic() < deadline:  # the other client's TLS may still take its leave
        time.sleep(0.05)
    assert kept(port) == 0


@pytest.mark.parametrize("said", ["nothing", "half"])
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("door", DOORS)
def test_who_never_begins_tls_costs_little_and_keeps_nobody_out(
    server: Server, door: str, source: str, said: str
) -> None:
    gets_in(server, door)
    before = memory(server)
    octets = {"nothing": b"", "half": hello()[:100]}[said]
    with connected(place(server, door), MANY, SOURCES[source], octets) as connections:
        took, more = gets_in(server, door), memory(server) - before
        print(f"{door}, {MANY} of {source} that say {said}: {more >> 20} MiB, another gets in after {took:.3f} s")
        assert more < MORE_MEMORY
        assert took < GETS_IN
        wait_until_closed(place(server, door)[1], connections)


@pytest.mark.parametrize("door", DOORS)
def test_who_begins_tls_and_goes_no_further_keeps_no_other_network_out(server: Server, door: str) -> None:
    gets_in(server, door)
    before = memory(server)
    with connected(place(server, door), HELLOS, SOURCES["one"], hello()) as connections:
        took, more = gets_in(server, door), memory(server) - before
        print(f"{door}, {HELLOS} of one that say hello: {more >> 20} MiB, another gets in after {took:.3f} s")
        assert more < MORE_MEMORY
        assert took < GETS_IN
        for each in connections:
            with contextlib.suppress(OSError):  # it has been sent away already
                each.shutdown(socket.SHUT_WR)
        wait_until_closed(place(server, door)[1], connections)
