"""What one client may cost the others, and how the door ends."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from typing import TYPE_CHECKING

import pytest
from imap_world import opened

from connectors.imap.caps import Caps, caps_of
from connectors.logs import OneLine
from connectors.settings import Imap

if TYPE_CHECKING:
    from conftest import Place
    from imap_world import Wire, World

pytestmark = pytest.mark.anyio
HOSTILE = {
    "utf-7 without end": b'SELECT "&APw x"',
    "900 parentheses": b"SEARCH " + b"(" * 900 + b"ALL" + b")" * 900,
    "OR tower": b"SEARCH " + b"OR " * 8000 + b"ALL",
    "NOT tower": b"SEARCH " + b"NOT " * 120 + b"ALL",
    "long number": b"FETCH " + b"9" * 5000 + b" UID",
    "many ranges": b"UID FETCH " + b",".join(b"%d:%d" % (n, n + 1) for n in range(1, 8000, 2)) + b" UID",
    "all wildcards": b'LIST "" "' + b"*%" * 400 + b'"',
    "deep section": b"FETCH 1 BODY.PEEK[" + b"1." * 200 + b"1]",
    "many fields": b"FETCH 1:* BODY.PEEK[HEADER.FIELDS (" + b" ".join(b"X-%d" % n for n in range(1900)) + b")]",
    "long words": b'SEARCH TEXT "' + b"a" * 7000 + b'" SUBJECT "' + b"%_" * 3000 + b'"',
    "bad octets": b"SEARCH TEXT \xff\xfe\xfd",
    "long line": b"NOOP " + b"x" * 60_000,
}


async def slowest_noop(client: Wire, until: asyncio.Event) -> float:
    worst = 0.0
    while not until.is_set():
        began = time.perf_counter()
        assert (await client.ask("NOOP"))[-1].endswith(b"OK Done")
        worst = max(worst, time.perf_counter() - began)
    return worst


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_line_holds_up_another_client(world: World, name: str) -> None:
    for number in range(5):
        await world.post("dora", f"post {number}")
    hostile, other = await world.line_client("bruno"), await world.line_client("anna")
    await hostile.ask("SELECT Areas/return")
    await other.ask("SELECT INBOX")
    over = asyncio.Event()
    beside = asyncio.create_task(slowest_noop(other, over))
    for _ in range(3):
        answer = await hostile.ask(HOSTILE[name])
        assert b"SERVERBUG" not in answer[-1]
    over.set()
    delay = await beside
    print(f"{name}: slowest NOOP beside it {delay * 1000:.1f} ms")
    assert delay < 0.5, "50 ms on a quiet machine"
    assert (await hostile.ask("NOOP"))[-1].endswith(b"OK Done")


async def test_wrong_password_and_unknown_name_have_one_answer_and_one_time(world: World) -> None:
    secret = await world.secret("anna")
    answers, times = [], {"anna": [], "nobody": []}
    for _ in range(4):
        for who, took in times.items():
            client = await world.line_client()
            began = time.perf_counter()
            answers.append(await client.ask(f"LOGIN {who} {secret}x"))
            took.append(time.perf_counter() - began)
            await client.close()
    assert {tuple(answer) for answer in answers} == {(b"a1 NO [AUTHENTICATIONFAILED] Name or app password wrong",)}
    print(times)
    assert abs(min(times["anna"]) - min(times["nobody"])) < 0.1


async def test_authenticate_plain_with_and_without_initial_response(world: World) -> None:
    response = base64.b64encode(b"\0anna\0" + (await world.secret("anna")).encode())
    at_once = await world.line_client()
    assert b"OK [CAPABILITY" in (await at_once.ask(b"AUTHENTICATE PLAIN " + response))[-1]
    asked = await world.line_client()
    tag = asked.send("AUTHENTICATE PLAIN")
    assert await asked.line() == b"+ "
    asked.writer.write(response + b"\r\n")
    assert b"OK [CAPABILITY" in (await asked.answer(tag))[-1]
    other = await world.line_client()
    tag = other.send("AUTHENTICATE PLAIN")
    assert await other.line() == b"+ "
    other.writer.write(b"*\r\n")
    assert (await other.answer(tag))[-1].split()[1] == b"BAD"
    acting = base64.b64encode(b"dora\0anna\0" + (await world.secret("anna")).encode())
    assert (await other.ask(b"AUTHENTICATE PLAIN " + acting))[-1].split()[1:3] == [b"NO", b"[AUTHORIZATIONFAILED]"]


async def test_commands_wait_for_their_stage(world: World) -> None:
    client = await world.line_client()
    for early in ("SELECT INBOX", 'LIST "" *', "IDLE", "FETCH 1 UID", "APPEND INBOX {2+}\r\nab"):
        assert (await client.ask(early))[-1].split()[1] == b"BAD", early
    assert (await client.ask("CAPABILITY"))[0].startswith(b"* CAPABILITY IMAP4rev1")
    await client.ask(f"LOGIN anna {await world.secret('anna')}")
    for early in ("LOGIN a b", "FETCH 1 UID", "CLOSE", "EXPUNGE"):
        assert (await client.ask(early))[-1].split()[1] == b"BAD", early
    assert (await client.ask("LOGOUT")) == [b"* BYE Good bye", b"a%d OK Done" % client.asked]
    assert await client.line() == b""


async def test_mistakes_in_a_row_end_it(world: World) -> None:
    client = await world.line_client()
    lines = [await client.line() for _ in [client.send("NONSENSE") for _ in range(12)]]
    assert [line.split()[1] for line in lines[:11]] == [b"BAD"] * 10 + [b"BYE"]
    assert lines[11] == b""


def test_the_bounds_are_set_in_the_settings() -> None:
    assert caps_of(Imap()) == Caps()
    few = caps_of(Imap(connections=7, connections_of_one=3, sign_in_seconds=5, idle_seconds=1801))
    assert few == Caps(connections=7, of_one_network=3, login=5, idle=1801)


async def test_a_failed_login_is_logged_with_the_network_address_and_no_more(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client = await world.line_client()
    with caplog.at_level(logging.INFO):
        assert (await client.ask("LOGIN anna wrong-secret"))[-1].split()[1] == b"NO"
    lines = [json.loads(OneLine().format(record)) for record in caplog.records]
    (failed,) = [line for line in lines if line["event"] == "login-failed"]
    assert failed["client"] in ("127.0.0.1", "::1")
    assert failed["door"] == "imap"
    for line in lines:
        assert "wrong-secret" not in json.dumps(line)
        assert "anna" not in json.dumps(line)
        assert line is failed or failed["client"] not in json.dumps(line)


async def test_deadlines_and_crowds(sqlite_place: Place) -> None:
    async with opened(sqlite_place, Caps(login=0.3, idle=0.3, of_one_network=2)) as world:
        silent = await world.line_client()
        idler = await world.line_client("anna")
        third = await asyncio.open_connection("localhost", world.port, ssl=idler.writer.get_extra_info("sslcontext"))
        assert await third[0].read() == b"* BYE [LIMIT] Too many connections\r\n"
        third[1].close()
        idler.send("IDLE")
        assert [await idler.line() for _ in range(3)] == [b"+ idling", b"* BYE Too slow", b""]
        assert [await silent.line() for _ in range(2)] == [b"* BYE Too slow", b""]


async def test_a_client_that_does_not_read_is_cut_off(sqlite_place: Place) -> None:
    async with opened(sqlite_place, Caps(write=0.3)) as world:
        client = await world.line_client("anna")
        raw = b"Subject: big\r\n\r\n" + b"x" * 70 + b"\r\n" * 1_000_000
        await client.ask(b"APPEND Sent {%d+}\r\n%b" % (len(raw), raw))
        await client.ask("SELECT Sent")
        client.writer.transport.pause_reading()
        client.writer.write(b"".join(b"b%d FETCH 1 BODY.PEEK[]\r\n" % n for n in range(20)))
        async with asyncio.timeout(20):
            await asyncio.gather(*world.door._sessions)
        assert not world.door._sessions


async def test_closing_says_bye_to_all(world: World) -> None:
    waiting, idling = await world.line_client("anna"), await world.line_client("bruno")
    idling.send("IDLE")
    assert await idling.line() == b"+ idling"
    await world.door.stop()
    for client in (waiting, idling):
        assert [await client.line() for _ in range(2)] == [b"* BYE Closing", b""]
