"""Two ICONets as two processes: one plays a state's identity provider, the other one's officials sign in with it."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
from serving import START_WITHIN, STOP_WITHIN
from town import Town, build

from connectors.house import opened
from connectors.settings import read_settings
from directory import officials, passwords

if TYPE_CHECKING:
    from pathlib import Path

    from groupware.store import Tx

PASSWORD = "a long enough password"
ONWARD = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]+)">')
HIDDEN = re.compile(r'name="(form_token|next)" value="([^"]*)"')


@dataclass
class Process:
    """A server with the web door only."""

    data: Path
    config: Path
    url: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.data / "tls" / "ca.pem")

    def start(self) -> None:
        file = self.data / "endpoints.json"
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            command = [sys.executable, "-m", "connectors.cli", "serve", "--config", str(self.config), "web"]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            if file.exists() and json.loads(file.read_text())["pid"] == self.process.pid:
                return
            os.sched_yield()
            time.sleep(0.02)
        raise AssertionError(self.log())

    def stop(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_WITHIN)

    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text()

    def iconet(self, *words: str) -> str:
        command = [sys.executable, "-m", "connectors.cli", *words, "--config", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def process(data: Path, more: str = "") -> Process:
    """Its settings, on a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    config = data.parent / f"{data.name}.toml"
    config.write_text(f'data = "{data}"\n[web]\nport = {port}\n{more}')
    return Process(data, config, f"https://localhost:{port}")


def planted(of: Process, external: dict[str, str] | None = None) -> dict[str, str]:
    """Put the small town into a directory; the subjects by which it would vouch for its people."""
    return asyncio.run(_planted(of, external or {}))


async def _planted(of: Process, external: dict[str, str]) -> dict[str, str]:
    async with opened(read_settings(of.config)) as house:
        town = await house.groupware.store.run(build)
        kept = await house.groupware.sign_in.gate.hashed(PASSWORD)
        await house.groupware.store.run(lambda tx: _named(tx, town, kept, external))
        return {name: house.groupware.provider.subject(number) for name, number in town.people.items()}


def _named(tx: Tx, town: Town, kept: str, external: dict[str, str]) -> None:
    for name, number in town.people.items():
        if name not in external:
            passwords.keep(tx.connection, number, kept, tx.now)
        else:
            found = officials.get(tx.connection, number)
            officials.change(tx.connection, replace(found, external_id=external[name]))


class Browser:
    """Somebody's: one cookie jar for each site, as for two hosts (on one host, cookies know no ports)."""

    def __init__(self, here: Process, there: Process) -> None:
        self._clients = {
            each.url: httpx.Client(base_url=each.url, verify=each.tls, headers={"Sec-Fetch-Site": "same-origin"})
            for each in (here, there)
        }

    def get(self, url: str) -> httpx.Response:
        """Go there, and wherever that leads without anything being asked."""
        site = next(each for each in self._clients if url.startswith(each))
        return self._on(site, self._clients[site].get(url))

    def fill(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Send the form on a page to where it belongs."""
        site = f"https://localhost:{page.url.port}"
        hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(page.text)}
        return self._on(site, self._clients[site].post("/sign-in", data={**hidden, **fields}))

    def cookies(self, of: Process) -> httpx.Cookies:
        return self._clients[of.url].cookies

    def _on(self, site: str, answer: httpx.Response) -> httpx.Response:
        onward = ONWARD.search(answer.text)
        place = answer.headers.get("location") or (html.unescape(onward[1]) if onward else "")
        return self.get(place if place.startswith("https:") else f"{site}{place}") if place else answer
