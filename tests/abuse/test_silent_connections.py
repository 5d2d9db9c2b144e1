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

from connectors.listener import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
TOGETHER = [(door,) for door in DOORS] if SOAK else [DOORS]
"""Doors that are tried at the same time; one by one where there is time, for figures of each."""
ASKED = {
    "submission": (b"NOOP\r\n", b"250 "),
    "imap": (b"1 NOOP\r\n", b"1 OK"),
    "ldap": (bytes.fromhex("300c020101600702010304008000"), b"\x30"),
    "web": (b"HEAD /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n", b"HTTP/1.1 "),
}
"""What each answers before anybody has signed in, and how the answer begins."""
SOURCES: dict[str, tuple[Callable[[int], str], int]] = {
    "one": (lambda _: "127.1.1.1", Bounds().silent_of_one),
    "many": (lambda number: f"127.2.{number >> 7 & 127}.{(number & 127) + 1}", Bounds().silent),
}
"""Where each comes from, and how many such a door keeps."""
LEAVING = 2
"""Clients from elsewhere whose TLS may still take its leave."""


def port_of(server: Server, door: str) -> int:
    if door == "web":
        return urlsplit(server.endpoints["web"]["url"]).port or 0
    return int(server.endpoints[door]["port"])


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


def part_of_hello() -> bytes:
    """A whole record with half of it (RFC 8446 5.1 lets a message be cut): TLS has begun, and waits for the rest."""
    whole = hello()
    return whole[:3] + (100).to_bytes(2, "big") + whole[5:105]


@contextlib.contextmanager
def connected(
    ports: list[int], count: int, source: Callable[[int], str], said: Sequence[bytes]
) -> Iterator[list[socket.socket]]:
    """So many at each port, who say these things in turn."""
    with contextlib.ExitStack() as stack:
        found = []
        for number in range(count):
            for port in ports:
                at, own = ("127.0.0.1", port), (source(number), 0)
                each = stack.enter_context(socket.create_connection(at, timeout=30, source_address=own))
                with contextlib.suppress(ConnectionError):  # it has been sent away already
                    each.sendall(said[number % len(said)])
                found.append(each)
        yield found


def client_of(server: Server, door: str) -> ssl.SSLSocket:
    """One of another address, whom the door has taken."""
    plain = socket.create_connection(("127.0.0.1", port_of(server, door)), timeout=30, source_address=(ELSEWHERE, 0))
    client = server.tls.wrap_socket(plain, server_hostname="localhost")
    if door in {"submission", "imap"}:
        assert client.recv(4) in (b"220 ", b"* OK")
        client.recv(1 << 14)
    answers(client, door)
    return client


def answers(client: ssl.SSLSocket, door: str) -> None:
    asked, answer = ASKED[door]
    client.sendall(asked)
    assert client.recv(1 << 14).startswith(answer)


def gets_in(server: Server, door: str) -> float:
    """How long such a client takes to have an answer, in seconds."""
    began = time.monotonic()
    client = client_of(server, door)
    took = time.monotonic() - began
    leave(client)
    return took


def leave(client: ssl.SSLSocket) -> None:
    """Say goodbye, and wait until the door has closed the connection, too."""
    with contextlib.suppress(OSError), client.unwrap() as plain:  # it may hang up before it has answered
        while plain.recv(1 << 14):
            pass
    client.close()


def wait_until_closed(server: Server, ports: list[int], connections: list[socket.socket]) -> None:
    """All are closed from the other side, and nothing of them is left there."""
    deadline = time.monotonic() + ALL_GONE
    for each in connections:
        each.settimeout(max(deadline - time.monotonic(), 0.01))
        with contextlib.suppress(ConnectionError):
            while each.recv(1 << 14):
                pass
    for port in ports:  # whoever is answered now is answered by a loop that has done with all of them
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
            server.tls.wrap_socket(plain, server_hostname="localhost"),
        ):
            pass
    assert [kept(port) for port in ports] == [0 for _ in ports]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("doors", TOGETHER)
def test_who_never_begins_tls_costs_little_and_keeps_nobody_out(
    server: Server, doors: tuple[str, ...], source: str
) -> None:
    """They say nothing, or half of a hello, and come from one network, or from as many as they are."""
    ports, (address, most) = [port_of(server, door) for door in doors], SOURCES[source]
    for door in doors:
        gets_in(server, door)
    before = memory(server)
    with connected(ports, MANY, address, [b"", hello()[:100]]) as connections:
        took, more = max(gets_in(server, door) for door in doors), memory(server) - before
        held = [kept(port) for port in ports]
        print(f"{doors}, {MANY} of {source} each: {held} kept, {more >> 20} MiB, another gets in after {took:.3f} s")
        assert 0 < min(held) <= max(held) <= most + LEAVING
        assert more < MORE_MEMORY
        assert took < GETS_IN
        wait_until_closed(server, ports, connections)


@pytest.mark.parametrize("doors", TOGETHER)
def test_who_begins_tls_and_goes_no_further_keeps_no_other_network_out(server: Server, doors: tuple[str, ...]) -> None:
    """They say a whole hello and no more, or half of one as a whole record."""
    ports = [port_of(server, door) for door in doors]
    for door in doors:
        gets_in(server, door)
    before = memory(server)
    with connected(ports, HELLOS, SOURCES["one"][0], [hello(), part_of_hello()]) as connections:
        took, more = max(gets_in(server, door) for door in doors), memory(server) - before
        print(f"{doors}, {HELLOS} of one that say hello: {more >> 20} MiB, another gets in after {took:.3f} s")
        assert more < MORE_MEMORY
        assert took < GETS_IN
        for each in connections:
            with contextlib.suppress(OSError):  # it has been sent away already
                each.shutdown(socket.SHUT_WR)
        wait_until_closed(server, ports, connections)


def test_a_new_certificate_is_shown_at_every_door_and_ends_nobody(server: Server) -> None:
    """The last here: from now on another authority vouches for the server."""
    clients = {door: client_of(server, door) for door in DOORS}
    former, authority = Path(server.endpoints["ca_file"]).read_bytes(), Path(server.endpoints["ca_file"])
    authority.unlink()
    assert server.tells("certificate-loaded", ALL_GONE)
    assert authority.read_bytes() != former
    for door, client in clients.items():
        answers(client, door)
        leave(client)
        gets_in(server, door)  # and trusts the new authority alone
