"""An area from its founding to a post taken back, on a running demo: command line, mail, IMAP, API and Matrix."""

from __future__ import annotations

import imaplib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import serving
from model_clients import Api, Talk, send
from model_demo import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from model_clients import Person
    from serving import Server

NAME = "<walk@client.test>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    running = serving.start(tmp_path_factory.mktemp("walk") / "demo", like=planted)
    try:
        yield running
    finally:
        running.kill()


def run(data: Path, *words: str) -> str:
    done = serving.iconet(data, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def mailbox(server: Server, person: Person) -> Iterator[imaplib.IMAP4_SSL]:
    door = server.endpoints["imap"]
    client = imaplib.IMAP4_SSL(door["host"], door["port"], ssl_context=server.tls, timeout=10)
    client.login(person["login"], person["app_password"])
    try:
        yield client
    finally:
        client.logout()


def test_an_area_from_founding_to_a_post_taken_back(server: Server) -> None:
    data = server.data
    person = server.who(area="return")
    assert any(line.startswith("return\t") for line in run(data, "area", "ls").splitlines())
    settings = ("--owner", "COM/home-c2", "--under", "return", "--moderated", "no")
    run(data, "room", "add", "return", "return-charter", "Charter flights", *settings, "--topic", "Joint flights")
    for right in ("reader", "poster"):
        whom = ("room", "allow", "return-charter", right, f"official:{person['login']}", "--reason", "walk")
        assert "holds" in run(data, *whom)
    assert f"{person['name']} may read" in run(data, "room", "access", "return-charter")
    assert "return/return/return-charter\topen\tCharter flights" in run(data, "room", "ls")
    raw = (
        f"From: {person['address']}\r\nTo: return-charter@iconet.test\r\nSubject: A flight\r\n"
        f"Date: Sun, 22 Nov 2026 09:00:00 +0000\r\nMessage-ID: {NAME}\r\n\r\nOn Monday.\r\n"
    )
    assert send(server, person, "return-charter@iconet.test", raw.encode())
    api = Api(server, person)
    with mailbox(server, person) as client:
        assert b'"Areas/return/return-charter"' in b"".join(
            line for line in client.list()[1] if isinstance(line, bytes)
        )
        assert client.select('"Areas/return/return-charter"')[1] == [b"1"]
        talk = Talk(server, person)
        until(lambda: "#return-charter:iconet.test" in talk.aliases(), "the room didn't come to Matrix")
        url = f"{api.url}/posts/{quote(NAME, safe='')}/withdraw"
        stranger = Api(server, server.who(area="", without="return"))
        assert stranger.client.post(url, json={}).status_code == 404
        for _ in range(2):
            answer = api.client.post(url, json={"reason": "mistaken"})
            assert (answer.status_code, answer.json()) == (200, {"message_id": NAME, "state": "withdrawn"})
        client.noop()
        assert client.response("EXPUNGE")[1] == [b"1"]
    assert api.client.get(f"{api.url}/posts/{quote(NAME, safe='')}/raw").status_code == 404
    listed = [json.loads(line) for line in run(data, "store", "ls", "--json").splitlines()]
    assert [post["state"] for post in listed if post["message_id"] == NAME] == ["withdrawn"]
    run(data, "room", "set", "return-charter", "--state", "archived")
    assert not send(server, person, "return-charter@iconet.test", raw.replace("walk@", "late@").encode())
    run(data, "check", "--json")


def test_what_is_typed_wrongly_is_said(server: Server) -> None:
    for words, said in {
        ("room", "set", "nothing", "--state", "closed"): "there is no area, room or body called nothing",
        ("room", "allow", "return", "reader", "body:XX", "--reason", "x"): "there is no 'XX'",
        ("room", "allow", "return", "reader", "everybody", "--reason", "x", "--until", "soon"): "is no day",
        ("area", "add", "Return", "Return", "--body", "COM"): "small letters",
        ("area", "add", "return", "Return", "--body", "COM"): "taken",
    }.items():
        done = serving.iconet(server.data, *words)
        code = 2 if "soon" in words else 1  # what no server has to be asked about
        assert (done.returncode, said in done.stderr) == (code, True), (words, done.stderr)
