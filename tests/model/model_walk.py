"""T1: random acts on a network in memory. Policies and oracle are asked about each before it is done.

A sequence is a list of names with a number each, from which the act draws its dice: leaving one out changes no other.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import model_oracle_beside as beside
from model_network import HOUR, network
from model_oracle import FOREVER, Grant, Mail, Network, Official, Post, Release, Unit, Word
from model_oracle_beside import Booking, Glass
from model_policy import Asker, Catalogue

from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from model_rows import Rows

    from policies.entities import Facts, Uid

ACTS_A_SEQUENCE = 12
ASKED_IN_ROWS = 5
LOOKING = 6
ROLES = ("reader", "poster", "drafter", "moderator", "moderator", "liaison-officer")
DUTIES = ("directory-admin", "security-officer", "contact-point", "deputy")
SPANS = ((0, FOREVER), (-2, 0), (-1, 1), (0, 1), (0, 2), (1, 2), (1, FOREVER))
FIRST = (
    ("dora", "return", 2, "published"),
    ("anna", "return", 3, "held"),
    ("sven", "return", 1, "published"),
    ("bruno", "return", 4, "published"),
    ("emil", "liaison", 1, "published"),
    ("otto", "liaison", 1, "unconfirmed"),
    ("anna", "liaison", 3, "withdrawn"),
    ("dora", "return", 3, "published"),
    ("sven", "return", 2, "draft"),
)
ASKED = ((0, "bruno", "open"), (0, "dora", "open"), (2, "anna", "given"), (7, "anna", "open"))
"""The posts that are to be released, who asked, and what their owners have said."""
OFFICER = "ines"
OVER = "cleo"
"""Who watches over aa, as sven does over bb; and over the authority."""
ASKED_IN_AN_EMERGENCY = (
    ("sven", "bb", "ines", "broken", 2),
    ("ines", "aa", "sven", "broken", 3),
    ("ines", "aa", "", "asked", 2),
    ("sven", "bb", "", "asked", 24),
)
"""Who asks to read, of which body, who has confirmed it, and for how many hours from the beginning it is so."""
BOOKED = (("anna", 2), ("dora", 3), ("bruno", 4), ("otto", 3), ("emil", 1))
"""By whom, and how that is marked."""
Act = tuple[str, int]
Asked = tuple[str, "Uid", "Facts", tuple[Any, ...]]


class Walk:
    """One network, and what has been done to it."""

    def __init__(self, asker: Asker) -> None:
        self.asker = asker
        self.model = begin()
        self.facts = Catalogue(self.model)
        self.people = sorted(self.model.officials)
        self.touched: Post | None = None

    # ---- both answers

    def may(self, name: str, action: Action, kind: Kind, item: Any, dice: random.Random) -> bool:  # noqa: ANN401 -- the oracle's
        """What both say. Raises AssertionError where they differ."""
        strong = dice.random() < 0.6
        _, uid, facts, of_it = self.asked(kind, item)
        got = self.asker.decide(self.facts, name, action, (uid, facts), strong=strong)
        due = _DUE[action, kind](self.model, name, of_it, strong)
        assert got == due, f"decide: {name} {action} {item}: ICONet {got}, oracle {due}"
        return got

    def look(self, name: str, action: Action, kind: Kind, *, strong: bool) -> None:
        """All items of a kind at once. Raises AssertionError where the two sets differ."""
        found = self.asker.visible(self.facts, name, action, kind, strong=strong)
        got, due = set(), set()
        for canary, uid, facts, of_it in self.all(kind):
            got |= {canary} if found(uid, facts, self.model.now) else set()
            due |= {canary} if _DUE[action, kind](self.model, name, of_it, strong) else set()
        assert got == due, f"visible: {name} {action} {kind} strong={strong}: ICONet {got}, oracle {due}"

    def hear(self, post: Post, action: Action, *, strong: bool) -> None:
        """Everybody who gets a post. Raises AssertionError where the two sets differ."""
        got = self.asker.audience(self.facts, action, self.facts.post(post), strong=strong)
        due = {name for name in self.people if _DUE[action, Kind.POST](self.model, name, (post,), strong)}
        assert got == due, f"audience: {action} {post}: ICONet {got}, oracle {due}"

    def asked(self, kind: Kind, item: Any) -> Asked:  # noqa: ANN401 -- the oracle's
        """An item, in the oracle's words and in those of the policies."""
        of = self.facts
        reader: dict[Kind, Callable[[Any], tuple[Uid, Facts]]] = {
            Kind.POST: of.post,
            Kind.ROOM: of.room,
            Kind.OFFICIAL: of.official,
            Kind.MAIL: of.mail,
            Kind.BODY: of.body,
            Kind.RESOURCE: of.resource,
            Kind.BOOKING: of.booking,
        }
        if kind is Kind.CONSENT:
            return (f"{item[0].post.canary} {item[1].body}", *self.facts.word(*item), item)
        if kind is Kind.GLASS:
            return str(self.model.glasses.index(item)), *self.facts.glass(item), (item,)
        uid, facts = reader[kind](item)
        return getattr(item, "canary", item), uid, facts, (item,)

    def all(self, kind: Kind) -> Iterator[Asked]:
        """All items of a kind."""
        yield from (self.asked(kind, item) for item in self.items(kind))

    def items(self, kind: Kind) -> Sequence[Any]:
        """The same, in the oracle's words."""
        model = self.model
        return {
            Kind.POST: model.posts,
            Kind.MAIL: model.mails,
            Kind.ROOM: sorted(model.rooms),
            Kind.OFFICIAL: self.people,
            Kind.BODY: ["aa", "bb", model.authority],
            Kind.GLASS: model.glasses,
            Kind.RESOURCE: sorted(model.resources),
            Kind.BOOKING: model.bookings,
            Kind.CONSENT: [(release, word) for release in model.releases for word in release.words],
        }[kind]

    # ---- a sequence

    def run(self, acts: Sequence[Act]) -> None:
        """Do it, with a look after each act, and a long one at the end."""
        for number, (name, seed) in enumerate(acts):
            dice = random.Random(seed)
            self.touched = None
            _ACTS[name](self, dice)
            who = self.people[number % len(self.people)]
            self.look(who, dice.choice((Action.LIST, Action.READ)), Kind.POST, strong=dice.random() < 0.5)
            if self.touched:
                self.hear(self.touched, dice.choice(_HEARD), strong=dice.random() < 0.3)
        self.look_around(random.Random(acts[-1][1] if acts else 0))

    def look_around(self, dice: random.Random) -> None:
        """Some of all questions, for some of them."""
        for name in dice.sample(self.people, LOOKING):
            for action, kind in dice.sample(_QUESTIONS, 3):
                self.look(name, action, kind, strong=dice.random() < 0.5)

    def questions(self, dice: random.Random, number: int) -> list[tuple[str, Action, Kind, bool]]:
        """Some of all that can be asked now."""
        open_kinds = [(action, kind) for action, kind in _QUESTIONS if self.items(kind)]
        return [(dice.choice(self.people), *dice.choice(open_kinds), dice.random() < 0.5) for _ in range(number)]

    def due(self, name: str, action: Action, kind: Kind, strong: bool) -> set[Any]:  # noqa: FBT001 -- one of `questions`
        """What the oracle says to one of them."""
        return {each[0] for each in self.all(kind) if _DUE[action, kind](self.model, name, each[3], strong)}

    # ---- posts

    def post(self, dice: random.Random) -> None:
        author, room = dice.choice(self.people), dice.choice(sorted(self.model.rooms))
        if not self.may(author, Action.POST, Kind.ROOM, room, dice):
            return
        alone = self.may(author, Action.POST_ALONE, Kind.ROOM, room, dice)
        free, defaults = self.may(author, Action.PUBLISH, Kind.ROOM, room, dice), self.model.rooms[room]
        waits = dice.random() < 0.25
        state = "draft" if not alone else "unconfirmed" if waits else "published" if free else "held"
        marking = max(defaults.marking, dice.randrange(5))
        self.touched = _add(self.model, author, room, marking, state)

    def moderate(self, dice: random.Random) -> None:
        name, post = dice.choice(self.people), self._one(dice, "held")
        if post and self.may(name, Action.MODERATE, Kind.POST, post, dice):
            self._becomes(post, dice.choice(("published", "published", "refused")))

    def authorise(self, dice: random.Random) -> None:
        name, post = dice.choice(self.people), self._one(dice, "draft")
        if post and self.may(name, Action.AUTHORISE, Kind.POST, post, dice):
            self._becomes(post, dice.choice(("held", "published", "refused")))

    def confirm(self, dice: random.Random) -> None:
        post = self._one(dice, "unconfirmed")
        if post and self.may(dice.choice((post.author, *self.people)), Action.CONFIRM, Kind.POST, post, dice):
            self._becomes(post, "published" if self.model.may_publish(post.author, post.room) else "held")

    def withdraw(self, dice: random.Random) -> None:
        post = dice.choice(self.model.posts)
        if self.may(dice.choice((post.author, *self.people)), Action.WITHDRAW, Kind.POST, post, dice):
            self._becomes(post, "refused" if post.state == "refused" else "withdrawn")

    def mark(self, dice: random.Random) -> None:
        name, post = dice.choice(self.people), dice.choice(self.model.posts)
        if self.may(name, Action.MARK, Kind.POST, post, dice):
            post.marking, post.loosener, self.touched = dice.randrange(5), dice.choice(("", name)), post

    def confirm_mark(self, dice: random.Random) -> None:
        asked = [post for post in self.model.posts if post.loosener]
        name, post = dice.choice(self.people), dice.choice(asked or self.model.posts)
        if self.may(name, Action.CONFIRM_MARK, Kind.POST, post, dice):
            post.loosener, self.touched = "", post

    def mail(self, dice: random.Random) -> None:
        author, recipient = dice.choice(self.people), dice.choice(self.people)
        if self.may(author, Action.MAIL, Kind.OFFICIAL, recipient, dice):
            canary = _canary(self.model)
            self.model.mails.append(
                Mail(canary, author, recipient, self.model.body_of(author), max(2, dice.randrange(5)))
            )

    def _one(self, dice: random.Random, state: str) -> Post | None:
        """One in this state; of all, if there is none."""
        return dice.choice([post for post in self.model.posts if post.state == state] or self.model.posts)

    def _becomes(self, post: Post, state: str) -> None:
        post.state, self.touched = state, post

    # ---- releases

    def ask(self, dice: random.Random) -> None:
        name, post = dice.choice(self.people), dice.choice(self.model.posts)
        if self.may(name, Action.ASK_RELEASE, Kind.POST, post, dice):
            words = [Word(body, post) for body in dice.choice((["aa"], ["bb"], ["aa", "bb"]))]
            self.model.releases.append(Release(post, name, "", post.marking, post.handling, words))

    def consent(self, dice: random.Random) -> None:
        if found := self.items(Kind.CONSENT):
            _, word = chosen = dice.choice(found)
            if self.may(dice.choice(self.people), Action.DECIDE_RELEASE, Kind.CONSENT, chosen, dice):
                word.state = dice.choice(("given", "given", "refused"))

    def take_back(self, dice: random.Random) -> None:
        if found := self.items(Kind.CONSENT):
            _, word = chosen = dice.choice(found)
            if self.may(dice.choice(self.people), Action.WITHDRAW, Kind.CONSENT, chosen, dice):
                word.state = "withdrawn"

    # ---- break-glass, and what can be booked

    def ask_glass(self, dice: random.Random) -> None:
        name, body = dice.choice(("sven", OFFICER, OVER, *self.people)), dice.choice(("aa", "bb"))
        if self.may(name, Action.ASK_GLASS, Kind.BODY, body, dice):
            handling = self.model.officials[name].clearance
            now = self.model.now
            self.model.glasses.append(Glass(name, body, "room", "return", handling, now + 3 * HOUR, asked=now))

    def confirm_glass(self, dice: random.Random) -> None:
        glass, name = dice.choice(self.model.glasses), dice.choice(("sven", OFFICER, OVER, *self.people))
        if self.may(name, Action.CONFIRM_GLASS, Kind.GLASS, glass, dice):
            glass.state, glass.confirmer, glass.confirmed = "broken", name, self.model.now
            glass.until = self.model.now + dice.choice((1, 2)) * HOUR

    def end_glass(self, dice: random.Random) -> None:
        glass = dice.choice(self.model.glasses)
        if self.may(dice.choice((glass.asker, *self.people)), Action.END_GLASS, Kind.GLASS, glass, dice):
            glass.state = "ended"

    def tend(self, _dice: random.Random) -> None:
        beside.tend(self.model)

    def lose_the_watch(self, dice: random.Random) -> None:
        """One of the officers' role ends, or they are shut out: reading does, too."""
        name = dice.choice(("sven", OFFICER, OVER))
        if dice.random() < 0.5:
            self.model.end_grants(name, beside.OFFICER)
        else:
            one = self.model.officials[name]
            one.suspended = not one.suspended

    def book(self, dice: random.Random) -> None:
        name, resource = dice.choice(self.people), dice.choice(sorted(self.model.resources))
        if self.may(name, Action.BOOK, Kind.RESOURCE, resource, dice):
            unit, marking = self.model.officials[name].unit, dice.randrange(5)
            canary = f"{_canary(self.model)}b{len(self.model.bookings)}"
            self.model.bookings.append(Booking(canary, resource, name, unit, marking, dice.randrange(3)))

    # ---- rights

    def grant(self, dice: random.Random) -> None:
        self._give(dice, ROLES, sorted(self.model.rooms))

    def give_a_duty(self, dice: random.Random) -> None:
        self._give(dice, DUTIES, ["aa", "bb", "cc"])

    def _give(self, dice: random.Random, roles: Sequence[str], scopes: Sequence[str]) -> None:
        since, until = dice.choice(SPANS)
        now = self.model.now
        end = until if until == FOREVER else now + until * HOUR
        name, role, scope = dice.choice(self.people), dice.choice(roles), dice.choice(scopes)
        self.model.grants.append(Grant(name, role, scope, now + since * HOUR, end))

    def revoke(self, dice: random.Random) -> None:
        one = dice.choice(self.model.grants)
        self.model.end_grants(one.official, one.role, one.scope)

    def change_an_official(self, dice: random.Random) -> None:
        one = self.model.officials[dice.choice(self.people)]
        one.suspended, one.clearance, one.listed = dice.random() < 0.2, dice.randrange(4), dice.random() < 0.6
        one.unit = dice.choice((one.unit, *self.model.units))
        one.until = dice.choice((FOREVER, FOREVER, self.model.now + HOUR, self.model.now))

    def suspend_a_body(self, dice: random.Random) -> None:
        shut, body = self.model.suspended_bodies, dice.choice(("aa", "bb"))
        (shut.discard if body in shut else shut.add)(body)

    def change_a_unit(self, dice: random.Random) -> None:
        mine, topic = (
            self.model.units[dice.choice(sorted(self.model.units))].competences,
            dice.choice(("return", "liaison")),
        )
        (mine.discard if topic in mine else mine.add)(topic)

    def change_a_room(self, dice: random.Random) -> None:
        room = self.model.rooms[dice.choice(sorted(self.model.rooms))]
        room.moderated, room.closed = dice.random() < 0.5, dice.random() < 0.3

    def wait(self, dice: random.Random) -> None:
        self.model.now += dice.choice((1, 2)) * HOUR


def begin() -> Network:
    """Where sequences begin: with a post in each state, and somebody who speaks for each body."""
    model = network()
    model.units["c1"] = Unit("cc", {"liaison"})
    model.officials[OVER] = Official("c1")
    model.grants += [Grant("dora", "drafter", "liaison"), Grant(OVER, beside.OFFICER, "cc")]
    model.glasses += [
        Glass(asker, body, "room", "return", 3, model.now + hours * HOUR, state, confirmer, 1, model.now, model.now)
        for asker, body, confirmer, state, hours in ASKED_IN_AN_EMERGENCY
    ]
    model.bookings += [
        Booking(f"booked{number}", "hall", name, model.officials[name].unit, marking)
        for number, (name, marking) in enumerate(BOOKED)
    ]
    for author, room, marking, state in FIRST:
        _add(model, author, room, marking, state)
    model.mails.append(Mail(_canary(model), "anna", "emil", "aa", 2))
    model.releases += [
        Release(post, asker, "", post.marking, post.handling, [Word(post.body, post, state)])
        for post, asker, state in ((model.posts[number], asker, state) for number, asker, state in ASKED)
    ]
    return model


def _add(model: Network, author: str, room: str, marking: int, state: str) -> Post:
    canary, handling = _canary(model), model.rooms[room].handling
    post = Post(canary, f"<{canary}@x>", room, author, model.body_of(author), marking, handling, state)
    model.posts.append(post)
    return post


def _canary(model: Network) -> str:
    return f"cnry{len(model.posts) + len(model.mails):04d}q"


def _is(right: Callable[..., bool]) -> Callable[[Network, str, tuple[Any, ...], bool], bool]:
    return lambda model, name, item, strong: right(model, name, *item, strong=strong)


def _whoever(right: Callable[..., bool]) -> Callable[[Network, str, tuple[Any, ...], bool], bool]:
    return lambda model, name, item, _: right(model, name, *item)


_DUE: dict[tuple[Action, Kind], Callable[[Network, str, tuple[Any, ...], bool], bool]] = {
    (Action.LIST, Kind.POST): _is(Network.may_list),
    (Action.READ, Kind.POST): _is(Network.may_read),
    (Action.MODERATE, Kind.POST): _is(Network.may_moderate),
    (Action.WITHDRAW, Kind.POST): _is(Network.may_withdraw),
    (Action.CONFIRM, Kind.POST): _is(Network.may_confirm),
    (Action.AUTHORISE, Kind.POST): _is(Network.may_authorise),
    (Action.ACKNOWLEDGE, Kind.POST): _is(Network.may_acknowledge),
    (Action.MARK, Kind.POST): _is(Network.owns_mark),
    (Action.CONFIRM_MARK, Kind.POST): _is(Network.may_confirm_mark),
    (Action.ASK_RELEASE, Kind.POST): _is(Network.may_ask),
    (Action.READ, Kind.CONSENT): _is(Network.may_know),
    (Action.DECIDE_RELEASE, Kind.CONSENT): _is(Network.may_consent),
    (Action.WITHDRAW, Kind.CONSENT): _is(Network.may_take_back),
    (Action.LIST, Kind.MAIL): _is(Network.may_read_mail),
    (Action.READ, Kind.MAIL): _is(Network.may_read_mail),
    (Action.ENTER, Kind.ROOM): _whoever(Network.sees_room),
    (Action.POST, Kind.ROOM): _whoever(Network.may_post),
    (Action.POST_ALONE, Kind.ROOM): _whoever(Network.may_post_alone),
    (Action.PUBLISH, Kind.ROOM): _whoever(Network.may_publish),
    (Action.MAIL, Kind.OFFICIAL): _whoever(Network.may_mail),
    (Action.SEE_ENTRY, Kind.OFFICIAL): _whoever(Network.sees_entry),
    (Action.READ_AUDIT, Kind.BODY): _whoever(Network.reads_audit),
    (Action.ASK_GLASS, Kind.BODY): _is(beside.may_ask_glass),
    (Action.SEE_GLASS, Kind.GLASS): _whoever(beside.may_see_glass),
    (Action.CONFIRM_GLASS, Kind.GLASS): _is(beside.may_confirm_glass),
    (Action.BREAK_GLASS, Kind.GLASS): _is(beside.may_break_glass),
    (Action.END_GLASS, Kind.GLASS): _is(beside.may_end_glass),
    (Action.SEE_BOOKINGS, Kind.RESOURCE): _whoever(beside.member),
    (Action.BOOK, Kind.RESOURCE): _whoever(beside.member),
    (Action.READ, Kind.BOOKING): _is(beside.may_read_booking),
}
_QUESTIONS = sorted(_DUE)
_HEARD = (Action.LIST, Action.READ, Action.MODERATE)
_ACTS: dict[str, Callable[[Walk, random.Random], None]] = {
    act.__name__: act
    for act in (
        *(Walk.post, Walk.moderate, Walk.authorise, Walk.confirm, Walk.withdraw, Walk.mark, Walk.mail),
        Walk.confirm_mark,
        *(Walk.ask, Walk.consent, Walk.take_back, Walk.book),
        *(Walk.ask_glass, Walk.confirm_glass, Walk.end_glass, Walk.tend, Walk.lose_the_watch),
        *(Walk.grant, Walk.give_a_duty, Walk.revoke, Walk.change_an_official, Walk.suspend_a_body),
        *(Walk.change_a_unit, Walk.change_a_room, Walk.wait),
    )
}
_OFTEN = (*_ACTS, "post", "post", "moderate", "grant", "give_a_duty", "consent", "ask", "mark", "mail")


def drawn(seed: int) -> list[Act]:
    """A sequence."""
    dice = random.Random(seed)
    return [(dice.choice(_OFTEN), dice.randrange(2**32)) for _ in range(ACTS_A_SEQUENCE)]


def fault(asker: Asker, acts: Sequence[Act], rows: Rows | None = None) -> str:
    """How ICONet and the oracle differ in a sequence, and at its end in a database; "" if they don't."""
    walk = Walk(asker)
    try:
        walk.run(acts)
        if rows:
            in_rows(walk, rows, random.Random(acts[-1][1] if acts else 0))
    except AssertionError as error:
        return str(error)
    return ""


def in_rows(walk: Walk, rows: Rows, dice: random.Random) -> None:
    """The same questions to SQL. Raises AssertionError where the answers differ."""
    asked = walk.questions(dice, ASKED_IN_ROWS)
    for question, (found, agreed) in zip(asked, rows.answers(walk.model, walk.asker.policies, asked), strict=True):
        due = walk.due(*question)
        assert found == due, f"SQL: {question}: ICONet {found}, oracle {due}"
        assert agreed, f"SQL: {question}: decided otherwise"


def shortest(asker: Asker, acts: list[Act], rows: Rows | None = None) -> list[Act]:
    """Of a sequence in which they differ, what is needed for it."""
    for number in reversed(range(len(acts))):
        fewer = acts[:number] + acts[number + 1 :]
        if fault(asker, fewer, rows):
            acts = fewer
    return acts
