"""Two worlds where the same things happen, but that in one officers also read in emergencies.

Those who aren't told of it see no difference. Told are both officers, and who speaks for an owner of what it covers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import model_glass_acts as acts
import model_oracle_beside as oracle
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from model_machine import LABELS, ROOMS, WHICH, WORDS, template
from model_pair import no_difference, transcript
from model_worlds import NO, World
from sqlalchemy import insert, select

from directory.tables import official
from groupware.acknowledgement_tables import acknowledgement
from groupware.glass import opening, telling
from groupware.glass.rows import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from model_oracle import Post

    from groupware.moderation import Word

OFFICERS = ("ines", "sven")
OTHERS = st.sampled_from(["anna", "bruno", "dora", "emil", "otto"])
SCOPES = st.sampled_from(list(Scope))


async def everything(world: World, name: str) -> list[Any]:
    """The transcript, who has taken note of their latest posts, break-glass, and what the log holds about them."""
    groupware, caller = world.groupware, world.caller(name, strong=True)
    own = [post for post in world.model.posts if post.author == name][-2:]
    ledgers = [await _ledger(world, name, post) for post in own]
    cards = [card.glass.id for card in await groupware.glass.cards(caller)]
    about = groupware.audit.about(world.ids.officials[name])
    lines = [{key: value for key, value in each.items() if key not in ("id", "resource")} async for each in about]
    return [*await transcript(world, name), ledgers, await groupware.acknowledging.count(caller), cards, lines]


async def _ledger(world: World, name: str, post: Post) -> object:
    desk = world.groupware.acknowledging
    try:
        return await desk.ledger(world.caller(name, strong=True), world.tokens[post])
    except NO:
        return "nothing there"


class Emergencies(RuleBasedStateMachine):
    """`plain`, and `full` where officers read as well."""

    def __init__(self) -> None:
        super().__init__()
        self.plain, self.full = World(template()), World(template())
        self.before = set(self.full.glasses)
        self.people = sorted(self.full.model.officials.keys() - {*OFFICERS})
        self.told: set[str] = set()

    def teardown(self) -> None:
        """At the end everybody looks."""
        try:
            for name in self.people:
                self.compare(name)
        finally:
            self.plain.close()
            self.full.close()

    @invariant()
    def the_next_official_sees_no_difference(self) -> None:
        """One after the other."""
        self.people.append(self.people.pop(0))
        self.compare(self.people[0])

    def compare(self, name: str) -> None:
        """What somebody sees who isn't told."""
        if name not in self.told:
            no_difference(name, *(world.run(everything(world, name)) for world in (self.plain, self.full)))

    def both(self, act: Callable[[World], object]) -> None:
        act(self.plain)
        act(self.full)

    # ---- in one of them

    @rule(asker=st.sampled_from(OFFICERS), which=WHICH, scope=SCOPES, confirmed=st.booleans())
    def emergency(self, asker: str, which: int, scope: Scope, *, confirmed: bool) -> None:
        """One asks; the other may confirm it; all that it covers is opened, one by one."""
        acts.ask(self.full, asker, scope, _post(self.full, which))
        number = max(self.full.glasses)
        for name in OFFICERS if confirmed else ():
            acts.confirm(self.full, name, number)
        self._open(number)

    @rule(which=WHICH)
    def open_what_is_new(self, which: int) -> None:
        for number in self._new(which):
            self._open(number)

    @rule(which=WHICH, name=st.sampled_from(OFFICERS))
    def end(self, which: int, name: str) -> None:
        for number in self._new(which):
            acts.end(self.full, name, number)

    def _new(self, which: int) -> list[int]:
        """One of those that are in this world alone, or none."""
        new = sorted(self.full.glasses.keys() - self.before)
        return [new[which % len(new)]] if new else []

    def _open(self, number: int) -> None:
        model, glass = self.full.model, self.full.glasses[number]
        if not oracle.may_break_glass(model, glass.asker, glass, strong=True):
            return
        for post in [post for post in self.full.rows if oracle.covers(glass, post)]:
            self.told |= {name for name in model.officials if model.speaks(name, post.body)}
            caller = self.full.caller(glass.asker, strong=True)
            self.full.run(self.full.groupware.glass.octets(caller, number, self.full.rows[post]))
        self.full.run(self.full.settle())

    # ---- in both

    @rule(author=OTHERS, room=ROOMS, label=LABELS)
    def post(self, author: str, room: str, label: str) -> None:
        self.both(lambda world: world.post(author, [room], label))

    @rule(author=OTHERS, which=WHICH, label=LABELS)
    def reply(self, author: str, which: int, label: str) -> None:
        self.both(lambda world: world.post(author, [_post(world, which).room], label, parent=_post(world, which)))

    @rule(name=OTHERS, which=WHICH, word=WORDS)
    def decide(self, name: str, which: int, word: Word) -> None:
        self.both(lambda world: world.decide(name, _post(world, which), word))

    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        self.both(lambda world: world.withdraw(_post(world, which).author, _post(world, which)))

    @rule(hours=st.integers(1, 2))
    def wait(self, hours: int) -> None:
        """What is over by then is told to those who know of it."""
        self.both(lambda world: world.wait(hours))
        self.both(acts.tend)

    @rule()
    def restart(self) -> None:
        self.both(World.restart)


def _post(world: World, which: int) -> Post:
    return world.model.posts[which % len(world.model.posts)]


# ---- mistakes


def _told_to_all() -> Any:  # noqa: ANN401 -- a patch
    """Not those alone hear of it who speak for an owner."""
    everybody = select(official.c.id)
    return patch.object(telling, "speakers", lambda snapshot, *_: list(snapshot.connection.scalars(everybody)))


def _taken_note_of() -> Any:  # noqa: ANN401 -- a patch
    """What was opened counts as read, and its author is shown by whom."""
    right = opening.open_post

    def wrong(tx: Any, monitor: Any, caller: Any, number: int, post: int, domain: str) -> Any:  # noqa: ANN401 -- as open_post
        found = right(tx, monitor, caller, number, post, domain)
        row = {"post": post, "official": caller.official, "body": 1, "at": tx.now, "door": caller.door}
        tx.connection.execute(insert(acknowledgement), row)
        return found

    return patch.object(opening, "open_post", wrong)


MISTAKES = {"everybody is told": _told_to_all, "what is opened counts as taken note of": _taken_note_of}
