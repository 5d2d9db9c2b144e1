"""T3: officials of a running demo, what they do through its doors, and beside it the oracle's network."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import model_mistaken
import pytest
import serving
from model_clients import Api, Browser, Cards, Mailbox, Scim, Talk, Tree, refusal
from model_oracle import Grant, Network, Official, Post, Release, Room, Unit, Word
from model_worlds import MARKINGS

from connectors.control import ask_server
from connectors.demo import town

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from model_clients import Person
    from model_oracle_beside import Booking
    from serving import Server

    from groupware.demo_town import Body
    from groupware.demo_town import Unit as OfTown

SETTLED_WITHIN = 30.0
ROOM = "return"
SPOKEN_FOR = "EST"
"""The body of which somebody may say its word about releases."""
AMBER = 2
OF_A_BODY = ("contact-point", "deputy", "directory-admin", "security-officer")
OFFICERS = ("marek.hlinkovsky", "elodie.marchandeau")
"""Of the moderator's body: one is its security officer; the other becomes one, since to lift a hold takes two."""


class Clients:
    """One official's programs, all of them signed in once."""

    def __init__(self, server: Server, person: Person) -> None:
        self.api = Api(server, person)
        self.mailbox = Mailbox(server, person)
        self.browser = Browser(server, person)
        self.tree = Tree(server, person)
        self.cards = Cards(server, person)
        self.talk = Talk(server, person)


class Doors:
    """Five officials of the demo, and the oracle's network of them."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.scim = Scim(server)
        self.people = self._chosen(server.endpoints["people"])
        self.officers = {login: server.person(login) for login in OFFICERS}
        self.model = self._network()
        self.clients = {login: Clients(server, person) for login, person in self.people.items()}
        self.watching = {login: Browser(server, person) for login, person in self.officers.items()}
        aliases = self.clients[self.speaker].talk.aliases()
        self.rooms = {code: aliases[f"#{code}:{server.endpoints['domain']}"] for code in self.model.rooms}
        self.room = self.rooms[ROOM]
        self.canaries: dict[Release, str] = {}
        self.numbers: dict[Release, int] = {}
        self.booked: dict[tuple[str, datetime], Booking] = {}
        self.announced: dict[str, frozenset[str]] = {}
        """What the rooms are told of bookings, and which rooms."""
        self.brief: set[Post] = set()
        """Posts that are to be kept for a short time."""
        self.briefly = False
        """What is handed in now is."""
        self.count = 0
        self.whole = False
        """Whether views take all that a door has, and not only what is searched for."""
        self.refusals = b""
        """All that submission has said to somebody whose message it didn't take, but for what they had sent."""

    def _chosen(self, people: list[Person]) -> dict[str, Person]:
        """Two members, one of whom is to leave; an outsider; a moderator, and who speaks for the first's body."""
        members = [one for one in people if ROOM in one["areas"] and not one["roles"]]
        others = [one for one in people if one["areas"] and ROOM not in one["areas"]]
        first = next(one for one in members if one["body"] == SPOKEN_FOR)
        of_scim = self.scim.finds(one["login"] for one in others)
        outsider = next(one for one in others if one["login"] in of_scim)
        moderator = next(one for one in people if ROOM in one["areas"] and one["roles"] == ["moderator"])
        speaker = next(one for one in people if one["body"] == SPOKEN_FOR and one["roles"] == ["contact-point"])
        self.member, self.leaver, self.outsider = first["login"], members[-1]["login"], outsider["login"]
        self.moderator, self.speaker = moderator["login"], speaker["login"]
        self.scims_body = outsider["body"]
        return {one["login"]: one for one in (first, members[-1], outsider, moderator, speaker)}

    def _network(self) -> Network:
        """Each in the unit of theirs, which is competent for the areas that endpoints.json names."""
        everybody = (self.people | self.officers).items()
        units = {_unit(body.code, each.name): _planted(body, each) for body in town().bodies for each in body.units}
        for person in self.people.values():
            units[_unit(person["body"], person["unit"])].competences |= {*person["areas"]}
        access = [(login, area) for login, person in self.people.items() for area in person["areas"]]
        return Network(
            units=units,
            officials={login: Official(_unit(one["body"], one["unit"])) for login, one in everybody},
            rooms={area["code"]: Room(area["code"]) for area in self.server.endpoints["areas"]},
            resources={each["address"]: each["areas"] for each in self.server.endpoints["resources"]},
            now=1,
            grants=[
                *(Grant(login, role, area) for login, area in access for role in ("reader", "poster")),
                *(Grant(login, role, area) for login, area in access for role in self.people[login]["roles"]),
                *(Grant(login, role, one["body"]) for login, one in self.people.items() for role in one["roles"]),
                *(Grant(login, "security-officer", one["body"]) for login, one in self.officers.items()),
            ],
        )

    def canary(self) -> str:
        """A word that was never used."""
        self.count += 1
        return f"cnry{self.count:04d}q"

    # ---- posts

    def post(self, author: str, label: str) -> None:
        """By mail."""
        canary, to = self.canary(), f"{ROOM}@{self.server.endpoints['domain']}"
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
        said = refusal(self.server, self.people[author], "\r\n".join(lines).encode(), to)
        post = self.as_post(author, label, canary, f"<{canary[4:8]}@client.test>")
        may = self.model.may_post(author, ROOM)
        assert (not said) == may or (said and post.marking > AMBER), f"{author} posts: {said!r}, oracle {may}"
        self.refusals += said
        self.keep(post, taken=not said)

    def say(self, author: str, label: str) -> None:
        """As `post`, in the Matrix room; a strict label isn't for all who are there, and goes another way."""
        canary, known = self.canary(), self._message_ids()
        taken = self.clients[author].talk.say(self.room, f"{label} subject {canary}\n\nbody {canary}")
        may, publishes = self.model.may_post(author, ROOM), self.model.may_publish(author, ROOM)
        strict = MARKINGS[label] > AMBER
        assert taken == (may and not (publishes and strict)) or (not taken and strict), f"{author} says: {taken}, {may}"
        self.keep(self.as_post(author, label, canary, self._new_name(known) if taken else ""), taken=taken)

    def as_post(self, author: str, label: str, canary: str, name: str) -> Post:
        """What somebody hands in, in the oracle's words."""
        return Post(
            canary,
            name,
            ROOM,
            author,
            self.model.body_of(author),
            max(AMBER, MARKINGS[label]),
            handling=0,
            state="held",
        )

    def keep(self, post: Post, *, taken: bool) -> None:
        """Whether it was taken or not."""
        post.state = "held" if taken else "absent"
        self.model.posts.append(post)
        self.brief |= {post} if self.briefly else set()
        if taken and self.model.may_publish(post.author, ROOM):
            self.model.publish(post)

    def _message_ids(self) -> set[str]:
        return {row["message_id"] for row in self.operator("store-ls")}

    def _new_name(self, known: set[str]) -> str:
        """The Message-ID that ICONet gave to what was said: a moment later, where it was said without waiting."""
        return until(lambda: self._message_ids() - known, "what was said in the room became no post").pop()

    def decide(self, name: str, post: Post, word: str) -> None:
        """Approve or refuse, by the API."""
        status = self.clients[name].api.decide(post.message_id, word)
        assert (status == 200) == self.model.may_moderate(name, post), f"{name}: {status} for {post}"
        if status == 200 and word == "approve":
            self.model.publish(post)
        elif status == 200:
            post.state = "refused"

    def withdraw(self, name: str, post: Post) -> None:
        """Take a post back, by the API."""
        status = self.clients[name].api.withdraw(post.message_id)
        may = self.model.may_withdraw(name, post)
        due = 404 if not may else 409 if post.state == "refused" else 200
        assert status == due, f"{name}: {status} for {post}"
        if status == 200:
            post.state = "withdrawn"

    # ---- releases

    def ask(self, name: str, post: Post) -> None:
        """That a post be passed to a mailbox of its own at the partner, for a purpose with a canary of its own."""
        canary = self.canary()
        recipient = f"desk-{canary[4:8]}@partner.test"
        answer = self.clients[name].api.post(
            "releases",
            message_id=post.message_id,
            recipient=recipient,
            organisation="Partner Agency",
            purpose=f"To find {canary}.",
            conditions="For the desk officer only.",
            until="2027-11-01T00:00:00Z",
        )
        others = any(self.model.speaks(other, post.body) for other in self.people if other != name)
        may = self.model.may_ask(name, post)
        assert others or not may or post.body != SPOKEN_FOR, f"nobody would say a word about {post}"
        assert answer.is_success == may, f"{name} asks for {post}: {answer.status_code} {answer.text}"
        if may:
            made = Release(post, name, recipient, post.marking, post.handling, [Word(post.body, post)])
            self.model.releases.append(made)
            self.canaries[made], self.numbers[made] = canary, answer.json()["number"]

    def consent(self, name: str, release: Release, said: str) -> None:
        """Give an owner's word, or refuse it; what was agreed leaves at once."""
        path, [word] = f"releases/{self.numbers[release]}/decision", release.words
        answer = self.clients[name].api.post(path, decision=said, note="Because.")
        may = self.model.may_consent(name, release, word) and release.state == "asked"
        assert answer.is_success == may, f"{name} decides {release}: {answer.status_code} {answer.text}"
        if not may:
            return
        stands = release.post.state == "published"
        release.state = ("agreed" if said == "yes" else "refused") if stands else "stopped"
        assert answer.json()["state"] == release.state
        word.state = {"agreed": "given", "refused": "refused", "stopped": "open"}[release.state]
        if release.state == "agreed":
            until(lambda: release.recipient in self.left(), f"{release} hasn't left")
            release.left = True

    def take_back(self, name: str, release: Release) -> None:
        """An owner's word, or the ask; what has left can't be asked back by who had it sent."""
        path, [word] = f"releases/{self.numbers[release]}/withdraw", release.words
        answer = self.clients[name].api.post(path, reason="Because.")
        mine = self.model.may_take_back(name, release, word) and release.state in ("asked", "agreed")
        may = mine and not (release.left and release.asker == name)
        assert answer.is_success == may, f"{name} takes back {release}: {answer.status_code} {answer.text}"
        if may:
            release.state = word.state = "withdrawn"

    def left(self) -> dict[str, bytes]:
        """All that lies at the partner, by the mailbox."""
        found: dict[str, bytes] = {}
        for file in sorted(Path(self.server.endpoints["outbox"]["maildir"], "new").iterdir()):
            octets = file.read_bytes()
            recipient = octets.split(b"Delivered-To: ", 1)[1].split(b"\r\n", 1)[0].decode()
            found[recipient] = found.get(recipient, b"") + octets
        return found

    # ---- the operator, and the program's mistakes

    def operator(self, question: str, **arguments: object) -> list[dict[str, Any]]:
        """What the server answers to a command's question."""

        async def rows() -> list[dict[str, Any]]:
            return [dict(row) async for row in ask_server(self.server.data, question, arguments)]

        return asyncio.run(rows())

    def err(self, *names: str) -> None:
        """From now on the server has these mistakes, of model_mistaken's, and no others."""
        told = self.server.data / model_mistaken.FILE
        told.write_text("\n".join(names))
        self.server.process.send_signal(signal.SIGUSR1)
        until(lambda: not told.exists(), "the server hasn't heard of its mistakes")

    # ---- people

    def off_board(self, name: str) -> None:
        """Somebody leaves."""
        done = serving.iconet(self.server.data, "off-board", name)
        assert done.returncode == 0, done.stderr
        self.model.off_board(name)

    def show(self, *, listed: bool) -> None:
        """Their body shows somebody to others in the directory, or doesn't."""
        self.scim.list(self.outsider, listed=listed)
        self.model.officials[self.outsider].listed = listed


def _unit(body: str, name: str) -> str:
    return f"{body} {name}"


def _planted(body: Body, unit: OfTown) -> Unit:
    """Competent for nothing yet."""
    above = [_unit(body.code, each.name) for each in body.units if each.code == unit.under]
    return Unit(body.code, set(), *above)


def until(answer: Callable[[], Any], otherwise: str) -> Any:  # noqa: ANN401 -- what the question gives
    """The first answer that is something. Fails when there is none within SETTLED_WITHIN."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while time.monotonic() < deadline:
        if found := answer():
            return found
    return pytest.fail(otherwise)
