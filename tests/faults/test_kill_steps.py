"""kill -9 of ICONet or of its homeserver between any two steps of a post's way: it arrives once, everywhere."""

from __future__ import annotations

import imaplib
import json
import os
import random
import shutil
import smtplib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest
import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serving import Server

PROGRAM = str(Path(__file__).with_name("stepping.py"))
SEED = int(os.environ.get("ICONET_STEPS_SEED", random.randrange(2**32)))
ROUNDS = 2
"""Of each of the two; `make soak` takes every step."""
PATIENCE = 60.0
ROOM = "return"
AWAY = (OSError, httpx.HTTPError, smtplib.SMTPException, imaplib.IMAP4.error, LookupError)
"""How a client notices that somebody isn't there. LookupError: not there yet."""
T = TypeVar("T")


class House:
    """A demo that is started again whenever it has been killed, and clients that don't give up."""

    def __init__(self, data: Path) -> None:
        self.data, self.order = data, data.parent / "order"
        self.server = self._started()
        self.tokens: dict[str, str] = {}

    def meet(self) -> None:
        """Find out who plays, and sign them in."""
        self.member = next(p for p in self.people if ROOM in p["areas"] and not p["roles"])
        self.moderator = self.server.who(area=ROOM, role="moderator")
        self.tokens = {person["login"]: self._token(person) for person in (self.member, self.moderator)}
        self.room = self._room()

    @property
    def people(self) -> list[dict[str, Any]]:
        return list(self.server.endpoints["people"])

    def _started(self) -> Server:
        program = (sys.executable, PROGRAM, str(self.order))
        return serving.run(self.data, self.data / "endpoints.json", "demo", "--data", str(self.data), program=program)

    def insist(self, act: Callable[[], T]) -> T:
        """Its answer, however often it takes; who was killed is started again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return act()
            except AWAY:
                if time.monotonic() > deadline:
                    raise
                if self.server.process.poll() is not None:
                    self.server = self._started()

    # ---- Matrix

    def matrix(self, person: dict[str, Any]) -> httpx.Client:
        url = f"{self.server.endpoints['matrix']['url']}/_matrix/client/v3/"
        return httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {self.tokens[person['login']]}"}, timeout=5
        )

    def _token(self, person: dict[str, Any]) -> str:
        who = {"type": "m.id.user", "user": person["login"]}
        form = {"type": "m.login.password", "identifier": who, "password": person["app_password"]}
        url = f"{self.server.endpoints['matrix']['url']}/_matrix/client/v3/login"
        return str(httpx.post(url, json=form, timeout=20).raise_for_status().json()["access_token"])

    def _room(self) -> str:
        alias = f"%23{ROOM}:{self.server.endpoints['domain']}"
        with self.matrix(self.member) as client:
            return str(client.get(f"directory/room/{alias}").raise_for_status().json()["room_id"])

    def say(self, name: str, words: str) -> None:
        said = {"msgtype": "m.text", "body": words}
        with self.matrix(self.member) as client:
            client.put(f"rooms/{self.room}/send/m.room.message/{name}", json=said).raise_for_status()

    def heard(self) -> list[dict[str, Any]]:
        """What stands in the room, without what was taken back."""
        with self.matrix(self.member) as client:
            page = client.get(f"rooms/{self.room}/messages", params={"dir": "b", "limit": "200"})
        chunk = page.raise_for_status().json()["chunk"]
        return [event for event in chunk if event["type"] == "m.room.message" and event["content"]]

    # ---- the other doors

    def mail(self, name: str, words: str) -> None:
        door, author = self.server.endpoints["submission"], self.moderator
        to = f"{ROOM}@{self.server.endpoints['domain']}"
        head = f"From: {author['address']}\r\nTo: {to}\r\nSubject: steps\r\nMessage-ID: <{name}@client.test>\r\n"
        with smtplib.SMTP_SSL(door["host"], door["port"], timeout=5, context=self.server.tls) as client:
            client.login(author["login"], author["app_password"])
            date = "Date: Sun, 22 Nov 2026 09:00:00 +0000\r\n"
            client.sendmail(author["address"], [to], f"{head}{date}\r\n{words}\r\n".encode())

    def approve(self, words: str) -> None:
        """Decide on what holds these words; LookupError while it isn't there."""
        url, auth = self.server.endpoints["api"]["url"], (self.moderator["login"], self.moderator["app_password"])
        with httpx.Client(base_url=url, auth=auth, verify=self.server.tls, timeout=5) as client:
            for held in client.get("/held").raise_for_status().json():
                if words in client.get(f"/posts/{held['message_id']}/raw").raise_for_status().text:
                    answer = client.post(f"/held/{held['id']}", json={"decision": "approve", "reason": ""})
                    assert answer.status_code in (200, 409), answer.text
                    return
        if not any(words in event["content"].get("body", "") for event in self.heard()):
            raise LookupError(words)  # else the answer to an earlier approval was lost

    def inbox(self) -> list[bytes]:
        door = self.server.endpoints["imap"]
        with imaplib.IMAP4_SSL(door["host"], door["port"], ssl_context=self.server.tls, timeout=5) as client:
            client.login(self.member["login"], self.member["app_password"])
            client.select("INBOX", readonly=True)
            found = client.fetch("1:*", "(BODY.PEEK[])")[1]
        return [part[1] for part in found if isinstance(part, tuple)]

    # ---- a post's way

    def walk(self, number: int) -> None:
        """One post from the room and one by mail; then each stands once, everywhere."""
        spoken, written = f"canary-spoken-{number}-x", f"canary-written-{number}-x"
        self.insist(lambda: self.say(f"steps{number}", spoken))
        self.insist(lambda: self.approve(spoken))
        self.insist(lambda: self.mail(f"steps{number}", written))
        self.insist(lambda: self.arrived(spoken, written))
        events = self.insist(self.heard)
        for words, author in ((spoken, self.member), (written, self.moderator)):
            shown = [event for event in events if words in event["content"].get("body", "")]
            assert [event["sender"] for event in shown] == [author["matrix_id"]], words
            assert sum(words.encode() in raw for raw in self.insist(self.inbox)) == 1, words

    def arrived(self, *canaries: str) -> None:
        """Raises LookupError until all of them are everywhere, and no notice waits any more."""
        said = json.dumps(self.heard())
        got = b"".join(self.inbox()).decode(errors="replace")
        late = [words for words in canaries if words not in said or words not in got]
        if late or "awaits moderation" in said:
            raise LookupError(*late)

    def give(self, order: str) -> None:
        """See stepping.py: whole or not at all, for it is read all the time."""
        draft = self.order.with_suffix(".new")
        draft.write_text(order)
        draft.replace(self.order)

    def steps(self) -> int:
        """How many there were since the order was given."""
        return int(self.order.with_suffix(".steps").read_text())


@pytest.fixture
def house(tmp_path: Path, planted: Path) -> Iterator[House]:
    shutil.copytree(planted, tmp_path / "demo")
    made = House(tmp_path / "demo")
    try:
        made.meet()
        yield made
    finally:
        print(made.server.log()[-5000:])
        made.server.process.kill()
        made.server.process.wait()


def test_a_post_arrives_once_whoever_is_killed_at_whatever_step(house: House) -> None:
    print(f"ICONET_STEPS_SEED={SEED}")
    house.walk(-1)  # the first walk meets what a start leaves to do
    house.give("nobody 0")
    house.walk(0)
    steps = range(1, house.steps() + 1)
    dice = random.Random(SEED)
    each = list(steps) if os.environ.get("ICONET_SOAK") else sorted(dice.sample(steps, ROUNDS))
    rounds = [(whom, step) for whom in ("iconet", "homeserver") for step in each]
    for number, (whom, step) in enumerate(rounds, 1):
        print(f"{whom} killed at step {step} of {len(steps)}")
        house.give(f"{whom} {step}")
        house.walk(number)
    house.order.unlink(missing_ok=True)
    checked = serving.iconet(house.data, "check", "--json")
    assert checked.returncode == 0, checked.stdout
