"""PostgreSQL from end to end: the demo on it, then two processes that share it, each with some of the doors."""

from __future__ import annotations

import imaplib
import re
import time
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from clients import Api, everything_by_imap, mailbox, messages, send
from matrix_clients import Wire, element
from postgres_cluster import Cluster
from serving import Server, iconet, run
from sqlalchemy import make_url

from connectors.door_words import WAYS_IN
from groupware.backup.owned import Owned
from groupware.backup.postgres_copy import SortedCopying, restore
from groupware.backup.putting_back import put_back
from groupware.backup.sorting import Sorting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


CANARY = "canary-two-houses"
AT_MOST = 2.0
"""Seconds from an off-boarding to the last door of either process."""
PATIENCE = 15.0
MAIL, REST = ("submission", "imap"), ("web", "matrix")


@pytest.fixture(scope="module")
def config(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """ICONet's settings, with a cluster for it and one for the homeserver."""
    home = tmp_path_factory.mktemp("two")
    other = Cluster(cluster.programs)
    try:
        other.start()
        with cluster.database() as url, other.database() as homeserver:
            store = url.replace("postgresql://", "postgresql+psycopg://")
            file = home / "iconet.toml"
            file.write_text(f'store = "{store}"\ndata = "{home / "data"}"\n[matrix]\nstore = "{homeserver}"\n')
            yield file
    finally:
        other.stop()


@pytest.fixture(scope="module")
def demo(config: Path) -> dict[str, Any]:
    """What the demo says of its people, once it has run on this PostgreSQL and been stopped."""
    seeded = served(config, "demo", "demo")
    assert seeded.stop() == 0
    return seeded.endpoints


@dataclass
class Pair:
    """Two processes, each told of the whole: the mail doors in one, the rest in the other."""

    config: Path
    people: Any
    mail: Server
    rest: Server

    def begin_again(self) -> None:
        """Start the rest once more."""
        self.rest = served(self.config, f"part-{REST[0]}", "serve", *REST)
        self.tell()

    def tell(self) -> None:
        whole = {**self.mail.endpoints, **self.rest.endpoints, "people": self.people}
        self.mail.endpoints = self.rest.endpoints = whole


@pytest.fixture(scope="module")
def pair(config: Path, demo: dict[str, Any]) -> Iterator[Pair]:
    mail, rest = (served(config, f"part-{doors[0]}", "serve", *doors) for doors in (MAIL, REST))
    mail.endpoints = {**demo, **mail.endpoints}
    pair = Pair(config, demo["people"], mail, rest)
    pair.tell()
    yield pair
    assert [server.stop() for server in (pair.mail, pair.rest)] == [0, 0]
    assert "Traceback" not in pair.mail.log()


def served(config: Path, name: str, *words: str) -> Server:
    return run(config.parent / "data", config.parent / f"{name}.json", *words, "--config", str(config))


def post(author: dict[str, Any], number: int) -> bytes:
    lines = (
        f"From: {author['address']}",
        "To: return@iconet.test",
        f"Subject: {CANARY} {number}",
        f"Message-ID: <two.{number}@client.test>",
        "Date: Sun, 22 Nov 2026 09:00:00 +0000",
        "",
        f"{CANARY} body {number}",
        "",
    )
    return "\r\n".join(lines).encode()


def arrived(server: Server, person: dict[str, Any], number: int) -> bool:
    """Whether the post is in the INBOX within the time that a test has."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if any(f"{CANARY} body {number}".encode() in raw for raw in messages(server, person, "INBOX")):
            return True
    return False


def approve(server: Server, moderator: dict[str, Any], number: int) -> int:
    """Decide as soon as the queue shows it."""
    api, name = Api(server, moderator), f"<two.{number}@client.test>"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for held in api.held():
            if held["message_id"] == name:
                return api.decide(held["id"], "approve")
    return 0


def room_of(server: Server, person: dict[str, Any]) -> str:
    """The name of the area's Matrix room."""
    wire = Wire(server, person)
    return str(wire.get(f"v3/rooms/{wire.room('#return:iconet.test')}/state/m.room.name").json()["name"])


def hung_up(client: imaplib.IMAP4_SSL) -> bool:
    """Whether the server ends the session within the time that a test has."""
    deadline = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline:
            client.noop()
    except client.abort:
        return True
    return False


def test_a_post_goes_its_way_through_both(pair: Pair) -> None:
    mail, rest = pair.mail, pair.rest
    author, member = mail.who(area="return"), mail.who(area="return", without="alert")
    moderator, outsider = mail.who(area="return", role="moderator"), mail.who(area="", without="return")
    send(mail, author, "return@iconet.test", post(author, 1))
    assert approve(rest, moderator, 1) == 200
    assert arrived(mail, member, 1)
    assert CANARY.encode() not in everything_by_imap(mail, outsider, CANARY)
    with element(rest, member) as client, element(rest, author) as other:
        room = room_of(rest, member)
        assert client.hears(room, f"{CANARY} body 1")["sender"] == author["matrix_id"]
        client.do("say", room=room, body=f"{CANARY}\n\n{CANARY} body 9")
        assert other.hears(room, "awaits moderation, no.")["sender"] == member["matrix_id"]


def test_either_may_be_killed_and_nothing_waits_for_it(pair: Pair) -> None:
    mail = pair.mail
    author, member = mail.who(area="return"), mail.who(area="return", without="alert")
    moderator = mail.who(area="return", role="moderator")
    pair.rest.kill()
    send(mail, author, "return@iconet.test", post(author, 2))
    pair.begin_again()
    assert approve(pair.rest, moderator, 2) == 200
    assert arrived(mail, member, 2)


def test_a_command_asks_whichever_runs_and_ends_the_sessions_of_both(pair: Pair) -> None:
    mail = pair.mail
    leaver = mail.who(area="return", without="travel")
    with suppress(OSError, ValueError, imaplib.IMAP4.abort), mailbox(mail, leaver) as client:
        client.select("INBOX")
        told = iconet(mail.data, "off-board", leaver["login"], config=mail.data.parent / "iconet.toml")
        assert told.returncode == 0, told.stderr
        closed = re.findall(r"(?m)^(\S.*?) +([0-9]+) closed +after ([0-9.]+) s$", told.stdout)
        names = {way: door for door, way in WAYS_IN.items()}
        counts = {names[way]: int(count) for way, count, _ in closed}
        del counts["matrix"]  # as many clients as other tests signed in for them and left so
        assert counts == {"imap": 1, **dict.fromkeys(("submission", "portal", "api", "carddav", "scim"), 0)}
        assert all(float(after) <= AT_MOST for _, _, after in closed), closed
        assert hung_up(client)
    checked = iconet(mail.data, "check", "--json", config=mail.data.parent / "iconet.toml")
    assert checked.returncode == 0, checked.stdout
    assert not re.search(r'"fault"', checked.stdout)


@pytest.mark.usefixtures("pair")
def test_the_same_doors_are_not_served_twice(config: Path) -> None:
    with pytest.raises(AssertionError, match="in use by another ICONet"):
        served(config, "again", "serve", *REST)


@pytest.mark.usefixtures("pair")
def test_the_homeserver_s_copy_has_no_text_until_it_is_put_back(config: Path, tmp_path: Path) -> None:
    """As a sealed backup has it; what is redacted doesn't come back."""
    url = tomllib.loads(config.read_text())["matrix"]["store"]
    sorting = Sorting(tmp_path / "texts")
    sorting.owned = Owned({}, {}, {}, 0, ["9999-12"], "0000-00", "9999-12")
    copying = SortedCopying(url, tmp_path / "copy", sorting)
    try:
        copying.copy([].append)
    finally:
        copying.close()
    other = make_url(url).set(database="copied").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as at:
        at.execute("CREATE DATABASE copied TEMPLATE template0")
        redacted = {each for row in at.execute("SELECT event_id, redacts FROM redactions") for each in row}
    restore(other, tmp_path / "copy")
    assert CANARY not in str(said_at(other))
    assert put_back(other, tmp_path / "texts") > 0
    was, back = said_at(url), said_at(other)
    assert CANARY in str(back)
    assert {event for event, text in back.items() if was[event] != text} <= redacted


def said_at(url: str) -> dict[str, str]:
    with psycopg.connect(url) as at:
        return dict(at.execute("SELECT event_id, json FROM event_json").fetchall())
