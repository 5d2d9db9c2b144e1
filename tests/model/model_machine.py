"""Random sequences of what officials and their administrators do; after each act views are compared with the oracle."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
from functools import cache

import model_booking_acts
import model_glass_acts
import model_release_acts
import model_retention_acts
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from model_network import DOMAIN, HOUR, network
from model_oracle import FOREVER, Grant, Rule
from model_views import difference, seen
from model_worlds import MARKINGS, SPANS, Template, Word, World, span_from

from groupware.glass.rows import Scope
from groupware.message.parser import Parser
from groupware.personal_data.searcher import Searcher
from groupware.releases.words import Word as Said

EVERYBODY = bool(os.environ.get("ICONET_SAMENESS_EVERYBODY"))
"""Six times as slow, and finds what is seen for one step only."""
_NETWORK = network()
PEOPLE = st.sampled_from(sorted(_NETWORK.officials))
ROOMS = st.sampled_from(sorted(_NETWORK.rooms))
LABELS = st.sampled_from(sorted(MARKINGS))
ROLES = st.sampled_from(["reader", "poster", "moderator"])
DUTIES = st.sampled_from(["directory-admin", "security-officer"])
BODIES = st.sampled_from(sorted({unit.body for unit in _NETWORK.units.values()}))
UNITS = st.sampled_from(sorted(_NETWORK.units))
WHOM = st.sampled_from(
    [
        ("everybody", ""),
        *(("body", body) for body in sorted({unit.body for unit in _NETWORK.units.values()})),
        *(("unit", unit) for unit in sorted(_NETWORK.units)),
        *(("official", name) for name in sorted(_NETWORK.officials)),
    ]
)
AHEAD = ((0, FOREVER), (0, 1), (1, 2), (1, FOREVER))
"""When rules begin and end, in hours from now."""
WORDS = st.sampled_from(list(Word))
WHICH = st.integers(0, 9)
OFFICERS = st.sampled_from(["ines", "sven", *sorted(_NETWORK.officials)])


def begin(world: World) -> None:
    """Somebody asks for a release; one officer reads in an emergency, another asks to."""
    model_release_acts.ask(world, "bruno", world.model.posts[0])
    for asker, scope in (("ines", Scope.ROOM), ("sven", Scope.THREAD)):
        model_glass_acts.ask(world, asker, scope, world.model.posts[0])
    model_glass_acts.confirm(world, "sven", min(world.glasses))
    model_booking_acts.book(world, "anna", model_booking_acts.Wanted("hall", 0))


@cache
def template() -> Template:
    """One for the whole process."""
    runner = asyncio.Runner()
    parser, searcher = Parser(), Searcher([DOMAIN])
    made = Template(runner, parser, searcher)
    made.live(begin)

    def end() -> None:
        runner.run(parser.close())
        runner.run(searcher.close())
        runner.close()
        shutil.rmtree(made.directory)

    atexit.register(end)
    return made


class Sameness(RuleBasedStateMachine):
    """One sequence on one store."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(template())
        self.people = sorted(self.world.model.officials)
        self.dirty = True

    def teardown(self) -> None:
        """At the end everybody looks."""
        try:
            self.compare(self.people, whole=True)
        finally:
            self.world.close()

    @invariant()
    def the_next_official_sees_what_the_oracle_says(self) -> None:
        """After each change; one after the other has a look, or everybody each time."""
        if self.dirty:
            self.dirty = False
            self.people.append(self.people.pop(0))
            self.compare(self.people if EVERYBODY else self.people[:1])

    def compare(self, people: list[str], *, whole: bool = False) -> None:
        """Every view of these, now."""
        for name in people:
            self.world.rights_moved |= whole
            differences = difference(self.world, name, self.world.run(seen(self.world, name)))
            assert not differences, "\n".join(differences)

    # ---- posts and mail

    @rule(author=PEOPLE, room=ROOMS, label=LABELS)
    def post(self, author: str, room: str, label: str) -> None:
        self.world.post(author, [room], label)
        self.dirty = True

    @rule(author=PEOPLE, label=LABELS)
    def post_to_both_rooms(self, author: str, label: str) -> None:
        self.world.post(author, sorted(self.world.model.rooms), label)
        self.dirty = True

    @precondition(lambda self: self.world.model.posts)
    @rule(author=PEOPLE, which=WHICH, label=LABELS)
    def reply(self, author: str, which: int, label: str) -> None:
        post = self.world.model.posts[which % len(self.world.model.posts)]
        self.world.post(author, [post.room], label, parent=post)
        self.dirty = True

    @precondition(lambda self: self.world.submissions)
    @rule(which=WHICH)
    def repeat(self, which: int) -> None:
        self.world.repeat(which)
        self.dirty = True

    @precondition(lambda self: self.world.model.posts)
    @rule(name=PEOPLE, which=WHICH, word=WORDS)
    def anybody_decides(self, name: str, which: int, word: Word) -> None:
        self.world.decide(name, self.world.model.posts[which % len(self.world.model.posts)], word)
        self.dirty = True

    @precondition(lambda self: any(post.state == "held" for post in self.world.model.posts))
    @rule(room_first=st.booleans(), word=WORDS, strong=st.booleans())
    def moderator_decides(self, *, room_first: bool, word: Word, strong: bool) -> None:
        held = [post for post in self.world.model.posts if post.state == "held"]
        post = held[0 if room_first else -1]
        for name in self.world.model.officials:
            if self.world.model.has(name, "moderator", post.room):
                self.world.decide(name, post, word, strong=strong)
        self.dirty = True

    @precondition(lambda self: self.world.model.posts)
    @rule(name=PEOPLE, which=WHICH, strong=st.booleans())
    def anybody_withdraws(self, name: str, which: int, *, strong: bool) -> None:
        self.world.withdraw(name, self.world.model.posts[which % len(self.world.model.posts)], strong=strong)
        self.dirty = True

    @precondition(lambda self: self.world.model.posts)
    @rule(which=WHICH)
    def author_withdraws(self, which: int) -> None:
        post = self.world.model.posts[which % len(self.world.model.posts)]
        self.world.withdraw(post.author, post)
        self.dirty = True

    @precondition(lambda self: self.world.model.posts)
    @rule(name=PEOPLE, which=WHICH, label=LABELS, strong=st.booleans())
    def anybody_marks(self, name: str, which: int, label: str, *, strong: bool) -> None:
        post = self.world.model.posts[which % len(self.world.model.posts)]
        self.world.mark(name, post, int(MARKINGS[label]), strong=strong)
        self.dirty = True

    @precondition(lambda self: self.world.model.posts)
    @rule(name=PEOPLE, which=WHICH, label=LABELS)
    def contact_point_marks(self, name: str, which: int, label: str) -> None:
        """Of the body whose unit owns it, as often as not: who is appointed here stays so."""
        post = self.world.model.posts[which % len(self.world.model.posts)]
        if not self.world.model.has(name, "contact-point", post.body):
            self.world.grant(Grant(name, "contact-point", post.body, self.world.model.now, FOREVER))
        self.world.mark(name, post, int(MARKINGS[label]))
        self.dirty = True

    @rule(author=PEOPLE, room=ROOMS, label=LABELS)
    def post_about_somebody(self, author: str, room: str, label: str) -> None:
        self.world.bar(room, bars=True)
        self.world.post(author, [room], label, personal=True)
        self.dirty = True

    @rule(room=ROOMS)
    def bar_nothing(self, room: str) -> None:
        self.world.bar(room, bars=False)

    @precondition(lambda self: any(post.state == "unconfirmed" for post in self.world.model.posts))
    @rule(which=WHICH, strong=st.booleans())
    def everybody_confirms(self, which: int, *, strong: bool) -> None:
        waiting = [post for post in self.world.model.posts if post.state == "unconfirmed"]
        post = waiting[which % len(waiting)]
        for name in sorted(self.world.model.officials, key=lambda name: name == post.author):
            self.world.confirm(name, post, strong=strong)
        self.dirty = True

    @rule(author=PEOPLE, recipient=PEOPLE, label=LABELS)
    def mail(self, author: str, recipient: str, label: str) -> None:
        self.world.mail(author, recipient, label)
        self.dirty = True

    # ---- releases

    @precondition(lambda self: any(post.state == "published" for post in self.world.model.posts))
    @rule(name=PEOPLE, which=WHICH, strong=st.booleans())
    def ask_for_a_release(self, name: str, which: int, *, strong: bool) -> None:
        posts = [post for post in self.world.model.posts if post.state == "published"]
        model_release_acts.ask(self.world, name, posts[which % len(posts)], strong=strong)
        self.dirty = True

    @precondition(lambda self: self.world.releases)
    @rule(which=WHICH, said=st.sampled_from(list(Said)), strong=st.booleans())
    def everybody_says_a_word(self, which: int, said: Said, *, strong: bool) -> None:
        number = sorted(self.world.releases)[which % len(self.world.releases)]
        for name in self.world.model.officials:
            model_release_acts.consent(self.world, name, number, said, strong=strong)
        self.dirty = True

    @precondition(lambda self: self.world.releases)
    @rule(name=PEOPLE, which=WHICH)
    def take_back(self, name: str, which: int) -> None:
        model_release_acts.take_back(self.world, name, sorted(self.world.releases)[which % len(self.world.releases)])
        self.dirty = True

    # ---- break-glass

    @precondition(lambda self: self.world.model.posts)
    @rule(name=OFFICERS, which=WHICH, scope=st.sampled_from(list(Scope)))
    def ask_to_read(self, name: str, which: int, scope: Scope) -> None:
        post = self.world.model.posts[which % len(self.world.model.posts)]
        model_glass_acts.ask(self.world, name, scope, post)
        self.dirty = True

    @rule(which=WHICH, strong=st.booleans())
    def everybody_confirms_that_it_is_read(self, which: int, *, strong: bool) -> None:
        number = sorted(self.world.glasses)[which % len(self.world.glasses)]
        for name in self.world.model.officials:
            model_glass_acts.confirm(self.world, name, number, strong=strong)
        self.dirty = True

    @rule(name=OFFICERS, which=WHICH, strong=st.booleans())
    def end_reading(self, name: str, which: int, *, strong: bool) -> None:
        number = sorted(self.world.glasses)[which % len(self.world.glasses)]
        model_glass_acts.end(self.world, name, number, strong=strong)
        self.dirty = True

    @rule(name=st.sampled_from(["ines", "sven"]))
    def watch_no_more(self, name: str) -> None:
        self.world.revoke(name, "security-officer", self.world.model.body_of(name))
        self.dirty = True

    @rule(hours=st.integers(0, 2))
    def close_what_is_over(self, hours: int) -> None:
        self.world.wait(hours)
        model_glass_acts.tend(self.world)
        self.dirty = True

    # ---- what can be booked

    @rule(author=PEOPLE, resource=st.sampled_from(sorted(_NETWORK.resources)), day=st.integers(0, 3), label=LABELS)
    def book(self, author: str, resource: str, day: int, label: str) -> None:
        model_booking_acts.book(self.world, author, model_booking_acts.Wanted(resource, day, label))
        self.world.rights_moved = self.dirty = True

    # ---- retention

    @precondition(lambda self: self.world.model.posts)
    @rule(name=PEOPLE, which=WHICH)
    def keep_a_copy(self, name: str, which: int) -> None:
        model_retention_acts.keep(self.world, name, self.world.model.posts[which % len(self.world.model.posts)])
        self.dirty = True

    @precondition(lambda self: self.world.model.posts)
    @rule(name=OFFICERS, which=WHICH, thread=st.booleans(), strong=st.booleans())
    def hold(self, name: str, which: int, *, thread: bool, strong: bool) -> None:
        post = self.world.model.posts[which % len(self.world.model.posts)]
        model_retention_acts.hold(self.world, name, post, thread=thread, strong=strong)
        self.dirty = True

    @precondition(lambda self: self.world.holds)
    @rule(which=WHICH, strong=st.booleans())
    def everybody_lifts(self, which: int, *, strong: bool) -> None:
        number = sorted(self.world.holds)[which % len(self.world.holds)]
        for name in self.world.model.officials:
            model_retention_acts.lift(self.world, name, number, strong=strong)
        self.dirty = True

    @rule(hours=st.integers(0, 3))
    def erase_what_is_due(self, hours: int) -> None:
        self.world.wait(hours)
        model_retention_acts.erase(self.world)
        self.dirty = True

    # ---- rights

    @rule(name=PEOPLE, listed=st.booleans())
    def list_or_hide(self, name: str, *, listed: bool) -> None:
        self.world.alter(name, listed=listed)
        self.dirty = True

    @rule(name=PEOPLE, role=ROLES, room=ROOMS, span=st.sampled_from(SPANS))
    def grant(self, name: str, role: str, room: str, span: tuple[int, int]) -> None:
        since, until = span_from(self.world.model.now, span)
        self.world.grant(Grant(name, role, room, since, until))
        self.dirty = True

    @rule(name=PEOPLE, role=ROLES, room=ROOMS)
    def revoke(self, name: str, role: str, room: str) -> None:
        self.world.revoke(name, role, room)
        self.dirty = True

    @rule(name=PEOPLE, duty=DUTIES, body=BODIES, hours=st.integers(1, 3))
    def give_a_duty(self, name: str, duty: str, body: str, hours: int) -> None:
        now = self.world.model.now
        self.world.grant(Grant(name, duty, body, now, now + hours * HOUR))
        self.dirty = True

    @rule(name=PEOPLE, suspended=st.booleans())
    def suspend_or_restore(self, name: str, *, suspended: bool) -> None:
        if name in self.world.gone:  # nobody is restored who has left
            return
        self.world.alter(name, suspended=suspended)
        self.dirty = True

    @rule(body=BODIES, suspended=st.booleans())
    def suspend_or_restore_a_body(self, body: str, *, suspended: bool) -> None:
        self.world.suspend_body(body, suspended=suspended)
        self.dirty = True

    @rule(name=PEOPLE, hours=st.integers(0, 2))
    def end_of_office(self, name: str, hours: int) -> None:
        self.world.alter(name, until=self.world.model.now + hours * HOUR)
        self.dirty = True

    @rule(name=PEOPLE, unit=UNITS, clearance=st.integers(0, 3))
    def transfer(self, name: str, unit: str, clearance: int) -> None:
        self.world.alter(name, unit=unit, clearance=clearance)
        self.dirty = True

    @rule(name=PEOPLE)
    def off_board(self, name: str) -> None:
        self.world.off_board(name)
        model_booking_acts.inherited(self.world, name)
        self.dirty = True

    @rule(unit=UNITS, given=st.booleans())
    def change_a_competence(self, unit: str, *, given: bool) -> None:
        self.world.set_competence(unit, "return", given=given)
        self.dirty = True

    @rule(room=ROOMS, moderated=st.booleans(), closed=st.booleans())
    def change_a_room(self, room: str, *, moderated: bool, closed: bool) -> None:
        self.world.alter_room(room, moderated=moderated, closed=closed)
        self.dirty = True

    @rule(right=st.sampled_from(["reader", "poster"]), room=ROOMS, whom=WHOM, span=st.sampled_from(AHEAD))
    def give_access(self, right: str, room: str, whom: tuple[str, str], span: tuple[int, int]) -> None:
        since, until = span_from(self.world.model.now, span)
        self.world.give_access(Rule(right, room, *whom, since, until))
        self.dirty = True

    @precondition(lambda self: self.world.rules)
    @rule(which=WHICH)
    def end_access(self, which: int) -> None:
        self.world.end_access(which)
        self.dirty = True

    # ---- time

    @rule(hours=st.integers(1, 2))
    def wait(self, hours: int) -> None:
        self.world.wait(hours)
        self.dirty = True

    @rule()
    def restart(self) -> None:
        self.world.restart()
        self.dirty = True
