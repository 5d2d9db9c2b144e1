"""The real door over TLS, on a real store, with the town in it and a token for each of its bodies."""

from __future__ import annotations

import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from town import DOMAIN, Town, build

from connectors.certificates import Certificate, certificate_for
from connectors.house import House
from connectors.settings import Listen, Settings
from connectors.web.door import WebDoor
from groupware import clock
from groupware.service import Groupware
from groupware.store import Conditions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conftest import Place

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
OFFICIAL = "urn:ietf:params:scim:schemas:extension:iconet:1.0:Official"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Clock:
    """Real time, and how far the store's is ahead of it."""

    ahead: int = 0

    def __call__(self) -> int:
        return clock.now() + self.ahead


@dataclass
class Desk:
    """A running door; `tokens` by the code of their body."""

    url: str
    groupware: Groupware
    town: Town
    clock: Clock
    tls: ssl.SSLContext
    exits: AsyncExitStack
    tokens: dict[str, str] = field(default_factory=dict)

    async def client(self, body: str = "aa", token: str = "") -> httpx.AsyncClient:
        """A body's identity system."""
        made = httpx.AsyncClient(timeout=30, base_url=f"{self.url}/scim/v2", verify=self.tls)
        made.headers["Authorization"] = f"Bearer {token or self.tokens[body]}"
        return await self.exits.enter_async_context(made)

    def id(self, name: str) -> str:
        return f"official-{self.town.people[name]}"


def new(login: str, **more: object) -> dict[str, Any]:
    """The least that makes a user."""
    return {"schemas": [USER], "userName": login, **more}


def patch(*operations: tuple[str, str, Any]) -> dict[str, Any]:
    """Operations as (op, path, value); an empty path is none, a value of None isn't sent."""
    written = [
        {"op": op, **({"path": path} if path else {}), **({} if value is None else {"value": value})}
        for op, path, value in operations
    ]
    return {"schemas": [PATCH], "Operations": written}


def names(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {entry["userName"] for entry in answer.json()["Resources"]}


def refused(answer: httpx.Response, status: int, kind: str = "") -> str:
    """That it is an error in SCIM's form (RFC 7644 3.12); its detail."""
    told = answer.json()
    assert (answer.status_code, told.get("scimType", "")) == (status, kind), answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    assert told["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert told["status"] == str(status)
    return str(told.get("detail", ""))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(Settings(data=tmp_path_factory.mktemp("tls")), clock.now())


@pytest.fixture
async def desk(place: Place, tmp_path: Path, certificate: Certificate) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as exits:
        ahead = Clock()
        groupware = Groupware(place.open(Conditions(now=ahead)), DOMAIN)
        exits.push_async_callback(groupware.close)
        town = await groupware.store.run(build)
        settings = Settings(data=tmp_path, web=Listen())
        door = WebDoor(House(settings, groupware, certificate))
        address = await door.start(settings.web)
        exits.push_async_callback(door.stop)
        tls = ssl.create_default_context(cafile=str(certificate.authority))
        made = Desk(f"https://localhost:{address.port}", groupware, town, ahead, tls, exits)
        for code in ("aa", "bb"):
            made.tokens[code] = (await groupware.provisioning.issue(code, "test", 30))[1]
        yield made
