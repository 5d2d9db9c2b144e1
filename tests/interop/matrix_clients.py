"""Matrix clients as officials have them: the SDK under Element Web, in Node, and matrix-nio."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import nio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from serving import Server

PROGRAM = Path(__file__).parent / "matrix_js" / "client.mjs"
NODE = shutil.which("node", path=str(Path(sys.executable).parent))
WITHIN = 20.0
OF_A_ROOM = ("v3/rooms/{}/messages", "v3/rooms/{}/state", "v3/rooms/{}/members", "v1/rooms/{}/threads")
OF_AN_EVENT = ("v3/rooms/{}/event/{}", "v3/rooms/{}/context/{}", "v1/rooms/{}/relations/{}")


class Refused(Exception):  # noqa: N818 -- what a client is told, and no fault of the test
    """The homeserver's answer: its code and its words."""


class Element:
    """matrix-js-sdk as Element Web has it, signed in with an app password."""

    def __init__(self, server: Server, person: dict[str, Any]) -> None:
        assert NODE, "make test installs node"
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen([NODE, str(PROGRAM)], **pipes)
        url = server.endpoints["matrix"]["url"]
        self.user = self.do("login", url=url, user=person["login"], password=person["app_password"])["user"]

    def do(self, command: str, **words: object) -> Any:  # noqa: ANN401 -- JSON
        """The answer to a command of client.mjs. Raises Refused."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": command, **words}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise Refused(answer["error"].get("errcode", ""), answer["error"].get("error", ""))
        return answer["ok"]

    def hears(self, room: str, words: str, seconds: float = WITHIN) -> dict[str, Any]:
        """The message with these words, when it has come."""
        return dict(self.do("await", room=room, containing=words, seconds=seconds))

    def close(self) -> None:
        """End it, without signing out."""
        self._process.communicate(timeout=WITHIN)


@contextmanager
def element(server: Server, person: dict[str, Any]) -> Iterator[Element]:
    client = Element(server, person)
    try:
        yield client
    finally:
        client.close()


@asynccontextmanager
async def nio_client(server: Server, person: dict[str, Any]) -> AsyncIterator[nio.AsyncClient]:
    """matrix-nio, signed in and synced once."""
    config = nio.AsyncClientConfig(max_limit_exceeded=1, max_timeouts=1, request_timeout=int(WITHIN))
    client = nio.AsyncClient(server.endpoints["matrix"]["url"], person["login"], config=config)
    try:
        signed = await client.login(person["app_password"], device_name="nio")
        assert isinstance(signed, nio.LoginResponse), signed
        await client.sync(full_state=True)
        yield client
    finally:
        await client.close()


async def heard(client: nio.AsyncClient, fits: Callable[[nio.Event], bool]) -> nio.Event:
    """The first event that fits, of those to come or in what a sync shows."""
    async with asyncio.timeout(WITHIN):
        while True:
            answer = await client.sync(timeout=1000)
            assert isinstance(answer, nio.SyncResponse), answer
            for room in answer.rooms.join.values():
                for event in room.timeline.events:
                    if fits(event):
                        return event


class Wire:
    """A client that keeps every octet it was given: for what mustn't be among them."""

    def __init__(self, server: Server, person: dict[str, Any]) -> None:
        self._http = httpx.Client(base_url=f"{server.endpoints['matrix']['url']}/_matrix/client/", timeout=30)
        words = {"type": "m.id.user", "user": person["login"]}
        form = {"type": "m.login.password", "identifier": words, "password": person["app_password"]}
        self.signed = self._http.post("v3/login", json=form).raise_for_status().json()
        self._http.headers["Authorization"] = f"Bearer {self.signed['access_token']}"

    def get(self, path: str, **query: str) -> httpx.Response:
        return self._http.get(path, params=query)

    def room(self, alias: str) -> str:
        """The room's id, as those in it know it."""
        joined = self.get("v3/joined_rooms").json()["joined_rooms"]
        states = {room: self.get(f"v3/rooms/{room}/state/m.room.canonical_alias") for room in joined}
        return next(room for room, state in states.items() if state.json().get("alias") == alias)

    def messages(self, room: str) -> list[str]:
        """The ids of what was said in a room."""
        page = self.get(f"v3/rooms/{room}/messages", dir="b", limit="100").raise_for_status().json()
        return [event["event_id"] for event in page["chunk"] if event["type"] == "m.room.message"]

    def everything(self, room: str, events: list[str], words: str) -> bytes:
        """All that it can ask for about a room and what was said there, and what a search for `words` finds."""
        paths = [path.format(room) for path in OF_A_ROOM]
        paths += [path.format(room, event) for path in OF_AN_EVENT for event in events]
        found = [self.get("v3/sync", full_state="true").content, self.get("v3/publicRooms").content]
        found += [self.get(path, dir="b", limit="100").content for path in paths]
        search = {"search_categories": {"room_events": {"search_term": words}}}
        found.append(self._http.post("v3/search", json=search).content)
        found.append(self._http.post("v3/user_directory/search", json={"search_term": words}).content)
        return b"".join(found)
