from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.channel import MOST_UNREAD
from connectors.imap.channel import BLOCK, Channel
from connectors.imap.line import Line
from connectors.imap.wire import CommandReader, Hangup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": request.param}


@asynccontextmanager
async def connected(
    server_side: ssl.SSLContext | None = None, client_side: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Channel, asyncio.StreamReader, asyncio.StreamWriter]]:
    loop = asyncio.get_running_loop()
    accepted: asyncio.Future[Channel] = loop.create_future()
    server = await loop.create_server(lambda: Channel(accepted.set_result), "127.0.0.1", 0, ssl=server_side)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), ssl=client_side)
    channel = await accepted
    try:
        yield channel, reader, writer
    finally:
        channel.transport.abort()
        writer.close()
        server.close()


async def nothing() -> None:
    return None


async def test_octets_come_and_go() -> None:
    async with connected() as (channel, reader, writer):
        assert channel.peer == "127.0.0.1"
        assert channel.tls is None
        writer.write(b"a NOOP\r\n")
        assert await CommandReader(channel, nothing).next() == Line(b"a NOOP")
        channel.write(b"a OK done\r\n")
        await channel.drain(5)
        assert await reader.readline() == b"a OK done\r\n"
        channel.close()
        assert await reader.read() == b""


async def test_the_end_is_an_end() -> None:
    async with connected() as (channel, _, writer):
        writer.write(b"a NO")
        writer.write_eof()
        with pytest.raises(EOFError):
            await CommandReader(channel, nothing).next()


async def test_what_nobody_reads_is_left_in_the_socket() -> None:
    async with connected() as (channel, _, writer):
        writer.write(b"x" * (4 << 20))
        while not channel._paused:
            channel._readable.clear()
            await channel._readable.wait()
        assert len(channel._unread) < MOST_UNREAD + BLOCK
        with pytest.raises(Hangup):
            await CommandReader(channel, nothing).next()
        assert len(channel._unread) < MOST_UNREAD + BLOCK


async def test_all_of_a_long_stream_comes() -> None:
    async with connected() as (channel, _, writer):
        writer.write(b"x" * (1 << 20))
        writer.write_eof()
        count = 0
        while octets := await channel.read(5000):
            count += len(octets)
        assert count == 1 << 20


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    async with connected() as (channel, _, _writer):
        channel.write(b"x" * (32 << 20))
        with pytest.raises(TimeoutError):
            await channel.drain(0.01)
        with pytest.raises(ConnectionResetError):
            await channel.drain(0.01)


def certificate(directory: Path) -> Path:
    """A key and its own certificate, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = built.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
    file = directory / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


async def test_it_is_the_same_over_tls(tmp_path: Path) -> None:
    server_side, client_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    server_side.load_cert_chain(certificate(tmp_path))
    client_side.check_hostname, client_side.verify_mode = False, ssl.CERT_NONE
    async with connected(server_side, client_side) as (channel, reader, writer):
        assert channel.tls is not None
        writer.write(b"x" * (1 << 20) + b"\r\n")
        with pytest.raises(Hangup):
            await CommandReader(channel, nothing).next()
        assert len(channel._unread) < MOST_UNREAD + BLOCK
        channel.write(b"* BYE Line too long\r\n")
        await channel.drain(5)
        assert await reader.readline() == b"* BYE Line too long\r\n"
