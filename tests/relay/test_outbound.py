"""Mail to partners: into the outbox or to the partner's host, again later, or back to its author as a notice."""

from __future__ import annotations

import asyncio
import mailbox
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.smtp import SMTP
from town import DOMAIN, build, message

from connectors.certificates import server_context
from connectors.house import House, opened
from connectors.relay.maildir import Outbox
from connectors.relay.outbound import Queue, send_outbound
from connectors.relay.smtp import NextHop
from connectors.settings import Partner, Settings
from directory import partners
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conftest import Place
    from town import Town

pytestmark = pytest.mark.anyio
TO = "x@partner.test"
NOTICES = """SELECT content.body FROM mail JOIN rendering ON rendering.id = mail.rendering
    JOIN content ON content.id = rendering.content WHERE mail.kind = 'notice'"""


class Partners:
    """A partner's server; replies as it is told to."""

    def __init__(self, rcpt: str = "250 OK", data: str = "250 taken") -> None:
        self.rcpt, self.data = rcpt, data
        self.came = asyncio.Event()
        self.got: list[tuple[str, list[str], bytes, bool]] = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: ANN001, N802 -- aiosmtpd's name and untyped arguments
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, _session, envelope) -> str:  # noqa: ANN001, N802 -- aiosmtpd's name and untyped arguments
        encrypted = server._tls_protocol is not None
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.content, encrypted))
        self.came.set()
        return self.data


@pytest.fixture
async def house(sqlite_place: Place) -> AsyncIterator[House]:
    async with opened(Settings(data=sqlite_place.directory)) as made:
        yield made


@pytest.fixture
async def town(house: House) -> Town:
    return await house.groupware.store.run(build)


@asynccontextmanager
async def serving(house: House, partners: Partners, *, tls: bool = True) -> AsyncIterator[int]:
    context = server_context(house.certificate) if tls else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(partners, tls_context=context, hostname="mx", loop=loop), "127.0.0.1"
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def submit(house: House, town: Town, text: str = "out", name: str = "<1@x>") -> bytes:
    raw = message("anna", TO, "Hello", text, message_id=name)
    caller = town.caller("anna")
    await house.groupware.submit(caller, raw, [await house.groupware.recipient(caller, TO)])
    return raw


def hop(house: House, port: int, **more: str) -> Queue:
    partner = Partner(port=port, authority=str(house.certificate.authority))
    return Queue(house.groupware, NextHop("localhost", {"partner.test": replace(partner, **more)}))


async def notices(house: House) -> list[str]:
    """What officials were told."""
    stored = await house.groupware.store.read(lambda s: s.connection.exec_driver_sql(NOTICES).all())
    return [bytes(row.body).decode() for row in stored]


async def test_the_outbox_gets_what_partners_would_get(house: House, town: Town, tmp_path: Path) -> None:
    raw = await submit(house, town)
    outbox = tmp_path / "outbox"
    queue = Queue(house.groupware, Outbox(outbox))
    assert await queue.step()
    (found,) = mailbox.Maildir(outbox)
    assert (found["Return-Path"], found["Delivered-To"]) == (f"<anna@{DOMAIN}>", TO)
    (file,) = (outbox / "new").iterdir()
    assert file.read_bytes().endswith(b"\r\n\r\nTLP:AMBER\r\n\r\n" + raw.partition(b"\r\n\r\n")[2])
    assert not await queue.step()
    assert await house.groupware.next_outbound() is None
    assert list((outbox / "tmp").iterdir()) == []


async def test_work_wakes_when_something_is_queued(house: House, town: Town) -> None:
    partner = Partners()
    async with serving(house, partner) as port:
        route = Partner(port=port, authority=str(house.certificate.authority))
        settings = replace(house.settings, partner={"partner.test": route})
        working = asyncio.create_task(send_outbound(House(settings, house.groupware, house.certificate)))
        await asyncio.sleep(0)
        await submit(house, town)
        async with asyncio.timeout(4):
            await partner.came.wait()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert len(partner.got) == 1


async def test_an_outbox_that_cannot_be_written_is_tried_again(house: House, town: Town, tmp_path: Path) -> None:
    await submit(house, town)
    (tmp_path / "file").write_text("")
    queue = Queue(house.groupware, Outbox(tmp_path / "file"))
    assert await queue.step()
    due = await house.groupware.next_outbound()
    assert due is not None
    assert due > clock.now()
    assert not await queue.step()
    assert 0 < await queue.patience() <= 5


async def test_starttls_with_a_verified_certificate_is_the_way(house: House, town: Town) -> None:
    await submit(house, town, "..dot\r\n.\r\n.x\r\ncaf\u00e9")
    partner = Partners()
    async with serving(house, partner) as port:
        assert await hop(house, port).step()
    ((sender, to, raw, encrypted),) = partner.got
    assert (sender, to, encrypted) == (f"anna@{DOMAIN}", [TO], True)
    assert raw.endswith("\r\n\r\n..dot\r\n.\r\n.x\r\ncaf\u00e9\r\n".encode())
    assert await house.groupware.next_outbound() is None


async def test_no_tls_and_no_trust_are_no_way(house: House, town: Town) -> None:
    await submit(house, town)
    partner = Partners()
    async with serving(house, partner, tls=False) as port:
        assert await hop(house, port).step()
    await make_due(house)
    async with serving(house, partner) as port:
        assert await hop(house, port, authority="").step()
    assert partner.got == []
    assert await house.groupware.next_outbound() is not None


async def test_plain_where_the_settings_say_so(house: House, town: Town) -> None:
    await submit(house, town)
    partner = Partners()
    async with serving(house, partner, tls=False) as port:
        assert await hop(house, port, tls="none").step()
    assert [encrypted for *_, encrypted in partner.got] == [False]


@pytest.mark.parametrize("partner", [Partners(rcpt="550 5.1.1 nobody"), Partners(data="554 5.7.1 never")])
async def test_a_refusal_for_good_is_told_to_the_author(house: House, town: Town, partner: Partners) -> None:
    await submit(house, town)
    async with serving(house, partner) as port:
        assert await hop(house, port).step()
    assert await house.groupware.next_outbound() is None
    (notice,) = await notices(house)
    assert "Return-Path: <>\r\n" in notice
    assert "Auto-Submitted: auto-generated\r\n" in notice
    assert f"Recipient: {TO}\r\n" in notice
    assert f"Reason: {partner.rcpt if partner.rcpt[0] == '5' else partner.data}" in notice


async def test_a_refusal_for_now_is_tried_twelve_times_and_then_given_up(house: House, town: Town) -> None:
    await submit(house, town)
    async with serving(house, Partners(rcpt="451 4.2.1 later")) as port:
        queue = hop(house, port)
        for attempt in range(12):
            assert await notices(house) == [], attempt
            assert await queue.step()
            await make_due(house)
    assert await house.groupware.next_outbound() is None
    assert len(await notices(house)) == 1


async def test_without_a_route_it_waits(house: House, town: Town) -> None:
    await submit(house, town)
    assert await Queue(house.groupware, NextHop("localhost", {})).step()
    assert await house.groupware.next_outbound() is not None


async def test_a_partner_struck_off_gets_nothing_and_the_author_is_told(
    house: House, town: Town, tmp_path: Path
) -> None:
    await submit(house, town)
    await house.groupware.store.run(lambda tx: partners.allow(tx.connection, "partner.test", allowed=False))
    assert not await Queue(house.groupware, Outbox(tmp_path / "outbox")).step()
    assert not (tmp_path / "outbox").exists()
    (notice,) = await notices(house)
    assert "you may not send mail to this partner any more" in notice


async def test_the_world_is_trusted_only_without_an_authority(house: House) -> None:
    client = NextHop("localhost", {})._client(Partner(authority=str(house.certificate.authority)))
    context = client.tls_context
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


async def make_due(house: House) -> None:
    def hurry(tx):  # noqa: ANN001, ANN202 -- Tx
        tx.connection.exec_driver_sql("UPDATE outbound SET due = 0 WHERE state = 'queued'")

    await house.groupware.store.run(hurry)
