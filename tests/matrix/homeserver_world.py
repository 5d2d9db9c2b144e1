"""A homeserver in front of the small town, with one room, and who lives there."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import town
from hall import Hall, Person

from connectors.house import opened
from connectors.matrix.door import MatrixDoor
from connectors.settings import Matrix, Settings
from groupware import administering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from connectors.house import House
    from connectors.matrix.service import Service

FIRST_LETTERS = count()


@dataclass
class World:
    """The house, its homeserver, and who lives there."""

    house: House
    door: MatrixDoor
    hall: Hall
    people: town.Town
    exits: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def secret(self, name: str) -> str:
        return await town.app_password(self.house.groupware, self.people, name)

    async def sign_in(self, name: str) -> Person:
        secret = await self.secret(name)
        async with self.hall.client() as matrix:
            signed = await matrix.post("v3/login", json=login(name, secret))
        token = signed.raise_for_status().json()["access_token"]
        client = await self.exits.enter_async_context(self.hall.client(token))
        return Person(f"@{name}:{town.DOMAIN}", token, client)

    async def suspend(self, name: str, *, suspended: bool = True) -> None:
        official = self.people.people[name]
        await self.house.groupware.store.run(
            lambda tx: administering.suspend_official(tx, official, suspended=suspended)
        )

    def transaction(self) -> str:
        return f"t{next(FIRST_LETTERS)}"


def login(name: str, secret: str) -> dict[str, object]:
    return {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": secret}


@asynccontextmanager
async def started(data: Path, store: str = "", people: town.Town | None = None) -> AsyncIterator[World]:
    settings = Settings(data=data, matrix=Matrix(store=store)).on_any_ports()
    async with opened(settings) as house:
        people = people or await house.groupware.store.run(town.build)
        halls: list[Hall] = []

        def bridge(house: House, service: Service) -> Hall:
            halls.append(Hall(house, service, people.rooms["return"]))
            return halls[0]

        door = MatrixDoor(house, bridge)
        following = asyncio.create_task(house.groupware.run())
        await door.start(settings.matrix)
        world = World(house, door, halls[0], people)
        try:
            yield world
        finally:
            await world.exits.aclose()
            await door.stop()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
