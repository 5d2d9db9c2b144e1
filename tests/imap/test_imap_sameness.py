"""Two worlds that differ in one hidden post give byte-equal transcripts of a whole session."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from imap_world import opened
from town import DOMAIN, message

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Place
    from imap_world import World

pytestmark = pytest.mark.anyio
SCRIPT = [
    "CAPABILITY",
    "NAMESPACE",
    'LIST "" *',
    'LIST "" * RETURN (STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY SIZE) SPECIAL-USE SUBSCRIBED)',
    'LSUB "" %',
    "STATUS INBOX (MESSAGES UIDNEXT UNSEEN SIZE)",
    "STATUS Areas/liaison (MESSAGES UIDNEXT UNSEEN SIZE)",
    "STATUS Areas/return (MESSAGES)",
    "SELECT INBOX",
    "FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])",
    "SELECT Areas/return",
    "SELECT Areas/liaison",
    "FETCH 1:* (UID FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[])",
    "UID SEARCH RETURN (MIN MAX COUNT ALL) ALL",
    "UID SEARCH TEXT canary",
    "SEARCH SUBJECT hidden",
    'SEARCH HEADER Message-ID ""',
    "UID STORE 1:* +FLAGS (\\Flagged)",
    "COPY 1:* Trash",
    "STATUS Trash (MESSAGES UIDNEXT)",
    "COPY 1:* Areas/return",
    "NOOP",
    "CLOSE",
    "LOGOUT",
]
WHEN = [
    (rb"UIDVALIDITY \d+", b"UIDVALIDITY N"),
    (rb"COPYUID \d+", b"COPYUID N"),
    (rb"\s+[\d:]{8}\s+[+-]\d{4}", b" TIME"),
    (rb"<[^<>@ ]+@iconet\.test>", b"<ID>"),
]


async def transcript(world: World, who: str) -> list[bytes]:
    client = await world.line_client()
    await client.ask(f"LOGIN {who} {await world.secret(who)}")
    lines = [line for command in SCRIPT for line in await client.ask(command)]
    for pattern, instead in WHEN:
        lines = [re.sub(pattern, instead, line) for line in lines]
    return lines


async def told_in(place: Place, *, hidden: bool) -> list[bytes]:
    async with opened(place) as world:
        await world.send("emil", message("emil", "x", "seen", "text", message_id="<1@x>"), f"liaison@{DOMAIN}")
        if hidden:
            raw = message("anna", "x", "hidden", "canary", message_id="<2@x>", references="<1@x>")
            await world.send("anna", raw, f"return@{DOMAIN}")
            await world.send("dora", message("dora", "x", "hidden", "canary", message_id="<3@x>"), f"return@{DOMAIN}")
        await world.send("emil", message("emil", "x", "later", "text", message_id="<4@x>"), f"liaison@{DOMAIN}")
        await world.settled()
        return await transcript(world, "otto")


async def test_nothing_tells_of_a_hidden_post(sqlite_place: Place, tmp_path: Path) -> None:
    shutil.copytree(sqlite_place.directory, tmp_path / "twin")
    twin = type(sqlite_place)(tmp_path / "twin", tmp_path / "twin")
    told = await told_in(sqlite_place, hidden=True)
    assert b"later" in b"".join(told)
    other = await told_in(twin, hidden=False)
    for with_it, without in zip(told, other, strict=True):
        assert with_it == without
