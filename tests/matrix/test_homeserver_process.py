from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest
import town
from hall import text
from homeserver_world import started
from sqlalchemy import insert

from connectors.fault import Fault
from connectors.house import Address
from connectors.matrix import homeserver
from connectors.matrix.homeserver import Homeserver, program
from groupware.matrix_tables import matrix_event, matrix_hold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import httpx
    from hall import Person
    from homeserver_world import World
    from postgres_cluster import Cluster

    from groupware.retention.errands import Pending
    from groupware.retention.looking import Proof
    from groupware.store import Tx

pytestmark = pytest.mark.anyio
BACK_WITHIN = 60.0
CANARY = "quincunxgoes"


def pid(world: World) -> int:
    assert world.door.homeserver
    assert world.door.homeserver.pid
    return world.door.homeserver.pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "silent"])
async def test_a_homeserver_that_is_gone_comes_back(
    world: World, anna: Person, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homeserver, "ASK_EVERY", 0.2)
    monkeypatch.setattr(homeserver, "ANSWER_WITHIN", 0.2)
    monkeypatch.setattr(homeserver, "STOP_WITHIN", 0.2)
    before = pid(world)
    world.hall.returned.clear()
    os.kill(before, number)
    async with asyncio.timeout(BACK_WITHIN):
        await world.hall.returned.wait()
    assert pid(world) != before
    sent = await anna.matrix.put(f"v3/rooms/{world.hall.room}/send/m.room.message/{number}", json=text("back"))
    assert sent.status_code == 200


async def test_secrets_lie_in_files_of_this_user_only_and_stay(world: World) -> None:
    directory = world.house.settings.data / "matrix"
    assert directory.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in directory.iterdir() if path.stat().st_mode & 0o077] == []
    config = json.loads((directory / "homeserver.json").read_text())
    assert config["forget_rooms_on_leave"] is True
    assert config["caches"]["sync_response_cache_duration"] == "0s"
    assert config["default_room_version"] == "11"
    assert "retention" not in config


async def test_its_log_quotes_no_secret(world: World) -> None:
    secret = await world.secret("anna")
    async with world.hall.client() as matrix:
        identifier = {"type": "m.id.user", "user": secret}
        await matrix.post("v3/login", json={"type": "m.login.password", "identifier": identifier, "password": secret})
    directory = world.house.settings.data / "matrix"
    text = (directory / "homeserver.log").read_text() + (directory / "output.log").read_text()
    assert secret not in text
    assert world.hall.service.as_token not in text


async def test_a_program_that_ends_at_once_is_a_fault_with_its_last_word(tmp_path: Path) -> None:
    said = tmp_path / "says"
    said.write_text("#!/bin/sh\necho no such module: synapse\nexit 1\n")
    said.chmod(0o700)
    child = Homeserver(str(said), tmp_path / "homeserver.json", Address("127.0.0.1", 1, "none"), lambda: None)
    with pytest.raises(Fault, match="ended at its start: no such module: synapse"):
        await child.start()


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"none/python isn't there: `make install` makes it"):
        program(str(tmp_path / "none" / "python"))


async def found(matrix: httpx.AsyncClient, words: str) -> int:
    """How many messages a search counts."""
    search = {"search_categories": {"room_events": {"search_term": words}}}
    answer = (await matrix.post("v3/search", json=search)).raise_for_status().json()
    return int(answer["search_categories"]["room_events"]["count"])


async def said_with_files(world: World, dora: Person) -> tuple[list[str], list[str]]:
    """The word, and two files that say it and are called so: events, and media."""
    path, events, media = f"v3/rooms/{world.hall.room}/send/m.room.message", [], []
    for number in range(3):
        content = text(f"{CANARY} {number}")
        if number:
            query, url = {"filename": f"{CANARY}.txt"}, f"{world.hall.service.url}/_matrix/media/v3/upload"
            made = await dora.matrix.post(url, params=query, content=f"{CANARY} {number}\n".encode())
            address = made.raise_for_status().json()["content_uri"]
            content = {"msgtype": "m.file", "body": f"{CANARY}.txt", "url": address}
            media.append(address)
        said = await dora.matrix.put(f"{path}/over{number}", json=content)
        events.append(said.raise_for_status().json()["event_id"])
    return events, media


async def posted(world: World, events: list[str], media: list[str]) -> None:
    """As if the bridge had carried them: what they showed are three posts."""
    groupware, dora = world.house.groupware, world.people.caller("dora")
    for number in range(3):
        to = await groupware.recipient(dora, f"return@{town.DOMAIN}")
        raw = town.message("dora", f"return@{town.DOMAIN}", "Words", "words", message_id=f"<{number}@x>")
        await groupware.submit(dora, raw, [to])

    def shown(tx: Tx) -> None:
        rows = [{"event": event, "room": world.hall.number, "post": post} for post, event in enumerate(events, 1)]
        tx.connection.execute(insert(matrix_event), rows)
        files = [{"key": each, "post": post, "at": 0, "media": each} for post, each in enumerate(media, 2)]
        tx.connection.execute(insert(matrix_hold), files)

    await groupware.store.run(shown)


def hits(cluster: Cluster, url: str) -> list[str]:
    """Lines of a dump in which the word is, and files of the databases."""
    dump = subprocess.run([cluster.programs / "pg_dump", "-d", url], stdout=subprocess.PIPE, check=True).stdout
    cluster.say("CHECKPOINT")
    files = (path for path in (cluster.home / "data" / "base").rglob("*") if path.is_file())
    lines = [line.decode("utf-8", "replace")[:200] for line in dump.splitlines() if CANARY.encode() in line]
    return [*lines, *(path.name for path in files if CANARY.encode() in path.read_bytes())]


def written_anew(url: str) -> int:
    """Changes whenever the table of events is."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT relfilenode FROM pg_class WHERE relname = 'event_json'").fetchone()
        assert row
        return int(row[0])


async def comes_to(world: World, wanted: Callable[[Sequence[Proof], Sequence[Pending]], bool]) -> None:
    retention = world.house.groupware.retention
    async with asyncio.timeout(BACK_WITHIN):
        while not wanted([each async for each in retention.all_proofs()], await retention.troubled()):
            await asyncio.wait([asyncio.ensure_future(world.house.groupware.store.next_hint().wait())], timeout=0.2)


async def is_forgotten(world: World, cluster: Cluster, url: str) -> None:
    """One of the files can't be deleted: all else goes meanwhile, and the database isn't written anew for nothing."""
    retention, dora = world.house.groupware.retention, await world.sign_in("dora")
    events, media = await said_with_files(world, dora)
    await posted(world, events, media)
    assert await found(dora.matrix, CANARY) == 1  # the others are names of files
    assert len(hits(cluster, url)) > 3
    name = media[1].rpartition("/")[2]
    (stuck,) = (
        each
        for each in (world.house.settings.data / "matrix").rglob("*")
        if "local_content" in str(each) and each.is_file() and str(each).replace("/", "").endswith(name)
    )
    octets = stuck.read_bytes()
    stuck.unlink()
    stuck.mkdir()  # which nothing unlinks
    await retention.set_class("standard", "0d", existing=True)
    await retention.erase()
    await comes_to(world, lambda proofs, pending: len(pending) == 1 and verified(proofs) == [1, 2])
    assert [(each.kind, each.name, each.why) for each in await retention.troubled()] == [
        ("media", name, "IsADirectoryError: Is a directory")
    ]
    before = written_anew(url)
    await retention.erase()
    await comes_to(world, lambda _, pending: pending[0].tries == 2)
    assert written_anew(url) == before
    stuck.rmdir()
    stuck.write_bytes(octets)
    await retention.erase()
    await comes_to(world, lambda proofs, _: verified(proofs) == [1, 2, 3])
    assert hits(cluster, url) == []
    assert not stuck.exists()
    for event in events:
        left = await dora.matrix.get(f"v3/rooms/{world.hall.room}/event/{event}")
        assert left.raise_for_status().json()["content"] == {}


def verified(proofs: Sequence[Proof]) -> list[int]:
    return sorted(each.post for each in proofs if each.stage == "verified")


async def test_it_keeps_its_rooms_over_a_restart_and_works_on_postgresql(
    synapse: str, cluster: Cluster, tmp_path: Path
) -> None:
    assert synapse
    with cluster.database() as url:
        async with started(tmp_path, url) as world:
            anna = await world.sign_in("anna")
            path = f"v3/rooms/{world.hall.room}/send/m.room.message/1"
            assert (await anna.matrix.put(path, json=text("on PostgreSQL"))).status_code == 200
            token, as_token = anna.token, world.hall.service.as_token
            path = f"v3/rooms/{world.hall.room}/send/m.room.message/2"
            gone = (await anna.matrix.put(path, json=text("withdrawn"))).json()["event_id"]
            assert [await found(anna.matrix, word) for word in ("withdrawn", "PostgreSQL")] == [1, 1]
            async with world.hall.client(as_token) as service:
                path = f"v3/rooms/{world.hall.room}/redact/{gone}/1"
                assert (await service.put(path, json={})).status_code == 200
            assert [await found(anna.matrix, word) for word in ("withdrawn", "PostgreSQL")] == [0, 1]
            await is_forgotten(world, cluster, url)
        assert not (tmp_path / "matrix" / "homeserver.db").exists()
        async with started(tmp_path, url, people=world.people) as world:
            assert world.hall.service.as_token == as_token
            async with world.hall.client(token) as matrix:
                assert "on PostgreSQL" in (await matrix.get("v3/sync")).text
