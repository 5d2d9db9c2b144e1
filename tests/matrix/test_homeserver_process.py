from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import TYPE_CHECKING

import pytest
from hall import text
from homeserver_world import started

from connectors.fault import Fault
from connectors.house import Address
from connectors.matrix import homeserver
from connectors.matrix.homeserver import Homeserver, program

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    from hall import Person
    from homeserver_world import World
    from postgres_cluster import Cluster

pytestmark = pytest.mark.anyio
BACK_WITHIN = 60.0


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
        assert not (tmp_path / "matrix" / "homeserver.db").exists()
        async with started(tmp_path, url, people=world.people) as world:
            assert world.hall.service.as_token == as_token
            async with world.hall.client(token) as matrix:
                assert "on PostgreSQL" in (await matrix.get("v3/sync")).text
