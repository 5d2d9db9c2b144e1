"""A network begins as README.md says: from an empty directory to the first contact point who signs in."""

from __future__ import annotations

import os
import re
import subprocess
from base64 import b32decode
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest
from serving import Server, run
from test_readme_walk import ROOT, program, steps

from directory import totp
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "Sechs Reiher im Morgennebel"
SHOWN = re.compile(r'form_token" value="([0-9a-f]+)')


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    """Served, by the portal alone, with nobody in it."""
    data = tmp_path / "network"
    data.mkdir()
    running = run(data, data / "endpoints.json", "serve", "web", "--data", str(data))
    try:
        yield running
    finally:
        running.kill()


def typed(server: Server, names: str, step: str) -> str:
    """What a step prints, after the names that it uses."""
    path = f"{program(server.data.parent)}:{os.environ['PATH']}"
    environment = {**os.environ, "DATA": str(server.data), "PYTHONPATH": str(ROOT)}
    script = names.replace("PATH=", f"PATH={path}:") + step
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def filled(client: httpx.Client, path: str, page: str = "", **fields: str) -> httpx.Response:
    """What answers the form of a page."""
    found = SHOWN.search(client.get(page or path).text)
    assert found, path
    return client.post(path, data={"form_token": found[1], **fields})


def with_app(client: httpx.Client) -> None:
    """The portal asks whoever is to have a duty for a second factor; an app is one."""
    page = client.get("/account/app").text
    (key,), (sealed,) = re.findall(r'id="app-key">([^<]*)', page), re.findall(r'"sealed" value="([^"]*)', page)
    code = totp.code(b32decode(key.replace(" ", "")), clock.now() // totp.STEP)
    assert "Recovery codes" in filled(client, "/account/app", sealed=sealed, code=code).text


def test_from_nothing_to_the_first_contact_point(empty: Server) -> None:
    names, *commands = steps("A network of one's own")
    body, unit, official, invite, appoint, another = (partial(typed, empty, names, each) for each in commands)
    assert body() == "COM is added\n"
    assert unit() == "migration is added\n"
    assert official() == "ada.lind is added\n"
    url = invite().splitlines()[0]
    assert "ada.lind is appointed" in appoint()
    portal = empty.endpoints["web"]["url"]
    with httpx.Client(base_url=portal, verify=empty.tls, follow_redirects=True) as ada:
        ada.headers["Sec-Fetch-Site"] = "same-origin"
        path = url.removeprefix(portal)
        assert "All set" in filled(ada, path, accepts="1", password=PASSWORD, again=PASSWORD).text
        assert "Ada Lind" in filled(ada, "/sign-in", login="ada.lind", password=PASSWORD).text
        with_app(ada)
        assert "COM European Commission" in typed(empty, names, "iconet contacts missing")
        answer = filled(ada, "/duties/appointments/1", "/duties", decision="accept")
        assert "You are the contact point" in answer.text
    assert another() == "EST is added\n"
    assert typed(empty, names, "iconet contacts missing") == "EST Estonia\n"
    assert typed(empty, names, "iconet body ls").splitlines() == [
        "COM\tCOM\t1\t1\tEuropean Commission\t",
        "EST\tCOM\t0\t0\tEstonia\tno contact point",
    ]
