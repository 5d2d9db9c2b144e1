"""Asked from a mail client, given from a Matrix client: one package leaves, and nothing is said to anybody else."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from bridge_world import WITHIN, bridged
from town import message

from connectors.relay.maildir import Outbox
from connectors.relay.outbound import Queue
from directory import roles
from directory.officials import by_login
from directory.roles import Grant
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bridge_world import Client, World

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
ASK = (
    "To: desk@partner.test\r\nOrganisation: Partner\r\nPurpose: canary-why\r\nConditions: none\r\nUntil: 2027-06-01\r\n"
)


@pytest.fixture(scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with bridged(tmp_path_factory.mktemp("bridge")) as world:
        yield world


def speaks(tx: Tx, login: str) -> None:
    found = by_login(tx.connection, login)
    assert found is not None
    roles.grant(tx.connection, Grant(found.id, Role.CONTACT_POINT, found.body, reason="test"))


async def ask(there: World, name: str) -> None:
    """bruno asks for dora's post, by mail."""
    to, bruno = "release@iconet.test", there.people.caller("bruno")
    raw = message("bruno", to, "Please", ASK, message_id=f"<{name}@client.test>", references="<1@client.test>")
    await there.groupware.submit(bruno, raw, [await there.groupware.recipient(bruno, to)])


async def answered(client: Client, room: str, words: str) -> str:
    sent = await client.say(room, words)
    event = sent.raise_for_status().json()["event_id"]
    return str((await client.until(lambda each: each["event_id"] == event))["content"]["body"])


async def test_consent_is_given_in_a_chat(there: World, tmp_path: Path) -> None:
    await there.mail("dora", "return", "A canary", "canary-text", message_id="<1@client.test>")
    await there.groupware.store.run(lambda tx: speaks(tx, "clara"))
    await ask(there, "first")
    clara, bruno = await there.sign_in("clara"), await there.sign_in("bruno")
    told = (await clara.hears("Your consent is asked"))["content"]["body"]
    assert "Release no. 1, asked by Bruno, Borland" in told
    assert "canary" not in told
    joined = (await clara.matrix.get("v3/joined_rooms")).json()["joined_rooms"]
    [desk] = [room for room in joined if room != await there.room("return")]
    assert (await bruno.say(desk, "release 1 yes")).status_code == 403
    assert "There is no release no. 9" in await answered(clara, desk, "release 9 yes")
    assert "begin your answer with yes" in await answered(clara, desk, "1 perhaps")
    assert (
        await answered(clara, desk, "hello")
        == "To decide, say: release NUMBER yes, or release NUMBER no, and your reason."
    )
    assert await answered(clara, desk, "!release 1 yes") == "Release no. 1: your yes is recorded; it is agreed."
    assert await answered(clara, desk, "release 1 no too late") == "Release no. 1 has been decided already."
    queue = Queue(there.groupware, Outbox(tmp_path))
    async with asyncio.timeout(WITHIN):
        while not await queue.step():
            await there.groupware.store.next_hint().wait()
    [left] = (tmp_path / "new").iterdir()
    assert re.search(rb"^Delivered-To: desk@partner.test", left.read_bytes(), re.MULTILINE)
    assert b"canary-text" in left.read_bytes()
    _, posts = await there.groupware.newest(there.people.caller("clara"), "return")
    assert [each.subject for each in posts] == ["[TLP:AMBER] A canary"]
