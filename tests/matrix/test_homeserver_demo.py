from __future__ import annotations

import os
import select
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import serving

if TYPE_CHECKING:
    from serving import Server

PATIENCE = 30.0


def homeservers(server: Server) -> list[int]:
    """Handles of the server's children that run Synapse."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    ours = [int(pid) for pid in children if b"synapse" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return [os.pidfd_open(pid) for pid in ours]


def ended(child: int) -> bool:
    try:
        return bool(select.select([child], [], [], PATIENCE)[0])
    finally:
        os.close(child)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_the_demo_has_a_homeserver_that_never_outlives_it(
    synapse: str, tmp_path: Path, planted: Path, number: int, code: int
) -> None:
    assert synapse
    server = serving.start(tmp_path / "demo", like=planted)
    (child,) = homeservers(server)
    url, domain = server.endpoints["matrix"]["url"], server.endpoints["domain"]
    assert server.endpoints["matrix"]["server_name"] == domain
    person = server.endpoints["people"][0]
    words = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": person["address"]},
        "password": person["app_password"],
    }
    signed = httpx.post(f"{url}/_matrix/client/v3/login", json=words, timeout=PATIENCE)
    assert signed.json()["user_id"] == person["matrix_id"]
    assert [area["room_alias"] for area in server.endpoints["areas"]] == [
        f"#{area['code']}:{domain}" for area in server.endpoints["areas"]
    ]
    server.process.send_signal(number)
    assert server.process.wait(serving.STOP_WITHIN) == code
    assert ended(child)
    log = server.log()
    assert '"homeserver-started"' in log
    assert not [secret for secret in (person["app_password"], signed.json()["access_token"]) if secret in log]
