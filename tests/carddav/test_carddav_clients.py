"""Address books with the programs that people have: vdirsyncer fetches them, khard reads them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from serving import Server, iconet, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CONFIGURATION = """
[general]
status_path = "{place}/status/"

[pair iconet]
a = "server"
b = "here"
collections = {books}
conflict_resolution = "a wins"

[storage server]
type = "carddav"
url = "{url}"
username = "{login}"
password = "{secret}"
verify = "{ca}"
read_only = true

[storage here]
type = "filesystem"
path = "{place}/books/"
fileext = ".vcf"
"""
KHARD = """
[addressbooks]
[[everybody]]
path = {place}/books/all
[general]
default_action = list
[vcard]
search_in_source_files = no
skip_unparsable = no
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    running = serve(tmp_path_factory.mktemp("carddav") / "demo", "web", like=planted)
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()


def program(name: str) -> str:
    """In its environment, which `make test` makes."""
    path = ROOT / f".venv-{name}" / "bin" / name
    if not path.exists():
        assert not os.environ.get("CI"), f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
    return str(path)


def run(*words: str) -> str:
    """What it says; whatever it asks (to make a directory) is answered with yes."""
    found = subprocess.run(words, input="y\n" * 9, capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout + found.stderr


class Synchroniser:
    """vdirsyncer with one reader's books in a directory."""

    def __init__(self, server: Server, person: dict[str, Any], place: Path, books: str) -> None:
        self.place = place
        self._program = program("vdirsyncer")
        self._file = place / "vdirsyncer.ini"
        self._file.write_text(
            CONFIGURATION.format(
                place=place,
                books=books,
                url=server.endpoints["carddav"]["url"],
                login=person["login"],
                secret=person["app_password"],
                ca=server.endpoints["ca_file"],
            )
        )

    def __call__(self, *words: str) -> str:
        return run(self._program, "--verbosity", "INFO", "--config", str(self._file), *words)

    def cards(self, book: str) -> dict[str, str]:
        """By UID: files have names of vdirsyncer's own."""
        cards = [path.read_text() for path in (self.place / "books" / book).glob("*.vcf")]
        return {re.findall("^UID:(.*)$", card, re.MULTILINE)[0]: card for card in cards}


def test_vdirsyncer_finds_and_fetches_and_khard_reads(server: Server, tmp_path: Path) -> None:
    reader = server.who(area="return", without="liaison")
    own = f"body-{reader['body'].lower()}"
    sync = Synchroniser(server, reader, tmp_path, f'["all", "{own}", "area-return"]')
    told = sync("discover", "iconet")
    assert "area-liaison" not in told
    for book in ("all", own, "area-return", "body-est", "body-com"):
        assert f'"{book}"' in told, told
    sync("sync")
    everybody = sync.cards("all")
    assert len(everybody) > 200
    assert set(sync.cards(own)) <= set(everybody)
    assert any(reader["address"] in card for card in sync.cards("area-return").values())

    (tmp_path / "khard.conf").write_text(KHARD.format(place=tmp_path))
    khard = (program("khard"), "--config", str(tmp_path / "khard.conf"))
    assert reader["address"] in run(*khard, "email", "--parsable", reader["name"])
    shown = run(*khard, "show", reader["name"])
    assert reader["unit"] in shown
    assert re.search(r"\+388 2005 267 \d{3}", shown)
    assert len(run(*khard, "list", "--parsable").splitlines()) == len(everybody)


def test_a_second_synchronisation_is_told_of_who_left(server: Server, tmp_path: Path) -> None:
    reader = server.who(area="return")
    sync = Synchroniser(server, reader, tmp_path, '["all"]')
    sync("discover", "iconet")
    sync("sync")
    before = sync.cards("all")
    assert "Copying" not in sync("sync")
    leaver = next(
        person for person in server.endpoints["people"] if person["body"] != reader["body"] and not person["roles"]
    )
    assert iconet(server.data, "off-board", leaver["login"]).returncode == 0
    told = sync("sync")
    gone = before.keys() - sync.cards("all").keys()
    assert [leaver["address"] in before[name] for name in gone] == [True]
    assert "Deleting" in told


def test_a_token_survives_a_restart(tmp_path: Path, planted: Path) -> None:
    running = serve(tmp_path / "demo", "web", like=planted)
    person = running.endpoints["people"][0]

    def changes(server: Server, token: str) -> httpx.Response:
        body = (
            f'<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><prop><getetag/></prop></sync-collection>'
        )
        return httpx.request(
            "REPORT",
            f"{server.endpoints['carddav']['url']}{person['login']}/all/",
            content=body,
            auth=(person["login"], person["app_password"]),
            verify=server.tls,
        )

    first = changes(running, "")
    (token,) = re.findall("<sync-token>(.*)</sync-token>", first.text)
    assert first.text.count("<response>") > 200
    assert changes(running, "nonsense").status_code == 403
    running.kill()
    again = serve(tmp_path / "demo", "web", like=planted)
    second = changes(again, token)
    assert again.stop() == 0
    assert second.status_code == 207
    assert "<response>" not in second.text
    assert "Traceback" not in again.log()


def test_the_operator_exports_everybody(server: Server) -> None:
    vcards = iconet(server.data, "directory", "export")
    assert vcards.returncode == 0
    ldif = iconet(server.data, "directory", "export", "--format", "ldif").stdout
    assert vcards.stdout.count("BEGIN:VCARD") == ldif.count("\ndn: uid=") > 200
    assert ldif.startswith("version: 1\n\ndn: uid=")
