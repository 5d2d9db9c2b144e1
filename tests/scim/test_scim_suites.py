"""Two programs that others wrote judge the door of a running server, each from an environment of its own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from serving import Server, iconet, start

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("scim") / "demo", like=planted)
    try:
        yield running
    finally:
        running.kill()


def judged(server: Server, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    authority = server.endpoints["ca_file"]
    token = server.endpoints["scim"]["token"]
    environment = {
        **os.environ,
        "SSL_CERT_FILE": authority,
        "REQUESTS_CA_BUNDLE": authority,
        "SCIM_CLI_HEADERS": f"Authorization: Bearer {token}",
    }
    command = [str(ROOT / program), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_scim2_tester_is_content(server: Server) -> None:
    done = judged(server, ".venv-scim2-cli/bin/scim", "-u", server.endpoints["scim"]["url"], "test")
    verdicts = re.findall(r"^(SUCCESS|ERROR|CRITICAL|SKIPPED|ACCEPTABLE|DEVIATION)\b", done.stdout, re.MULTILINE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(verdicts) == {"SUCCESS"}, done.stdout
    assert len(verdicts) > 70


def test_scim_sanity_is_content(server: Server) -> None:
    scim = server.endpoints["scim"]
    words = ("--token", scim["token"], "--ca-bundle", server.endpoints["ca_file"], "--i-accept-side-effects")
    done = judged(server, ".venv-scim-sanity/bin/scim-sanity", "probe", scim["url"], *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search(r"\[(FAIL|WARN|ERROR)\]", done.stdout), done.stdout
    assert done.stdout.count("[PASS]") == 28


def test_the_operator_makes_lists_and_revokes_tokens(server: Server) -> None:
    made = iconet(server.data, "scim-token", "add", "--body", "BEL", "--label", "Human resources", "--days", "30")
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    assert re.fullmatch(r"iconet-scim-[\w-]{43}", token)
    (number,) = re.findall(r"token (\d+) of BEL", made.stderr)
    listed = iconet(server.data, "scim-token", "ls", "--body", "BEL").stdout
    assert re.search(rf"(?m)^{number}  BEL  works  until [\d-]{{10}}  used never  Human resources$", listed)
    assert token not in listed
    assert iconet(server.data, "scim-token", "revoke", "--body", "FRA", number).returncode == 1, "another body's"
    assert iconet(server.data, "scim-token", "revoke", "--body", "BEL", number).returncode == 0
    assert f"{number}  BEL  revoked" in iconet(server.data, "scim-token", "ls").stdout
    assert iconet(server.data, "scim-token", "add", "--body", "NOWHERE").returncode == 1
    assert iconet(server.data, "scim-token", "add", "--body", "BEL", "--days", "100000").returncode == 1
    assert token not in server.log()


def test_the_demos_token_stays_the_same_and_private(server: Server) -> None:
    kept = server.data / "demo-scim-token"
    assert kept.read_text() == server.endpoints["scim"]["token"]
    assert kept.stat().st_mode & 0o777 == 0o600
