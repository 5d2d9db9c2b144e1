"""Six open sessions of one official, each with a stop-watch: when it ended, and every octet with when it came.

Two IMAP clients in IDLE, a Matrix client that waits in /sync, a live page and a plain one of the portal, a mail client
that has signed in. Somebody else posts all the time, so that one message too many would be noticed.
"""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import httpx

from connectors.control import ask_server
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from serving import Server

DOORS = ("imap 1", "imap 2", "matrix", "live page", "page", "submission")
PATIENCE = 20.0
LONGEST = 120.0
"""Seconds that a client waits for an octet: longer than all that is timed here."""
READY_WITHIN = 40.0
PAUSE = 0.05


@dataclass
class Watch:
    """One session as its client saw it; times in microseconds, `ended` is 0 while it is open."""

    name: str
    heard: list[tuple[int, bytes]] = field(default_factory=list)
    ended: int = 0
    ready: threading.Event = field(default_factory=threading.Event)

    def hear(self, octets: bytes) -> None:
        self.heard.append((clock.now(), octets))

    def end(self) -> None:
        self.ended = self.ended or clock.now()


@dataclass
class Load:
    """Somebody who posts on and on: each post's words, when it was begun, and when it was acknowledged."""

    server: Server
    author: dict[str, Any]
    room: str
    sent: list[tuple[str, int, int]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    failed: list[Exception] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._thread.join()

    def _run(self) -> None:
        door, author = self.server.endpoints["submission"], self.author
        try:
            with smtplib.SMTP_SSL(door["host"], door["port"], timeout=PATIENCE, context=self.server.tls) as client:
                client.login(author["login"], author["app_password"])
                while not self.stopping.wait(PAUSE):
                    self._post(client)
        except (OSError, smtplib.SMTPException) as error:
            with self._news:
                self.failed.append(error)
                self._news.notify_all()

    def _post(self, client: smtplib.SMTP) -> None:
        words, begun = f"canary-{self.room}-{clock.now()}-x", clock.now()
        head = f"From: {self.author['address']}\r\nTo: {self.room}@iconet.test\r\nSubject: {words}\r\n"
        client.sendmail(self.author["address"], [f"{self.room}@iconet.test"], f"{head}\r\n{words}\r\n".encode())
        with self._news:
            self.sent.append((words, begun, clock.now()))
            self._news.notify_all()

    def once_more(self) -> None:
        """Return when one more post than now has been begun and acknowledged."""
        wanted = len(self.sent) + 2  # the next may have been begun before
        with self._news:
            assert self._news.wait_for(lambda: len(self.sent) >= wanted or self.failed, PATIENCE)

    def after(self, moment: int) -> Iterator[tuple[str, int]]:
        """What was begun later: its words, and when it was acknowledged."""
        return ((words, acknowledged) for words, begun, acknowledged in self.sent if begun > moment)


class Six:
    """The six sessions of a person, open in a room."""

    def __init__(self, server: Server, person: dict[str, Any], room: str) -> None:
        self.server, self.person, self.room = server, person, room
        self.watches = {name: Watch(name) for name in DOORS}
        self.failed: list[tuple[str, Exception]] = []
        self._between = threading.Event()
        works = (self._idle, self._idle, self._sync, self._live, self._page, self._submission)
        self._threads = [
            threading.Thread(target=self._guarded, args=(work, watch), daemon=True)
            for work, watch in zip(works, self.watches.values(), strict=True)
        ]

    def begin(self) -> None:
        """Have all of them open, some time soon."""
        for thread in self._threads:
            thread.start()

    def open(self) -> None:
        """Until all of them are."""
        for watch in self.watches.values():
            assert watch.ready.wait(READY_WITHIN), (watch.name, self.failed)

    def wait(self) -> None:
        """Until each of them has ended."""
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not self.failed, self.failed
        assert all(watch.ended for watch in self.watches.values()), [
            w.name for w in self.watches.values() if not w.ended
        ]

    def leaks(self, load: Load, left: int) -> list[tuple[str, str]]:
        """What came of posts that were begun after `left`: the session, and the words, or EXISTS of such a post."""
        found, later = [], list(load.after(left))
        for watch in self.watches.values():
            everything = b"".join(octets for _, octets in watch.heard)
            found += [(watch.name, words) for words, _ in later if words.encode() in everything]
            if later and watch.name.startswith("imap"):
                late = [octets for at, octets in watch.heard if at > later[0][1] and b"EXISTS" in octets]
                found += [(watch.name, "EXISTS") for _ in late]
        return found

    def _guarded(self, work: Any, watch: Watch) -> None:  # noqa: ANN401 -- one of the methods below
        try:
            work(watch)
        except Exception as error:  # noqa: BLE001 -- told by `wait`, in the test's own thread
            self.failed.append((watch.name, error))

    # ---- the clients

    def _connected(self, door: str) -> socket.socket:
        at = self.server.endpoints[door]
        plain = socket.create_connection((at["host"], at["port"]), timeout=LONGEST)
        return self.server.tls.wrap_socket(plain, server_hostname=at["host"])

    def _lines_to_the_end(self, file: Any, watch: Watch) -> None:  # noqa: ANN401 -- a socket's file
        watch.ready.set()
        while line := file.readline():
            watch.hear(line)
        watch.end()

    def _idle(self, watch: Watch) -> None:
        with self._connected("imap") as connection, connection.makefile("rwb", buffering=0) as file:
            file.readline()
            login, secret = self.person["login"], self.person["app_password"]
            for command in (f'a LOGIN {login} "{secret}"', f'b SELECT "Areas/{self.room}"', "c IDLE"):
                file.write(f"{command}\r\n".encode())
                tag = command[:1].encode() + b" "
                while not (line := file.readline()).startswith((tag, b"+ ")):
                    assert line, command
                assert not line.startswith((tag + b"NO", tag + b"BAD")), line
            self._lines_to_the_end(file, watch)

    def _submission(self, watch: Watch) -> None:
        with self._connected("submission") as connection, connection.makefile("rwb", buffering=0) as file:
            file.readline()
            file.write(b"EHLO client.test\r\n")
            while file.readline()[3:4] == b"-":
                pass
            secret = b64encode(f"\0{self.person['login']}\0{self.person['app_password']}".encode())
            file.write(b"AUTH PLAIN " + secret + b"\r\n")
            assert file.readline().startswith(b"235")
            self._lines_to_the_end(file, watch)

    def _sync(self, watch: Watch) -> None:
        words = {"type": "m.id.user", "user": self.person["login"]}
        form = {"type": "m.login.password", "identifier": words, "password": self.person["app_password"]}
        base = f"{self.server.endpoints['matrix']['url']}/_matrix/client/v3/"
        with httpx.Client(base_url=base, timeout=LONGEST) as client:
            token = client.post("login", json=form).raise_for_status().json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            since, rooms = "", {}
            while not rooms:
                answer = client.get("sync", params={"since": since} if since else {}).raise_for_status().json()
                since, rooms = answer["next_batch"], answer.get("rooms", {}).get("join", {})
            watch.ready.set()
            while True:
                answer = client.get("sync", params={"since": since, "timeout": "30000"})
                watch.hear(answer.content)
                if answer.status_code != 200:
                    break
                since = answer.json()["next_batch"]
            watch.end()

    def _sign_in(self, client: httpx.Client) -> None:
        url = str(client.base_url)
        page = client.get("/sign-in").text
        token = page.partition('name="form_token" value="')[2].partition('"')[0]
        form = {"login": self.person["login"], "password": self.person["password"], "form_token": token, "next": "/"}
        assert client.post("/sign-in", data=form, headers={"Origin": url.rstrip("/")}).status_code == 303

    def _browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.server.endpoints["web"]["url"], verify=self.server.tls, timeout=LONGEST)

    def _live(self, watch: Watch) -> None:
        with self._browser() as client:
            self._sign_in(client)
            with client.stream("GET", f"/rooms/{self.room}/live") as stream:
                assert stream.status_code == 200, stream.status_code
                watch.ready.set()
                for octets in stream.iter_raw():
                    watch.hear(octets)
            watch.end()

    def _page(self, watch: Watch) -> None:
        with self._browser() as client:
            self._sign_in(client)
            while (page := client.get(f"/rooms/{self.room}")).status_code in (200, 404):  # 404: the right went first
                watch.hear(page.content)
                watch.ready.set()
                self._between.wait(PAUSE)
            assert page.headers["location"].startswith("/sign-in")
            watch.end()


def who_may_leave(server: Server) -> list[dict[str, Any]]:
    """Everybody with a room, but moderators, who make the load, and those who may enter none."""
    kept = {"moderator", "directory-admin", "security-officer"}
    return [each for each in server.endpoints["people"] if each["areas"] and not kept & set(each["roles"])]


def by_area(people: Iterable[dict[str, Any]], most: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Areas with people in their rooms, at most so many at once."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for person in people:
        rooms.setdefault(person["areas"][0], []).append(person)
    for area, there in rooms.items():
        for first in range(0, len(there), most):
            yield area, there[first : first + most]


def off_board(server: Server, login: str) -> list[dict[str, Any]]:
    """As `iconet off-board` does: the rows of the answer; the first has `at`, when they left (microseconds)."""

    async def ask() -> list[dict[str, Any]]:
        return [dict(row) async for row in ask_server(server.data, "off-board", {"login": login})]

    return asyncio.run(ask())
