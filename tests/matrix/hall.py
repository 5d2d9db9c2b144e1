"""A bridge with one room and one verdict: what a homeserver needs of ICONet's rooms to be asked about them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from connectors.matrix.answers import Allow
from connectors.matrix.service import DEVICE

if TYPE_CHECKING:
    from connectors.house import House
    from connectors.matrix.answers import Said, Verdict
    from connectors.matrix.service import Service
    from groupware.caller import Caller

LIVE = 30.0


@dataclass
class Hall:
    """Implements connectors.matrix.service.Bridge. Its one Matrix room is ICONet's room `number`."""

    house: House
    service: Service
    number: int = 0
    room: str = ""
    verdict: Verdict = field(default_factory=Allow)
    heard: list[Said] = field(default_factory=list)
    returned: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> int:
        return 0

    async def begin(self) -> None:
        """Make the room, as the application service does it."""
        async with self.client(self.service.as_token) as matrix:
            made = await matrix.post(
                "v3/createRoom",
                json={
                    "name": "Return",
                    "preset": "private_chat",
                    "initial_state": [
                        {"type": "m.room.history_visibility", "content": {"history_visibility": "shared"}}
                    ],
                    "power_level_content_override": {"users_default": 0, "events_default": 0},
                },
            )
        assert made.is_success, made.text
        self.room = made.json()["room_id"]

    def woken(self) -> None:
        self.returned.set()

    async def stop(self) -> None:
        return

    async def room_of(self, room_id: str) -> int | None:
        return self.number if room_id == self.room else None

    async def welcome(self, user_id: str) -> None:
        """Have them in the room, if it is theirs."""
        caller = await self.house.groupware.somebody(self.service.login(user_id))
        if await self.house.groupware.may_enter(caller, self.number):
            async with self.client(self.service.as_token) as matrix:
                await matrix.post(f"v3/rooms/{self.room}/invite", json={"user_id": user_id})
                joined = await matrix.post(f"v3/rooms/{self.room}/join", params={"user_id": user_id}, json={})
                joined.raise_for_status()

    async def may_say(self, said: Said, caller: Caller) -> Verdict:
        assert self.service.login(said.sender) == caller.login
        self.heard.append(said)
        return self.verdict

    async def speak_as(self, user: str, content: dict[str, Any], transaction: str) -> httpx.Response:
        """What the application service says for somebody."""
        query = {"user_id": user, "device_id": DEVICE}
        async with self.client(self.service.as_token) as matrix:
            (await matrix.put(f"v3/devices/{DEVICE}", params={"user_id": user}, json={})).raise_for_status()
            return await matrix.put(
                f"v3/rooms/{self.room}/send/m.room.message/{transaction}", params=query, json=content
            )

    def client(self, token: str = "", url: str = "") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=f"{url or self.service.url}/_matrix/client/", headers=headers, timeout=LIVE)


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    user: str
    token: str
    matrix: httpx.AsyncClient


def text(words: str, **more: object) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": words, **more}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errcode"]
