"""A demo that is used is backed up while posts come in by mail and in Matrix, restored elsewhere and served."""

from __future__ import annotations

import imaplib
import itertools
import json
import re
import shutil
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import serving

from connectors.backup_questions import HOMESERVER, SINCE
from groupware import clock
from groupware.audit.keys import signing_key
from groupware.backup import manifest, restoring
from groupware.backup.told import File, Line, What
from groupware.retention.classes import DAY
from groupware.sealing import pieces
from groupware.sealing.keys import LENGTH, NONCE
from groupware.sealing.pieces import TAG
from groupware.sealing.seals import OVERHEAD, month
from groupware.store.sqlite import DATABASE

if TYPE_CHECKING:
    from pathlib import Path

    from serving import Server

PATIENCE = 30.0
TOKEN = "SELECT post.token FROM post JOIN rendering ON rendering.id = post.rendering WHERE rendering.message_id = ?"
SAYING = "SELECT json FROM event_json"
WORDS = re.compile(r"night watch (?:mail|chat) \d+")


class Watch:
    """Somebody who moderates an area posts into its room, by both ways."""

    def __init__(self, server: Server, area: str, first: int = 1) -> None:
        self._server, self.area = server, area
        self.person = server.who(area=area, role="moderator")
        self._numbers = itertools.count(first)
        self.said: list[str] = []
        self.canary, self.media = f"canary-file-{area}", ""
        self._http = httpx.Client(base_url=server.endpoints["matrix"]["url"], timeout=PATIENCE)
        user = {"type": "m.id.user", "user": self.person["login"]}
        words = {"type": "m.login.password", "identifier": user, "password": self.person["app_password"]}
        token = self._http.post("/_matrix/client/v3/login", json=words).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        alias = next(each["room_alias"] for each in server.endpoints["areas"] if each["code"] == area)
        self._room = quote(self._http.get(f"/_matrix/client/v3/directory/room/{quote(alias)}").json()["room_id"])

    def go_on_from(self, other: Watch) -> None:
        """Give no number that another has given."""
        self._numbers = itertools.count(len(other.said) + 100)

    def mail(self) -> None:
        door, number = self._server.endpoints["submission"], next(self._numbers)
        words, domain = f"night watch mail {number}", self._server.endpoints["domain"]
        lines = (
            f"From: <{self.person['address']}>",
            f"To: <{self.area}@{domain}>",
            "Subject: Watch",
            f"Message-ID: <{number}.watch@client.test>",
            "",
            words,
        )
        with smtplib.SMTP_SSL(door["host"], door["port"], context=self._server.tls) as smtp:
            smtp.login(self.person["login"], self.person["app_password"])
            smtp.sendmail(
                self.person["address"], [f"{self.area}@{self._server.endpoints['domain']}"], "\r\n".join(lines)
            )
        self.said.append(words)

    def chat(self) -> None:
        number = next(self._numbers)
        words = f"night watch chat {number}"
        path = f"/_matrix/client/v3/rooms/{self._room}/send/m.room.message/{number}"
        answer = self._http.put(path, json={"msgtype": "m.text", "body": words})
        answer.raise_for_status()
        self.said.append(words)

    def file(self) -> None:
        """Hand a file in, which awaits ICONet's word before it is in the room."""
        name = f"{self.canary}.txt"
        answer = self._http.post("/_matrix/media/v3/upload", params={"filename": name}, content=self.canary.encode())
        url = str(answer.json()["content_uri"])
        path = f"/_matrix/client/v3/rooms/{self._room}/send/m.room.message/file"
        told = self._http.put(path, json={"msgtype": "m.file", "body": name, "filename": name, "url": url})
        told.raise_for_status()
        self.media = url.rpartition("/")[2]

    def answer_for(self, media: str) -> tuple[int, bytes]:
        """The homeserver's, to whoever wants a file."""
        answer = self._http.get(f"/_matrix/client/v1/media/download/{self._server.endpoints['domain']}/{media}")
        return answer.status_code, answer.content

    def finds(self, words: str) -> bool:
        """Whether the homeserver's search does, in the end."""
        body = {"search_categories": {"room_events": {"search_term": words}}}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self._http.post("/_matrix/client/v3/search", json=body).json()["search_categories"]["room_events"]
            if found["count"]:
                return True
            time.sleep(0.2)
        return False

    def in_the_folder(self) -> Counter[str]:
        """What IMAP has of it."""
        door = self._server.endpoints["imap"]
        with imaplib.IMAP4_SSL(door["host"], door["port"], ssl_context=self._server.tls) as imap:
            imap.login(self.person["login"], self.person["app_password"])
            imap.select(f"Areas/{self.area}", readonly=True)
            _, found = imap.uid("FETCH", "1:*", "(BODY.PEEK[TEXT])")
        return Counter(words for part in found if isinstance(part, tuple) for words in WORDS.findall(part[1].decode()))

    def in_the_room(self) -> Counter[str]:
        """What Matrix has of it."""
        page = self._http.get(f"/_matrix/client/v3/rooms/{self._room}/messages", params={"dir": "b", "limit": 500})
        events: list[dict[str, Any]] = page.json()["chunk"]
        return Counter(words for each in events for words in WORDS.findall(str(each["content"].get("body", ""))))

    def settled(self) -> Counter[str]:
        """What stands in folder and room, once they say the same, for some time if they don't."""
        deadline = time.monotonic() + PATIENCE
        while (folder := self.in_the_folder()) != self.in_the_room() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert folder == self.in_the_room()
        return folder


def begin(tmp_path: Path, name: str) -> tuple[Path, Path]:
    """A data directory and its settings, with secrecy at rest."""
    data, config = tmp_path / name, tmp_path / f"{name}.toml"
    config.write_text(f"data = {json.dumps(str(data))}\n[secrecy]\nkeys = {json.dumps(str(tmp_path / 'keys'))}\n")
    return data, config


def serve(data: Path, config: Path) -> Server:
    return serving.run(data, data / "endpoints.json", "demo", "--config", str(config))


def backed_up_while(watch: Watch, target: Path, config: Path) -> None:
    """Take a backup while `watch` goes on; one that comes before all is sealed is refused."""
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            with suppress(httpx.HTTPError, smtplib.SMTPException):
                watch.mail()
                watch.chat()

    busy = threading.Thread(target=go_on)
    busy.start()
    command = [sys.executable, "-m", "connectors.cli", "backup", str(target), "--config", str(config)]
    deadline = time.monotonic() + PATIENCE
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        while "still in clear" in done.stderr and time.monotonic() < deadline:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        over.set()
        busy.join(PATIENCE)
    assert done.returncode == 0, done.stderr


def unsealed(backup: Path, keys: Path) -> bytes:
    """Every byte of a backup that anybody can read who has these keys."""
    found = restoring.verified(backup)
    opener = restoring.opener(found, keys)
    assert opener is not None
    octets = []
    for entry in found.files:
        with (backup / entry.path).open("rb") as file:
            key = opener.own(entry, file.read(NONCE + LENGTH + TAG + (OVERHEAD if entry.period else 0)))
            octets.append(file.read() if key is None else b"".join(pieces.opened(key, file)))
    return b"".join(octets)


def hits(octets: bytes, watch: Watch) -> list[int]:
    """How often there is what was said in the room by chat, and in the file."""
    return [octets.count(words.encode()) for words in (watch.said[1], watch.canary)]


def rows(database: Path, statement: str, *values: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as at:
        return at.execute(statement, values).fetchall()


def look_through(data: Path, config: Path) -> None:
    """Rows, bytes, log and keys are as they must be."""
    checked = serving.iconet(data, "check", "--json", config=config)
    assert json.loads(checked.stdout)["faults"] == []
    verified = serving.iconet(data, "audit", "verify", config=config)
    assert verified.returncode == 0, verified.stdout
    status = serving.iconet(data, "secrecy", "status", config=config)
    assert status.returncode == 0
    assert "0 contents in clear" in status.stdout


def backed_up(tmp_path: Path, data: Path, config: Path) -> tuple[Watch, Watch, set[str], str]:
    """Two rooms of different periods, what was in the first before the backup, and the period destroyed after it."""
    server = serve(data, config)
    try:
        area, other = (server.endpoints["areas"][at]["code"] for at in (0, 1))
        serving.iconet(data, "retention", "set", "brief", "40d", config=config)
        changed = serving.iconet(data, "room", "set", other, "--retention", "brief", config=config)
        assert changed.returncode == 0, changed.stderr
        watch, brief = Watch(server, area), Watch(server, other, first=7001)
        for each in (watch, brief):
            each.mail()
            each.chat()
            each.file()
        before = set(watch.settled())
        assert set(brief.settled()) == set(brief.said)
        backed_up_while(watch, tmp_path / "backup", config)
        again = serving.iconet(data, "backup", str(tmp_path / "backup"), config=config)
        assert (again.returncode, "not an empty folder" in again.stderr) == (1, True)
        assert all(hits(unsealed(tmp_path / "backup", tmp_path / "keys"), brief))
        period = month(clock.now() + 40 * DAY)
        destroyed = serving.iconet(data, "secrecy", "destroy", period, "--yes", config=config)
        assert destroyed.returncode == 0, destroyed.stderr
    finally:
        assert server.stop() == 0
    return watch, brief, before, period


def test_a_backup_taken_beside_a_busy_server_is_the_same_network(synapse: str, tmp_path: Path, planted: Path) -> None:
    """But for what is of a period whose key was destroyed since: it is nowhere in the backup."""
    assert synapse
    data, config = begin(tmp_path, "one")
    shutil.copytree(planted, data)
    watch, brief, before, period = backed_up(tmp_path, data, config)
    octets = unsealed(tmp_path / "backup", tmp_path / "keys")
    assert hits(octets, brief) == [0, 0]
    assert all(hits(octets, watch))
    ((token,),) = rows(data / DATABASE, TOKEN, "<1.watch@client.test>")
    since = File(tmp_path / "keys" / SINCE, manifest.read(tmp_path / "backup").domain, signing_key(data))
    assert since.append([Line(What.ERASED, token, clock.now())])

    other, settings = begin(tmp_path, "two")
    restored = serving.iconet(other, "restore", str(tmp_path / "backup"), config=settings)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert f"the key of period {period} was destroyed" in restored.stdout
    assert "1 posts are erased again" in restored.stdout
    texts = str(rows(other / HOMESERVER, SAYING))
    assert [len(re.findall(rf"{words}(?!\d)", texts)) for words in watch.said[:2]] == [0, 1]
    back = serve(other, settings)
    try:
        after, gone = Watch(back, watch.area), Watch(back, brief.area)
        assert after.person["app_password"] == watch.person["app_password"]
        found = after.settled()
        assert before - set(found) == {watch.said[0]}
        assert set(found) <= set(watch.said)
        assert set(found.values()) == {1}
        assert gone.settled() == Counter()
        assert gone.answer_for(brief.media)[0] == HTTPStatus.NOT_FOUND
        assert after.answer_for(watch.media) == (HTTPStatus.OK, watch.canary.encode())
        assert after.finds(watch.said[1])
        after.go_on_from(watch)
        after.mail()
        after.chat()
        assert after.settled().total() == found.total() + 2
        look_through(other, settings)
    finally:
        back.stop()
