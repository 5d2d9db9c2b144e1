"""T1: the policies alone, asked about a network in memory: a plain catalogue of facts, and filters without SQL."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from model_oracle import FOREVER

from policies import entities
from policies.compiler import ORDER
from policies.entities import GROUPS, Context, Entity, Facts, Uid
from policies.tree import All, Column, Compare, Const, Has, Holds, Not, OneOf, Parameter, Within
from policies.tree import Any as AnyOf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from model_oracle import Mail, Network, Post, Release, Word
    from model_oracle_beside import Booking, Glass

    from policies.decision import Policies, Subject
    from policies.vocabulary import Action, Kind

    Test: TypeAlias = Callable[[Uid, Facts, int], bool]
    """Whether an item or official, with facts at hand, passes a filter at a moment."""
MOST_KEPT = 60_000
AUTHORITY = "cc"
"""The body that governs the others, and nobody governs."""
TAKING_PART = ("readers", "posters", "drafters", "managers", "moderators", "organisers")
STATES = ("draft", "held", "unconfirmed", "published", "withdrawn")


class Catalogue:
    """What the policies' words are in one network; names are ids."""

    def __init__(self, model: Network) -> None:
        self.model = model

    def who(self, name: str) -> tuple[tuple[Any, ...], frozenset[Uid], frozenset[Uid]]:
        """All that decides about an official: what is theirs, their groups, and what their unit lies in."""
        model, one = self.model, self.model.officials[name]
        body = model.body_of(name)
        held = {(grant.role, grant.scope) for grant in model.grants if self._in_force(name, grant)}
        groups = {Uid(GROUPS[role], scope) for role, scope in held} | {Uid("Duty", role) for role, _ in held}
        groups |= {Uid("Members", room) for room in model.rooms if self._enters(one.unit, held, room)}
        topics = frozenset(Uid("Competence", code) for code in model.units[one.unit].competences)
        own = (name, one.unit, body, body in model.suspended_bodies, one.clearance, one.suspended, one.listed)
        return (*own, one.since, one.until), frozenset(groups), topics

    def _enters(self, unit: str, held: set[tuple[str, str]], room: str) -> bool:
        """As the schema says of Members: a reader whose unit is competent, or a moderator."""
        concerned = self.model.rooms[room].competence in self.model.units[unit].competences
        return ("moderator", room) in held or (concerned and ("reader", room) in held)

    def _in_force(self, name: str, grant: Any) -> bool:  # noqa: ANN401 -- the oracle's Grant
        return grant.official == name and grant.since <= self.model.now < grant.until

    def subject(self, who: tuple[tuple[Any, ...], frozenset[Uid], frozenset[Uid]]) -> Facts:
        """The facts of one who asks."""
        (name, unit, body, shut, clearance, suspended, listed, since, until), groups, topics = who
        attributes = {
            "body": Uid("Body", body),
            "unit": Uid("Unit", unit),
            "clearance": clearance,
            "suspended": suspended,
            "listed": listed,
            "senders": Uid("Senders", name),
            "validFrom": since,
            "validUntil": until,
        }
        home = Entity({"body": Uid("Body", body)}, topics)
        return {
            Uid("Official", name): Entity(attributes, groups),
            Uid("Unit", unit): home,
            **_body(body, suspended=shut),
        }

    def official(self, name: str) -> tuple[Uid, Facts]:
        """One to whom something is done."""
        facts = self.subject(self.who(name))
        me = Uid("Official", name)
        return me, {uid: Entity(entity.attributes) for uid, entity in facts.items() if uid.type != "Unit"}

    def body(self, code: str) -> tuple[Uid, Facts]:
        """A state."""
        return Uid("Body", code), _body(code, suspended=code in self.model.suspended_bodies)

    def room(self, code: str) -> tuple[Uid, Facts]:
        """A room, in an area of its own name."""
        room = self.model.rooms[code]
        return Uid("Room", code), _room(code, room.competence, moderated=room.moderated, closed=room.closed)

    def post(self, post: Post) -> tuple[Uid, Facts]:
        """A post, named by its canary."""
        _, place = self.room(post.room)
        author = Uid("Official", post.author)
        attributes = {
            **self._marked(post.body, author, post),
            "room": Uid("Room", post.room),
            "ownersContactPoints": Uid("ContactPoints", post.body),
            "ownersDeputies": Uid("Deputies", post.body),
            "sender": author,
            "loosener": Uid("Official", post.loosener or "0"),
            "loosening": bool(post.loosener),
            "competence": Uid("Competence", self.model.rooms[post.room].competence),
            **{state: post.state == state for state in STATES},
        }
        me = Uid("Post", f"{post.canary}/{post.room}")
        return me, {me: Entity(attributes), **_owner(post.body), **place}

    def mail(self, mail: Mail) -> tuple[Uid, Facts]:
        """A mail to one recipient."""
        attributes = {
            **self._marked(mail.body, Uid("Official", mail.author), mail),
            "handling": 0,
            "recipients": frozenset({Uid("Official", mail.recipient)}),
        }
        me = Uid("Mail", mail.canary)
        return me, {me: Entity(attributes), **_owner(mail.body)}

    def word(self, release: Release, word: Word) -> tuple[Uid, Facts]:
        """One owner's word."""
        attributes = {
            **self._marked(word.body, Uid("Official", release.asker), release),
            "open": word.state == "open",
            "given": word.state == "given",
        }
        me = Uid("Consent", f"{self.model.releases.index(release)}/{word.body}")
        shut = word.body in self.model.suspended_bodies
        return me, {me: Entity(attributes), **_owner(word.body), **_body(word.body, suspended=shut)}

    def glass(self, glass: Glass) -> tuple[Uid, Facts]:
        """An ask to break the glass."""
        attributes = {
            "asker": Uid("Official", glass.asker),
            "askerUntil": self._officer_until(glass.asker, glass.asked, {glass.body}),
            "confirmer": Uid("Official", glass.confirmer or "0"),
            "confirmerUntil": self._confirmer_until(glass),
            "body": Uid("Body", glass.body),
            "handling": glass.handling,
            "open": glass.state == "asked",
            "broken": glass.state == "broken",
            "validUntil": glass.until,
        }
        me = Uid("Glass", str(self.model.glasses.index(glass)))
        shut = glass.body in self.model.suspended_bodies
        confirmer = self.official(glass.confirmer)[1] if glass.confirmer else _nobody()
        two = {**confirmer, **self.official(glass.asker)[1]}
        return me, {me: Entity(attributes), **two, **_body(glass.body, suspended=shut)}

    def _confirmer_until(self, glass: Glass) -> int:
        """As the schema says: by a role, for another body, that they had when they confirmed."""
        others = {grant.scope for grant in self.model.grants if grant.scope != glass.body}
        return self._officer_until(glass.confirmer, glass.confirmed, others)

    def _officer_until(self, name: str, moment: int, bodies: set[str]) -> int:
        held = (name, "security-officer")
        mine = (each for each in self.model.grants if (each.official, each.role) == held and each.scope in bodies)
        return max((each.until for each in mine if each.since <= moment < each.until), default=0)

    def resource(self, code: str) -> tuple[Uid, Facts]:
        """What members of its areas may book."""
        members = frozenset(Uid("Members", room) for room in self.model.resources[code])
        me = Uid("Resource", code)
        return me, {me: Entity({"owner": Uid("Unit", "a1"), "members": members}), **_unit("a1", "aa")}

    def booking(self, booking: Booking) -> tuple[Uid, Facts]:
        """Of a unit."""
        own = {"owner": Uid("Unit", booking.unit), "author": Uid("Official", booking.author)}
        me, body = Uid("Booking", booking.canary), self.model.units[booking.unit].body
        marks = {"marking": booking.marking, "handling": booking.handling}
        return me, {me: Entity(own | marks), **_unit(booking.unit, body)}

    @staticmethod
    def _marked(body: str, author: Uid, item: Any) -> dict[str, Any]:  # noqa: ANN401 -- whatever has a marking
        handling = getattr(item, "handling", 0)
        return {"owner": Uid("Unit", f"of {body}"), "author": author, "marking": item.marking, "handling": handling}


@cache
def _nobody() -> dict[Uid, Entity]:
    attributes = {
        "validFrom": 0,
        "validUntil": FOREVER,
        "suspended": False,
        "listed": False,
        "clearance": 0,
        "body": Uid("Body", "0"),
        "unit": Uid("Unit", "0"),
        "senders": Uid("Senders", "0"),
    }
    return {Uid("Official", "0"): Entity(attributes), **_body("0", suspended=False)}


@cache
def _room(code: str, competence: str, *, moderated: bool, closed: bool) -> dict[Uid, Entity]:
    people = {name: Uid(name.title(), code) for name in TAKING_PART}
    attributes = {
        **people,
        "area": Uid("Area", code),
        "owner": Uid("Unit", "a1"),
        "competence": Uid("Competence", competence),
        "moderated": moderated,
        "closed": closed,
    }
    area = Entity({"liaisonOfficers": Uid("LiaisonOfficers", code), "body": Uid("Body", "0")})
    return {Uid("Room", code): Entity(attributes), Uid("Area", code): area}


@cache
def _unit(name: str, body: str) -> dict[Uid, Entity]:
    return {Uid("Unit", name): Entity({"body": Uid("Body", body)})}


@cache
def _owner(body: str) -> dict[Uid, Entity]:
    return {Uid("Unit", f"of {body}"): Entity({"body": Uid("Body", body)})}


@cache
def _body(code: str, *, suspended: bool) -> dict[Uid, Entity]:
    groups = {
        "contactPoints": "ContactPoints",
        "deputies": "Deputies",
        "directoryAdmins": "DirectoryAdmins",
        "securityOfficers": "SecurityOfficers",
    }
    held = {name: Uid(kind, code) for name, kind in groups.items()}
    over = Uid("Body", AUTHORITY)
    own = {Uid("Body", code): Entity({"suspended": suspended, "authority": over, **held})}
    return own if code == AUTHORITY else {**_body(AUTHORITY, suspended=False), **own}


# ---- the three questions


class Asker:
    """Asks one text; what was compiled for the same facts is kept from sequence to sequence."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        self._subjects: dict[Any, Subject] = {}
        self._tests: dict[Any, Test] = {}

    def decide(self, network: Catalogue, name: str, action: Action, item: tuple[Uid, Facts], *, strong: bool) -> bool:
        """May she?"""
        context = Context(network.model.now, strong)
        return self.policies.decide(self._subject(network, network.who(name)), action, *item, context).allowed

    def visible(self, network: Catalogue, name: str, action: Action, kind: Kind, *, strong: bool) -> Test:
        """Which of all items may she?"""
        who = network.who(name)
        key = who, action, kind, strong
        if key not in self._tests:
            context = Context(entities.NOW, strong)
            found = self.policies.visible(self._subject(network, who), action, kind, context)
            self._keep(key, test(found.predicate))
        return self._tests[key]

    def audience(self, network: Catalogue, action: Action, item: tuple[Uid, Facts], *, strong: bool) -> set[str]:
        """Who may, of all?"""
        found = test(self.policies.audience(action, *item, Context(entities.NOW, strong)).predicate)
        people = ((name, network.subject(network.who(name))) for name in network.model.officials)
        return {name for name, facts in people if found(Uid("Official", name), facts, network.model.now)}

    def _subject(self, network: Catalogue, who: Any) -> Subject:  # noqa: ANN401 -- as Catalogue.who
        if who not in self._subjects:
            if len(self._subjects) > MOST_KEPT:
                self._subjects.clear()
            self._subjects[who] = self.policies.subject(Uid("Official", who[0][0]), network.subject(who))
        return self._subjects[who]

    def _keep(self, key: Any, made: Test) -> None:  # noqa: ANN401 -- a key
        if len(self._tests) > MOST_KEPT:
            self._tests.clear()
        self._tests[key] = made


# ---- a filter without SQL


def test(node: Any) -> Test:  # noqa: ANN401, PLR0911 -- a predicate; one line each kind of it
    """The predicate as a function."""
    match node:
        case Const(value):
            return lambda _uid, _facts, _now: value
        case Not(part):
            inner = test(part)
            return lambda uid, facts, now: not inner(uid, facts, now)
        case All(parts):
            every = [test(part) for part in parts]
            return lambda uid, facts, now: all(each(uid, facts, now) for each in every)
        case AnyOf(parts):
            some = [test(part) for part in parts]
            return lambda uid, facts, now: any(each(uid, facts, now) for each in some)
        case Holds(column):
            return lambda uid, facts, _: bool(_value(column, uid, facts))
        case OneOf(column, values):
            return lambda uid, facts, _: _value(column, uid, facts) in values
        case Within(column, above):
            return lambda uid, facts, _: above in _above(_value(column, uid, facts), facts)
        case Has(column, value):
            return lambda uid, facts, _: value in _value(column, uid, facts)
        case Compare(op, left, right):
            return lambda uid, facts, now: _compared(op, _side(left, uid, facts, now), _side(right, uid, facts, now))
    raise AssertionError(node)


def _value(column: Column, uid: Uid, facts: Mapping[Uid, Entity]) -> Any:  # noqa: ANN401 -- a fact
    for name in column.path:
        uid = facts[uid].attributes[name]  # type: ignore[assignment] # the last may be a plain value
    return uid


def _above(uid: Uid, facts: Mapping[Uid, Entity]) -> set[Uid]:
    return {uid, *(facts[uid].parents if uid in facts else ())}


def _side(term: Any, uid: Uid, facts: Facts, now: int) -> Any:  # noqa: ANN401 -- an operand, its value
    if isinstance(term, Column):
        return _value(term, uid, facts)
    return now if isinstance(term, Parameter) else term


def _compared(op: str, left: Any, right: Any) -> bool:  # noqa: ANN401 -- values
    return (left == right) is (op == "eq") if op in ("eq", "not_eq") else ORDER[op](left, right)  # type: ignore[index] # one of them
