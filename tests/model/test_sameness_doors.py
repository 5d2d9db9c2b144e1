"""T3: every door of a running server, by its standard clients."""

from __future__ import annotations

import asyncio
import os
import random
import re
import secrets
import shutil
import time
from itertools import cycle, islice
from typing import TYPE_CHECKING

import model_door_bookings as bookings
import model_door_retention as retention
import model_mistaken as mistaken
import pytest
import serving
from model_clients import Api, Browser, Mailbox
from model_demo import OFFICERS, ROOM, SETTLED_WITHIN, Doors
from model_door_views import ALWAYS, OF_PAGES, OF_PEOPLE, VIEWS
from model_views import canaries, words
from model_worlds import MARKINGS

from directory import officials, roles
from groupware.store import open_store
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from serving import Server

    from groupware.store import Tx

SEED = int(os.environ.get("ICONET_SAMENESS_SEED", secrets.randbits(32)))
ACTS = int(os.environ.get("ICONET_SAMENESS_ACTS", "8"))
CRAWL_EACH = 8
"""Acts from one crawl of the portal to the next."""
LOOKING = 3
"""Officials who look after an act, one after the other; at the end all do."""
OFFICER = "ragnhildur.eyfells"
"""A deputy who becomes her body's security officer."""
DAYS = 12
"""Of a month, on which things are booked by chance."""
LABELS = sorted(set(MARKINGS) - {"TLP:RED"})


async def watch(data: Path, *logins: str) -> None:
    """In the demo one body alone has a security officer who can sign in, and no other; here are more."""
    store = open_store(data)

    def use_case(tx: Tx) -> None:
        for login in logins:
            one = officials.by_login(tx.connection, login)
            assert one is not None
            roles.revoke_all(tx.connection, one.id, tx.now, 0, "another duty")
            roles.grant(tx.connection, roles.Grant(one.id, Role.SECURITY_OFFICER, one.body, reason="test"))

    await store.run(use_case)
    await store.close()


@pytest.fixture
def server(tmp_path: Path, planted: Path) -> Iterator[Server]:
    data = tmp_path / "demo"
    shutil.copytree(planted, data)
    asyncio.run(watch(data, OFFICER, *OFFICERS))
    running = serving.run(data, data / "endpoints.json", "demo", "--data", str(data), program=mistaken.PROGRAM)
    try:
        yield running
    finally:
        running.kill()


def look(doors: Doors, doors_of: Sequence[str], people: Iterable[str] = ()) -> None:
    """At these doors everybody sees what the oracle says: at once nothing else, and in a moment all of it."""
    for login in people or doors.people:
        deadline = time.monotonic() + SETTLED_WITHIN
        while missing := _missing(doors, login, doors_of):
            assert time.monotonic() < deadline, f"{login} misses {missing}"


def _missing(doors: Doors, login: str, doors_of: Sequence[str]) -> dict[str, frozenset[str]]:
    """By view, what is to come yet: copies take a moment."""
    missing = {}
    for door in doors_of:
        for view, seen in VIEWS[door](doors, login).items():
            assert not seen.too_many, f"{login} {view}: {set(seen.too_many)} must not be seen"
            missing |= {view: seen.missing} if seen.missing else {}
    return missing


class Dice:
    """What happens next."""

    def __init__(self, doors: Doors) -> None:
        self.doors, self.dice = doors, random.Random(SEED)

    def act(self) -> Sequence[str]:
        """One act; the doors where it can be seen."""
        held = [post for post in self.doors.model.posts if post.state == "held"]
        if held and self.dice.random() < 0.4:
            self.decide(held)
            return ALWAYS
        if self.dice.random() < 0.3:
            return self.release()
        if self.dice.random() < 0.15:
            self.doors.show(listed=self.dice.random() < 0.3)
            return OF_PEOPLE
        if self.dice.random() < 0.2:
            self.book()
            return ALWAYS
        write = self.dice.choice((self.doors.post, self.doors.say))
        write(self.present(), self.dice.choice(LABELS))
        return ALWAYS

    def present(self) -> str:
        return self.dice.choice([name for name in self.doors.people if self.doors.model.active(name)])

    def decide(self, held: list[object]) -> None:
        name = self.dice.choice([self.doors.moderator, self.doors.moderator, *self.doors.people])
        self.doors.decide(name, self.dice.choice(held), self.dice.choice(["approve", "approve", "refuse"]))

    def book(self) -> None:
        """By whoever: what it isn't for them to book as well."""
        resource, day = self.dice.choice(sorted(self.doors.model.resources)), self.dice.randrange(DAYS)
        bookings.book(self.doors, self.present(), resource, day, self.dice.choice(LABELS))

    def release(self) -> Sequence[str]:
        """Asked for, decided or taken back, by whoever."""
        doors, dice, name = self.doors, self.dice, self.present()
        asked = list(doors.model.releases)
        if asked and dice.random() < 0.6:
            act = dice.choice((doors.take_back, lambda *what: doors.consent(*what, dice.choice(("yes", "yes", "no")))))
            act(dice.choice((doors.speaker, name)), dice.choice(asked))
        elif posts := [post for post in doors.model.posts if post.message_id and post.state != "absent"]:
            doors.ask(name, dice.choice(posts))
        return ALWAYS


def test_every_door_shows_what_the_oracle_says(server: Server) -> None:
    print(f"ICONET_SAMENESS_SEED={SEED}")
    doors = Doors(server)
    dice = Dice(doors)
    for number in range(ACTS):
        if number == ACTS * 2 // 3:
            doors.off_board(doors.leaver)
            look(doors, OF_PEOPLE)
        look(doors, dice.act(), islice(cycle(doors.people), number, number + LOOKING))
        if number % CRAWL_EACH == CRAWL_EACH - 1:
            look(doors, OF_PAGES)
    a_certain_end(doors)
    who_runs_the_network_sees_no_content(doors)
    mistakes_are_found(doors)


def a_certain_end(doors: Doors) -> None:
    """Whatever the dice made: something that all may see and something that they may not; releases, and one hidden.

    And bookings; and a time that is over for all that is new but for what is held.
    """
    retention.keep_briefly(doors)
    doors.post(doors.moderator, "TLP:AMBER")
    doors.say(doors.member, "TLP:AMBER")
    doors.post(doors.speaker, "[TLP:GREEN]")
    shown, held, own = doors.model.posts[-3:]
    assert [shown.state, held.state, own.state] == ["published", "held", "held"]
    doors.decide(doors.moderator, own, "approve")
    doors.post(doors.moderator, "TLP:AMBER")
    evidence = doors.model.posts[-1]
    bookings.book_and_tell(doors, doors.moderator, hall(doors), DAYS + 8, ROOM)
    doors.show(listed=False)
    for name in (doors.outsider, doors.moderator, doors.member):
        doors.ask(name, own)
    kept, left = doors.model.releases[-2:]
    for name in (doors.outsider, doors.moderator, doors.speaker):
        doors.consent(name, left, "yes")
    what_all_may_book(doors, DAYS)
    for name in (doors.outsider, doors.member):
        retention.keep(doors, name, own)
    for name in (doors.speaker, OFFICERS[0]):
        retention.hold(doors, name, evidence)
    look(doors, (*ALWAYS, *OF_PEOPLE))
    doors.take_back(doors.speaker, left)
    doors.withdraw(doors.member, shown)
    doors.withdraw(doors.moderator, shown)
    doors.take_back(doors.moderator, kept)
    gone = retention.erase(doors)
    assert {shown, held, own} <= {*gone}
    assert evidence not in gone
    look(doors, ["imap"])
    assert retention.looked_for(doors)
    look(doors, ALWAYS, (doors.member, doors.outsider))
    for name in OFFICERS:
        retention.lift(doors, name, doors.model.holds[-1])
    gone += retention.let_go(doors)
    assert evidence in gone
    assert retention.looked_for(doors)
    doors.whole = True
    look(doors, tuple(VIEWS))
    assert not (found := retention.at_rest(doors, gone)), f"there is something of what was erased in {found}"


def what_all_may_book(doors: Doors, day: int) -> None:
    """By who may, one of them twice; and by who may not, though they may book in another area."""
    for number, name in enumerate((doors.member, doors.speaker, doors.moderator, doors.outsider)):
        bookings.book(doors, name, hall(doors), day + number)
    bookings.book(doors, doors.moderator, hall(doors), day)


def hall(doors: Doors) -> str:
    """The address of a resource of the room's area and of another's."""
    things = {each["address"]: {*each["areas"]} for each in doors.server.endpoints["resources"]}
    return next(address for address, areas in things.items() if areas == {"liaison", ROOM})


def mistakes_are_found(doors: Doors) -> None:
    """Put into the server that runs, each is found by what was done here, at the door where it shows.

    Of what stays in folders the proof tells; of what the homeserver was never asked to forget, only who looks there.
    """
    some = (doors.member, doors.moderator)
    doors.err("a calendar shows what another was shown")
    with pytest.raises(AssertionError, match=r"portal calendars.*must not be seen"):
        look(doors, ["calendars"], some)
    doors.err("erasing forgets copies", "erasing forgets bookings", "erasing forgets the homeserver")
    bookings.book_and_tell(doors, doors.moderator, hall(doors), DAYS + 9, ROOM)
    retention.keep(doors, doors.member, doors.model.posts[-1])
    look(doors, ["matrix"], some)
    gone = retention.erase(doors)
    with pytest.raises(AssertionError, match=r"imap.*must not be seen"):
        look(doors, ["imap"], some)
    with pytest.raises(AssertionError, match=r"calendars.*must not be seen"):
        look(doors, ["calendars"], some)
    assert not retention.looked_for(doors)
    assert any(path.startswith("matrix/homeserver.db") for path in retention.at_rest(doors, gone))
    doors.err("a room is told what for")
    what_all_may_book(doors, DAYS + 4)
    with pytest.raises(AssertionError, match=r"announcements.*must not be seen"):
        look(doors, ["calendars"], some)


def who_runs_the_network_sees_no_content(doors: Doors) -> None:
    """Not in the log of who did what, nor on any other page; and by break-glass what is published, while it lasts."""
    people = {one["login"]: one for one in doors.server.endpoints["people"]}
    runs = next(one for one in people.values() if one["roles"] == ["directory-admin"])
    assert not canaries(Browser(doors.server, runs).everything()), runs["login"]
    asker = people[OFFICER]
    confirmer = next(one for one in people.values() if one["roles"] == ["security-officer"] and one is not asker)
    browsers = {one["login"]: Browser(doors.server, one) for one in (asker, confirmer)}
    in_an_emergency(doors, *browsers.values(), Api(doors.server, asker))
    assert not canaries(Mailbox(doors.server, asker).everything([])), asker["login"]
    for login, browser in browsers.items():
        assert not canaries(browser.everything()), login


def in_an_emergency(doors: Doors, asker: Browser, confirmer: Browser, program: Api) -> None:
    """Opened one by one by who asked, from the confirmation on until it is ended; nothing shows before it is opened."""
    form = {"scope": "room", "name": ROOM, "reason": "A life is in danger.", "hours": "1"}
    page = asker.send("/audit/glass", "/audit/glass", **form).url.path
    assert page != "/audit/glass"
    assert "/posts/" not in asker.client.get(f"{asker.url}{page}").text
    confirmer.send(page, page, act="confirmed")
    shown = asker.client.get(f"{asker.url}{page}").text
    assert not canaries(shown.encode(), confirmer.client.get(f"{asker.url}{page}").content)
    paths = re.findall(r'action="([^"]+/posts/\d+)"', shown)
    opened = [canaries(asker.send(path, page).content) for path in paths]
    assert not canaries(*(confirmer.send(path, page).content for path in paths))
    assert not canaries(*(program.post(path.removeprefix("/audit/")).content for path in paths))
    assert frozenset().union(*opened) == words(post for post in doors.model.posts if post.state == "published")
    confirmer.send(page, page, act="ended")
    assert not canaries(*(asker.send(path, "/audit/glass").content for path in paths))
