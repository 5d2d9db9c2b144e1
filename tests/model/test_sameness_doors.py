from __future__ import annotations

import json
import os
import random
import secrets
import time
from typing import TYPE_CHECKING

import pytest
import serving
from model_clients import Api, Talk, by_imap, by_portal, send
from model_oracle import Grant, Network, Official, Post, Room, Unit
from model_views import canaries, words
from model_worlds import MARKINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import Server

SEED = int(os.environ.get("ICONET_SAMENESS_SEED", secrets.randbits(32)))
ACTS = int(os.environ.get("ICONET_SAMENESS_ACTS", "8"))
CRAWL_EACH = 4
"""Acts from one crawl of the portal to the next."""
SETTLED_WITHIN = 10.0
ROOM = "return"
AMBER = 2
LABELS = sorted(set(MARKINGS) - {"TLP:RED"})


@pytest.fixture
def server(tmp_path: Path, planted: Path) -> Iterator[Server]:
    running = serving.start(tmp_path / "demo", like=planted)
    try:
        yield running
    finally:
        running.kill()


class Doors:
    """Four officials of the demo, and the oracle's network of them."""

    def __init__(self, server: Server) -> None:
        self.server = server
        people = server.endpoints["people"]
        members = [person for person in people if ROOM in person["areas"] and not person["roles"]]
        outsider = next(person for person in people if ROOM not in person["areas"] and not person["roles"])
        moderator = next(person for person in people if ROOM in person["areas"] and person["roles"] == ["moderator"])
        chosen = [members[0], members[-1], outsider, moderator]
        self.people = {person["login"]: person for person in chosen}
        self.member, self.leaver, self.moderator = members[0]["login"], members[-1]["login"], moderator["login"]
        self.model = self._network()
        self.talks = {login: Talk(server, person) for login, person in self.people.items()}
        self.room = self.talks[self.moderator].room(f"#{ROOM}:{server.endpoints['domain']}")

    def _network(self) -> Network:
        """Each in a unit of their own, competent for the areas that endpoints.json names."""
        roles = {login: {"reader", "poster", *person["roles"]} for login, person in self.people.items()}
        return Network(
            units={login: Unit(person["body"], set(person["areas"])) for login, person in self.people.items()},
            officials={login: Official(login) for login in self.people},
            rooms={area["code"]: Room(area["code"]) for area in self.server.endpoints["areas"]},
            now=1,
            grants=[
                Grant(login, role, area)
                for login, person in self.people.items()
                for area in person["areas"]
                for role in sorted(roles[login])
            ],
        )

    # ---- acts

    def post(self, author: str, label: str) -> None:
        canary = f"cnry{len(self.model.posts) + 1:04d}q"
        to = f"{ROOM}@{self.server.endpoints['domain']}"
        lines = (
            f"From: {self.people[author]['address']}",
            f"To: {to}",
            f"Subject: {label} subject {canary}",
            "Date: Sun, 22 Nov 2026 09:00:00 +0000",
            f"Message-ID: <{canary[4:8]}@client.test>",
            "",
            f"body {canary}",
            "",
        )
        taken = send(self.server, self.people[author], to, "\r\n".join(lines).encode())
        post = Post(
            canary, f"<{canary[4:8]}@client.test>", ROOM, author, self.model.body_of(author),
            max(AMBER, MARKINGS[label]), 0, "held",
        )  # fmt: skip
        may = self.model.may_post(author, ROOM)
        assert taken == may or (not taken and post.marking > AMBER), f"{author} posts: {taken}, oracle {may}"
        post.state = "held" if taken else "absent"
        self.model.posts.append(post)
        if taken and self.model.may_publish(author, ROOM):
            self.model.publish(post)

    def say(self, author: str, label: str) -> None:
        """As `post`, in the Matrix room; a strict label isn't for all who are there, and goes another way."""
        canary = f"cnry{len(self.model.posts) + 1:04d}q"
        known = self._message_ids()
        taken = self.talks[author].say(self.room, f"{label} subject {canary}\n\nbody {canary}")
        may, publishes = self.model.may_post(author, ROOM), self.model.may_publish(author, ROOM)
        strict = MARKINGS[label] > AMBER
        assert taken == (may and not (publishes and strict)) or (not taken and strict), f"{author} says: {taken}, {may}"
        name = self._new_name(known) if taken else ""
        post = Post(
            canary,
            name,
            ROOM,
            author,
            self.model.body_of(author),
            max(AMBER, MARKINGS[label]),
            0,
            "held" if taken else "absent",
        )
        self.model.posts.append(post)
        if taken and publishes:
            self.model.publish(post)

    def _message_ids(self) -> set[str]:
        listed = serving.iconet(self.server.data, "store", "ls", "--json")
        return {json.loads(line)["message_id"] for line in listed.stdout.splitlines()}

    def _new_name(self, known: set[str]) -> str:
        """The Message-ID that ICONet gave to what was said: a moment later, where it was said without waiting."""
        deadline = time.monotonic() + SETTLED_WITHIN
        while time.monotonic() < deadline:
            if new := self._message_ids() - known:
                return new.pop()
        pytest.fail("what was said in the room became no post")

    def decide(self, name: str, post: Post, word: str) -> None:
        status = Api(self.server, self.people[name]).decide(post.message_id, word)
        assert (status == 200) == self.model.may_moderate(name, post), f"{name}: {status} for {post}"
        if status == 200 and word == "approve":
            self.model.publish(post)
        elif status == 200:
            post.state = "refused"

    def withdraw(self, name: str, post: Post) -> None:
        status = Api(self.server, self.people[name]).withdraw(post.message_id)
        may = self.model.may_withdraw(name, post)
        due = 404 if not may else 409 if post.state == "refused" else 200
        assert status == due, f"{name}: {status} for {post}"
        if status == 200:
            post.state = "withdrawn"

    def off_board(self, name: str) -> None:
        done = serving.iconet(self.server.data, "off-board", name)
        assert done.returncode == 0, done.stderr
        self.model.off_board(name)

    # ---- views

    def differences(self, *, pages: bool) -> list[str]:
        """Of all; the portal's only if asked for, since a crawl takes a second or two."""
        return [difference for login in self.people for difference in self._of(login, pages=pages)]

    def _of(self, login: str, *, pages: bool) -> list[str]:
        """What is seen and shouldn't be fails at once; what is to come is waited for, since copies take a moment."""
        deadline = time.monotonic() + SETTLED_WITHIN
        while True:
            wrong = []
            for view, (got, due) in self._views(login, pages=pages).items():
                assert got <= due, f"{login} {view}: {set(got - due)} must not be seen"
                wrong += [f"{login} {view}: {set(due - got)} is missing"] if got != due else []
            if not wrong or time.monotonic() > deadline:
                return wrong

    def _views(self, login: str, *, pages: bool) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        model, person = self.model, self.people[login]
        listed = model.listed(login, ROOM)
        strong = model.listed(login, ROOM, strong=True)
        waiting = [
            post
            for post in model.posts
            if model.may_moderate(login, post, strong=True)
            or (post.author == login and model.may_read(login, post, strong=True))
        ]
        known = [post.canary for post in model.posts][-4:]
        api = Api(self.server, person)
        by_pages = {"portal": (canaries(by_portal(self.server, person)), words([*strong, *waiting]))} if pages else {}
        in_room = [post for post in model.posts if post.state == "published" and post.marking <= AMBER]
        return by_pages | {
            "matrix": (
                canaries(self.talks[login].everything([self.room])),
                words(in_room if model.sees_room(login, ROOM) else []),
            ),
            "imap": (canaries(by_imap(self.server, person, known)), words([*model.inbox(login), *listed])),
            "api held": (self._named(api), words(post for post in model.posts if model.may_moderate(login, post))),
            "api raw": (
                canaries(*(api.raw(post.message_id) for post in model.posts if post.message_id)),
                words(post for post in model.posts if model.may_read(login, post)),
            ),
        }

    def _named(self, api: Api) -> frozenset[str]:
        ids = {held["message_id"] for held in api.held()}
        return words(post for post in self.model.posts if post.message_id in ids)


def test_every_door_shows_what_the_oracle_says(server: Server) -> None:
    print(f"ICONET_SAMENESS_SEED={SEED}")
    doors, dice = Doors(server), random.Random(SEED)
    for number in range(ACTS):
        if number == ACTS * 2 // 3:
            doors.off_board(doors.leaver)
        held = [post for post in doors.model.posts if post.state == "held"]
        if held and dice.random() < 0.5:
            name = dice.choice([doors.moderator, doors.moderator, *doors.people])
            doors.decide(name, dice.choice(held), dice.choice(["approve", "approve", "refuse"]))
        else:
            present = [name for name in doors.people if doors.model.active(name)]
            dice.choice((doors.post, doors.say))(dice.choice(present), dice.choice(LABELS))
        differences = doors.differences(pages=number % CRAWL_EACH == CRAWL_EACH - 1)
        assert not differences, "\n".join(differences)
    if taken := [post for post in doors.model.posts if post.message_id and post.state != "absent"]:
        doors.withdraw(doors.member, taken[-1])
        doors.withdraw(doors.moderator, taken[-1])
        assert not (differences := doors.differences(pages=True)), "\n".join(differences)
    # whatever the dice made, there is something that all may see and something that they may not
    doors.post(doors.moderator, "TLP:AMBER")
    doors.say(doors.member, "TLP:AMBER")
    assert [post.state for post in doors.model.posts[-2:]] == ["published", "held"]
    assert not doors.differences(pages=True)
