"""The listener of doors with implicit TLS, on both event loops."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import uvloop

from connectors.certificates import Certificate, certificate_for, server_context
from connectors.crowd import network_of
from connectors.listener import Bounds, Listener
from connectors.settings import Settings
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Run = Callable[[Coroutine[None, None, None]], None]

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
WAIT = 20.0


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(Settings(data=tmp_path_factory.mktemp("listener")), clock.now())


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    def until_done(case: Coroutine[None, None, None]) -> None:
        async def in_time() -> None:
            async with asyncio.timeout(WAIT):
                await case

        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            runner.run(in_time())

    return until_done


async def opened(certificate: Certificate, bounds: Bounds, host: str = "127.0.0.1") -> tuple[Listener, int]:
    listener = Listener(Echo, server_context(certificate), bounds)
    return listener, await listener.open(host, 0, 100)


async def silent(port: int, source: str = "127.0.0.1") -> asyncio.StreamReader:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    HELD.append(writer)
    return reader


HELD: list[asyncio.StreamWriter] = []


async def echoes(port: int, certificate: Certificate, host: str = "127.0.0.1") -> None:
    context = ssl.create_default_context(cafile=str(certificate.authority))
    reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname="localhost")
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    writer.transport.abort()


async def ended(reader: asyncio.StreamReader) -> bool:
    with suppress(ConnectionError):
        return await reader.read() == b""
    return True


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_clients_get_in_by_both_protocols(run: Run, certificate: Certificate, host: str) -> None:
    async def case() -> None:
        listener, port = await opened(certificate, Bounds(), host)
        await asyncio.gather(*(echoes(port, certificate, host) for _ in range(20)))
        await listener.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1" if host == "localhost" else host, port)

    run(case())


def test_the_oldest_silent_one_goes_of_its_network_and_of_all(run: Run, certificate: Certificate) -> None:
    async def case() -> None:
        listener, port = await opened(certificate, Bounds(silent=3, silent_of_one=1))
        first = await silent(port)
        second = await silent(port)
        assert await ended(first)
        third = await silent(port, "127.0.0.2")
        await silent(port, "127.0.0.3")
        await silent(port, "127.0.0.4")
        assert await ended(second)
        assert not third.at_eof()
        await echoes(port, certificate)
        await listener.close()
        assert await ended(third)

    run(case())


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00 and no more"])
def test_silence_ends(run: Run, certificate: Certificate, said: bytes) -> None:
    async def case() -> None:
        listener, port = await opened(certificate, Bounds(within=0.3))
        reader = await silent(port)
        HELD[-1].write(said)
        assert await ended(reader)
        await echoes(port, certificate)
        await listener.close()

    run(case())


@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff", b"\x16\x02", b"\x16\x03\x01\0\1\0"]
)
def test_what_is_no_tls_is_sent_away(run: Run, certificate: Certificate, said: bytes) -> None:
    async def case() -> None:
        listener, port = await opened(certificate, Bounds())
        reader = await silent(port)
        HELD[-1].write(said)
        with suppress(ConnectionError):
            assert len(await reader.read()) <= 7, "an alert at most"
        await echoes(port, certificate)
        await listener.close()

    run(case())


def test_a_slow_handshake_takes_its_own_networks_places_only(run: Run, certificate: Certificate) -> None:
    async def case() -> None:
        listener, port = await opened(certificate, Bounds(shaking=2, shaking_of_one=1))
        into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        with suppress(ssl.SSLWantReadError):
            ssl.create_default_context().wrap_bio(into, out, server_hostname="localhost").do_handshake()
        hello = out.read()
        for _ in range(5):
            await silent(port, "127.0.0.2")
            HELD[-1].write(hello[:100])
            HELD[-1].write(hello[100:])
        await echoes(port, certificate)
        await listener.close()

    run(case())


def test_used_up_descriptors_cost_a_silent_one_or_a_pause(run: Run, certificate: Certificate) -> None:
    async def case() -> None:
        listener, port = await opened(certificate, Bounds())
        first = await silent(port)
        await echoes(port, certificate)
        context = ssl.create_default_context(cafile=str(certificate.authority))
        plain = [socket.socket() for _ in range(3)]
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        spare = socket.socket()
        lowest = spare.fileno()
        spare.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
        try:
            for each in plain:
                each.setblocking(False)  # noqa: FBT003 -- its only parameter
                await asyncio.get_running_loop().sock_connect(each, ("127.0.0.1", port))
            assert await ended(first), "its place was needed"
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        reader, writer = await asyncio.open_connection(sock=plain[-1], ssl=context, server_hostname="localhost")
        writer.write(b"late")
        assert await reader.readexactly(4) == b"late"
        for each in plain:
            each.close()
        await listener.close()

    run(case())


def test_a_network_is_an_ipv4_address_or_half_an_ipv6_one() -> None:
    assert network_of("192.0.2.1") == network_of("::ffff:192.0.2.1") != network_of("192.0.2.2")
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1%eth0") != network_of("2001:db8:0:1::1")
