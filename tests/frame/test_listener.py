"""The listener of doors with implicit TLS, on both event loops."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import uvloop

from connectors.certificate_watch import Watch
from connectors.certificates import Certificate, certificate_for, server_context
from connectors.crowd import Places, network_of
from connectors.listener import Bounds, Listener
from connectors.settings import Settings
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    Run = Callable[[Coroutine[None, None, None]], None]

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
WAIT = 20.0


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Halting:
    """A client of TLS whose every octet the test sends itself."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._into, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._into, self._out, server_hostname="localhost")
        with suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        self.hello = self._out.read()

    async def goes_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until TLS is up; the hello has been said."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                writer.write(self._out.read())
                octets = await reader.read(1 << 14)
                assert octets, "hung up"
                self._into.write(octets)
            else:
                return


@dataclass
class Home:
    """As much of a house as the watch looks at."""

    settings: Settings
    certificate: Certificate


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
        hello = Halting(ssl.create_default_context()).hello
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


@pytest.mark.parametrize("piece", [1, 40])
def test_a_hello_that_trickles_in_has_no_more_time_than_one_that_stops(
    run: Run, certificate: Certificate, piece: int
) -> None:
    async def case() -> None:
        listener, port = await opened(certificate, Bounds(within=0.5))
        began = asyncio.get_running_loop().time()
        end, hello = asyncio.create_task(ended(await silent(port))), Halting(ssl.create_default_context()).hello
        for start in range(0, len(hello), piece):
            HELD[-1].write(hello[start : start + piece])
            if (await asyncio.wait([end], timeout=0.1))[0]:
                break
        assert await end
        assert asyncio.get_running_loop().time() - began < 0.5 + 2.0
        assert len(listener._silent) == len(listener._asking) == len(listener._shaking) == 0
        await listener.close()

    run(case())


def test_half_a_hello_in_a_record_of_its_own_is_a_handshake_and_bounded_as_one(
    run: Run, certificate: Certificate
) -> None:
    async def case() -> None:
        listener, port = await opened(certificate, Bounds(silent=4, silent_of_one=4, shaking=2, within=0.5))
        readers, hello = [], Halting(ssl.create_default_context()).hello
        for _ in range(10):
            readers.append(await silent(port))
            HELD[-1].write(hello[:3] + (100).to_bytes(2, "big") + hello[5:105])
        assert all(await asyncio.gather(*map(ended, readers[:4]))), "two in the handshake, four that wait, no more"
        assert len(listener._shaking) <= 2
        assert all(await asyncio.gather(*map(ended, readers)))
        await echoes(port, certificate)
        await listener.close()

    run(case())


def test_a_new_certificate_is_shown_to_who_comes_and_who_waits_and_ends_nobody(run: Run, tmp_path: Path) -> None:
    home = Home(Settings(data=tmp_path), certificate_for(Settings(data=tmp_path), clock.now()))
    authority = home.certificate.authority
    assert authority

    async def case() -> None:
        watch = Watch(home)  # type: ignore[arg-type] # a Home is as much of a house as is asked for
        listener, port = await opened(home.certificate, Bounds())
        former, later = ssl.create_default_context(cafile=authority), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        waiting, halting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)], Halting(later)
        waiting[0][1].write(halting.hello[:100])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=former, server_hostname="localhost")
        authority.unlink()
        watch.look(clock.now())
        later.load_verify_locations(authority)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello", "whoever has come in stays"
        waiting[0][1].write(halting.hello[100:])
        await halting.goes_on(*waiting[0])
        await waiting[1][1].start_tls(later, server_hostname="localhost")
        waiting[1][1].write(b"silent until now")
        assert await waiting[1][0].readexactly(16) == b"silent until now"
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection("127.0.0.1", port, ssl=former, server_hostname="localhost")
        await echoes(port, home.certificate)
        await listener.close()

    run(case())


def test_places_are_counted_by_network_and_in_all() -> None:
    places = Places(3, 2)
    assert places.take(1, "2001:db8::1")
    assert places.take(2, "2001:db8::2")
    assert not places.take(3, "2001:db8::3"), "their network has no more"
    places.leave(3)
    assert places.take(4, "192.0.2.1")
    assert not places.take(5, "192.0.2.2"), "nobody has"
    places.leave(1)
    assert places.take(6, "2001:db8::3")


def test_a_network_is_an_ipv4_address_or_half_an_ipv6_one() -> None:
    assert network_of("192.0.2.1") == network_of("::ffff:192.0.2.1") != network_of("192.0.2.2")
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1%eth0") != network_of("2001:db8:0:1::1")
