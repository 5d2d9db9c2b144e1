"""Standard clients against the real door over TLS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aioimaplib import aioimaplib
from imap_world import opened, trusting
from town import DOMAIN, message

if TYPE_CHECKING:
    from conftest import Place
    from imap_world import World

pytestmark = pytest.mark.anyio


async def test_imaplib_reads_a_room(world: World) -> None:
    await world.post("dora", "A canary")
    await world.settled()
    client = await world.client("bruno")

    def read() -> bytes:
        assert client.list()[1] == [
            b'(\\HasNoChildren) "/" "INBOX"',
            b'(\\HasNoChildren \\Drafts) "/" "Drafts"',
            b'(\\HasNoChildren \\Sent) "/" "Sent"',
            b'(\\HasNoChildren \\Trash) "/" "Trash"',
            b'(\\HasNoChildren) "/" "Areas/return"',
        ]
        assert client.select("Areas/return") == ("OK", [b"1"])
        assert client.noop()[0] == "OK"
        kind, found = client.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
        assert kind == "OK"
        assert b"[TLP:AMBER] A canary" in found[0]
        whole = client.fetch("1", "(BODY[])")[1][0][1]
        assert client.fetch("1", "(FLAGS)")[1] == [b"1 (FLAGS (\\Seen))"]
        assert client.search(None, "SUBJECT", "canary")[1] == [b"1"]
        assert client.logout()[0] == "BYE"
        return whole

    whole = await world.thread(read)
    assert whole.endswith(b"\r\n\r\ntext\r\n")


async def test_imaplib_files_its_own_mail(world: World) -> None:
    client = await world.client("anna")
    raw = message("anna", f"bruno@{DOMAIN}", "Mine", "own words", message_id="<own@client.test>")

    def work() -> None:
        assert client.append("Sent", "(\\Seen $Forwarded)", None, raw)[0] == "OK"
        assert client.select("Sent") == ("OK", [b"1"])
        assert client.fetch("1", "(BODY.PEEK[] FLAGS)")[1][0][1] == raw
        assert client.copy("1", "Trash")[0] == "OK"
        assert client.uid("MOVE", "1", "Drafts")[0] == "OK"
        assert client.untagged_responses.get("EXPUNGE") is not None
        assert client.select("Drafts") == ("OK", [b"1"])
        assert client.store("1", "+FLAGS", "(\\Deleted)")[1] == [b"1 (UID 1 FLAGS (\\Seen \\Deleted $Forwarded))"]
        assert client.expunge() == ("OK", [b"1"])
        assert client.append("Areas/return", None, None, raw)[0] == "NO"
        answer, (text,) = client.append("Drafts", None, None, b"Subject: [EU SECRET] canary\r\n\r\nx\r\n")
        assert answer == "NO"
        assert b"registry" in text
        assert b"canary" not in text
        assert client.create("Elsewhere")[0] == "NO"
        assert client.status("Trash", "(MESSAGES UIDNEXT UNSEEN)")[1] == [b'"Trash" (MESSAGES 1 UIDNEXT 2 UNSEEN 0)']
        client.logout()

    await world.thread(work)


async def test_aioimaplib_idles_and_is_told(world: World) -> None:
    client = aioimaplib.IMAP4_SSL("localhost", world.port, timeout=20, ssl_context=trusting())
    await client.wait_hello_from_server()
    assert (await client.login("bruno", await world.secret("bruno"))).result == "OK"
    assert (await client.select("Areas/return")).result == "OK"
    idling = await client.idle_start(timeout=20)
    await world.post("dora", "news")
    assert await client.wait_server_push() == [b"1 EXISTS"]
    client.idle_done()
    async with asyncio.timeout(20):
        await idling
    assert (await client.uid_search("SUBJECT news")).lines[0] == b"1"
    assert (await client.logout()).result == "OK"


async def test_the_door_serves_postgresql_too(postgresql_place: Place) -> None:
    async with opened(postgresql_place) as world:
        client = await world.line_client("bruno")
        await client.ask("SELECT Areas/return")
        tag = client.send("IDLE")
        assert await client.line() == b"+ idling"
        await world.post("dora", "A canary")
        assert await client.line() == b"* 1 EXISTS"
        client.writer.write(b"DONE\r\n")
        await client.answer(tag)
        lines = await client.ask("UID FETCH 1:* (FLAGS RFC822.SIZE ENVELOPE BODY[TEXT])")
        assert b"BODY[TEXT] {6}\r\ntext\r\n" in lines[0]
        assert (await client.ask("UID SEARCH SUBJECT canary"))[0] == b"* SEARCH 1"
        assert (await client.ask("COPY 1 Trash"))[-1].split()[2] == b"[COPYUID"
