"""ICONet is killed while it tells a room of posts; what was acknowledged is in the room, once and in order."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from bridge_world import MESSAGE, WITHIN, require_synapse
from interop.clients import send
from serving import Server, start

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 10 if os.environ.get("ICONET_SOAK") else 1
A_ROUND = 6


def post(server: Server, author: dict[str, Any], number: int) -> None:
    to = f"return@{server.endpoints['domain']}"
    raw = f"From: {author['address']}\r\nTo: {to}\r\nSubject: canary-{number:03}\r\n\r\ntext\r\n"
    send(server, author, to, raw.encode())


def in_room(server: Server, person: dict[str, Any]) -> list[int]:
    """The numbers of our posts in the room, oldest first."""
    url = f"{server.endpoints['matrix']['url']}/_matrix/client/v3"
    words = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": person["login"]}}
    with httpx.Client(timeout=30) as client:
        answer = client.post(f"{url}/login", json={**words, "password": person["app_password"]}).raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        room = client.get(f"{url}/directory/room/%23return:{server.endpoints['domain']}").json()["room_id"]
        page = client.get(f"{url}/rooms/{room}/messages", params={"dir": "f", "limit": "1000"}).raise_for_status()
    bodies = [event["content"].get("body", "") for event in page.json()["chunk"] if event["type"] == MESSAGE]
    return [int(found[1]) for body in bodies if (found := re.search(r"canary-(\d+)", body))]


@pytest.mark.timeout(120 + 60 * ROUNDS)
def test_a_killed_server_tells_the_room_of_each_post_once(tmp_path: Path, planted: Path) -> None:
    require_synapse()
    numbers = iter(range(1000))
    accepted = []
    for _ in range(ROUNDS):
        server = start(tmp_path / "demo", like=planted)
        moderator = server.who(area="return", role="moderator")
        for number in [next(numbers) for _ in range(A_ROUND)]:
            post(server, moderator, number)
            accepted.append(number)
        server.kill()
    server = start(tmp_path / "demo")
    try:
        member, deadline = server.who(area="return"), time.monotonic() + 3 * WITHIN
        while len(told := in_room(server, member)) < len(accepted) and time.monotonic() < deadline:
            os.sched_yield()
        assert told == accepted
    finally:
        assert server.stop() == 0
