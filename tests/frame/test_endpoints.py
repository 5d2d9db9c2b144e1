from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from connectors.endpoints import NOBODY, document, write
from connectors.house import Address, opened
from connectors.settings import Matrix, Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


async def test_says_what_the_contract_promises_and_leaves_out_what_is_not_there(tmp_path: Path) -> None:
    doors = {"imap": Address("127.0.0.1", 993), "web": Address("127.0.0.1", 443)}
    async with opened(Settings(data=tmp_path)) as house:
        assert document(house, doors, NOBODY) == {
            "version": 1,
            "domain": "iconet.test",
            "data": str(tmp_path),
            "pid": os.getpid(),
            "ca_file": str(tmp_path / "tls" / "ca.pem"),
            "imap": {"host": "localhost", "port": 993, "tls": "implicit"},
            "web": {"url": "https://localhost:443"},
            "api": {"url": "https://localhost:443/api", "openapi": "https://localhost:443/api/openapi.json"},
            "scim": {"url": "https://localhost:443/scim/v2"},
            "carddav": {"url": "https://localhost:443/dav/"},
            "people": [],
            "areas": [],
            "resources": [],
        }
        told = document(house, {}, {**NOBODY, "outbox": "/srv/outbox"})
    assert told["outbox"] == {"maildir": "/srv/outbox"}


async def test_a_token_is_told_where_there_is_one(tmp_path: Path) -> None:
    async with opened(Settings(data=tmp_path)) as house:
        told = document(house, {"web": Address("127.0.0.1", 443)}, {**NOBODY, "scim_token": "secret"})
    assert told["scim"] == {"url": "https://localhost:443/scim/v2", "token": "secret"}


async def test_is_replaced_whole_and_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.json"
    path.write_text("{")
    write(path, {"version": 1})
    assert json.loads(path.read_text()) == {"version": 1}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in os.scandir(tmp_path)] == ["endpoints.json"]


@pytest.mark.parametrize(
    ("proxy", "url"), [("", "http://localhost:8008"), ("https://matrix.iconet.test", "https://matrix.iconet.test")]
)
async def test_matrix_clients_are_sent_to_the_listener_or_to_the_proxy_before_it(
    tmp_path: Path, proxy: str, url: str
) -> None:
    async with opened(Settings(data=tmp_path, matrix=Matrix(url=proxy))) as house:
        told = document(house, {"matrix": Address("127.0.0.1", 8008, "none")}, NOBODY)
    assert told["matrix"] == {"url": url, "server_name": "iconet.test"}
