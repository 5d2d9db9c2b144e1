"""Many acts one after the other, by people of one body together or by one of them alone, and what must never follow.

Each walk begins in the same world, keeps to a few verbs, so that it gets deep into what they do together, and names
what there is by then, also what the walk itself has made. It is repeated by its seed.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from time import process_time
from typing import TYPE_CHECKING, Any

from dice import Dice
from foreign import FACADES, existing, foreign_rows, powers, standing, widened
from foreign_checks import OF_PEOPLE
from foreign_stage import Stage, drawn
from people_world import DAY
from sqlalchemy import bindparam, select

from directory import contact_points, officials
from directory import duty_tables as duty
from directory.tables import area, role_grant
from groupware.duties import places
from groupware.duties.scopes import FOUR_EYES, SCOPES, Scope
from groupware.errors import Forbidden, IconetError, NotFound
from groupware.tables import room
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from foreign import Side, Verb

    from groupware.store import Snapshot

STEPS, FEW, ASKED = 50, (2, 8), 3
"""How long a walk is, how many verbs it keeps to, and how many people try at most to do what it draws."""
SECONDS = 40.0
"""Of the processor's, that a mistake has to be found in."""
ACTS = (".run(", "_act(", "steadily(", "_suspended(")
KEEPERS = ("adela", "alma", "carol", "clara")
BAND = (*KEEPERS, "anna", "emil", "dora")
"""All of one body who may do anything, and some who may not."""
GIVEN = ("room_access", "unit_competence")
"""Tables with what a body gives another's people in its own rooms: they have it, but it is the body's to give."""
Row = Any
Reach = set[tuple[str, str, Any]]


def _writes(verb: Verb) -> bool:
    source = inspect.getsource(getattr(FACADES[verb.facade].kind, verb.name))
    return any(each in source for each in ACTS)


WRITERS = tuple(each for each in OF_PEOPLE if _writes(each))
"""All verbs that may change anything: walks leave out the others."""


def _matter(*names: str) -> Sequence[Verb]:
    found = tuple(each for each in WRITERS if str(each) in names)
    assert len(found) == len(names), names
    return found


PROPOSALS = _matter("duties.propose", "duties.approve")
PROPOSERS = (*PROPOSALS, *_matter("duties.revoke", "people.suspend"))
HAND_OVERS = _matter("duties.offer", "duties.confirm_offer", "duties.take_over")
CONTACT_POINTS = _matter("duties.arrange")
MATTERS = (PROPOSALS, PROPOSERS, HAND_OVERS, CONTACT_POINTS)
"""Verbs that follow one another in one matter: where each needs what another has made, few walks get through all."""


@dataclass
class Walk:
    """One of them: what it began with, and what was done."""

    stage: Stage
    seed: int
    actors: Sequence[str]
    among: Sequence[Verb]
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stage.again()
        self.dice = Dice(self.seed)
        self._last = self.stage.read(_newest_grant)
        self._spoke = self.stage.read(lambda s: speaker(s, self.stage.body))

    def go(self) -> None:
        """Do all of it."""
        random = self.dice.random
        verbs = self._few()
        weights = [3 if each in KEEPERS else 1 for each in self.actors]
        for _ in range(STEPS):
            if self._step(random.choice(verbs), random.choices(self.actors, weights, k=ASKED)):
                self.stage.look()

    def _few(self) -> Sequence[Verb]:
        """Those of one matter, any verbs, or those of one facade, which have more to do with one another."""
        random = self.dice.random
        if self.among is WRITERS and random.random() < 0.25:
            return random.choice(MATTERS)
        facade = random.choice(self.among).facade
        pool = self.among if random.random() < 0.4 else [each for each in self.among if each.facade == facade]
        return random.sample(pool, min(random.randint(*FEW), len(pool)))

    def _step(self, verb: Verb, names: Sequence[str]) -> bool:
        """Whether one of some people did something; others try where the first may not."""
        random, stage = self.dice.random, self.stage
        sides = {each: self._side() for each in sorted(verb.naming)}
        arguments = drawn(self.dice, verb, sides, self._side())
        if random.random() < 0.02:
            stage.world.time.now += DAY
            self._spoke = stage.read(lambda s: speaker(s, stage.body))
        for name in dict.fromkeys(names):
            answer = stage.call(verb, name, dict(arguments))
            if not isinstance(answer, IconetError):
                self.done.append(f"{name} {verb} {arguments}")
                self._check(verb, name)
                return True
            if not isinstance(answer, Forbidden | NotFound):
                return False
        return False

    def _side(self) -> Side:
        return self.stage.own if self.dice.random.random() < 0.65 else self.stage.other

    def _check(self, verb: Verb, name: str) -> None:
        who = self.stage.world.town.people[name]
        speaks, given = self.stage.read(lambda s: (speaker(s, self.stage.body), _given(s, self._last)))
        self._last += len(given) and max(each.id for each in given) - self._last
        if str(verb) not in AGREED:
            assert speaks != who or self._spoke == who, f"{name} speaks for their body: {self}"
        self._spoke = speaks
        for grant in given:
            wrong = self.stage.read(lambda s, grant=grant: one_word(s, verb, grant))
            assert not wrong, f"{wrong}: {grant}: {self}"

    def __str__(self) -> str:
        return "\n".join([f"walk {self.seed}", *self.done])


GIVE = (Role.CONTACT_POINT, Role.DEPUTY, Role.DIRECTORY_ADMIN, Access.MANAGER)
AGREED = ("duties.take_over", "duties.answer_appointment")
"""What was offered to who does it: whoever offered it has said so."""


def speaker(snapshot: Snapshot, body: int) -> int:
    """Who speaks for a body: the holder if in office, else the next in line; 0 for nobody."""
    point, line = contact_points.find(snapshot.connection, body), places.in_line(snapshot, body, 0)
    return point.holder if point and point.holder in line else next(iter(line), 0)


def _newest_grant(snapshot: Snapshot) -> int:
    return snapshot.connection.scalar(select(role_grant.c.id).order_by(role_grant.c.id.desc()).limit(1)) or 0


def _given(snapshot: Snapshot, after: int) -> Sequence[Row]:
    return snapshot.connection.execute(select(role_grant).where(role_grant.c.id > after)).all()


def one_word(snapshot: Snapshot, verb: Verb, grant: Row) -> str:
    """What is wrong about who gave a role that takes two persons' word: nothing, or which of them lacks."""
    if grant.role not in {*FOUR_EYES} or str(verb) == "duties.answer_appointment":
        return ""
    if grant.reason.startswith("hand-over no. "):
        return _handed(snapshot, int(grant.reason.split()[2]))
    if grant.reason.startswith("follows as first deputy"):
        return "they follow by their own act" if grant.granted_by == grant.official else ""
    words = {grant.granted_by, grant.approved_by} - {0, grant.official}
    gone = [each for each in words if not _has_a_word(snapshot, each)]
    return "a second word lacks" if len(words) < 2 else f"{gone} is gone" if gone else ""


def _has_a_word(snapshot: Snapshot, who: int) -> bool:
    """Whether somebody is in office and has a duty by which roles are given: of whatever body or room, for short."""
    duties = {each.role for each in _held(snapshot, who)}
    return officials.in_office(snapshot.connection, who, snapshot.now) and not duties.isdisjoint(GIVE)


def _handed(snapshot: Snapshot, number: int) -> str:
    """The giver's word, or that of two others of whom none takes."""
    known = snapshot.connection.execute(select(duty.hand_over).where(duty.hand_over.c.id == number)).one()
    agreed = known.confirmed_by == known.giver or known.confirmed_by not in {0, known.taker, known.proposed_by}
    return "" if agreed else "the giver, or a second person, hasn't agreed"


def nothing_outside(stage: Stage, seed: int, among: Sequence[Verb] = WRITERS) -> None:
    """Many acts by all of a body: what they can do outside it, one of them could before, and nothing there changes."""
    walk = Walk(stage, seed, BAND, among)
    there, before, could = _beginning(stage)
    walk.go()
    if not walk.done:
        return
    reached = stage.read(lambda s: _outside(stage, s, there))
    assert reached <= could, f"{reached - could}: {walk}"
    assert stage.read(lambda s: _theirs(s, stage.body)) == before, str(walk)


def nothing_alone(stage: Stage, name: str, seed: int, among: Sequence[Verb] = WRITERS) -> None:
    """Many acts by one person, about anything: they can do no more than before."""
    walk = Walk(stage, seed, (name,), among)
    caller = stage.world.strong(name)
    there = stage.read(existing)
    could, was = stage.read(lambda s: (powers(stage.world, s, caller), standing(s, caller.official)))
    walk.go()
    can, stands = stage.read(lambda s: (powers(stage.world, s, caller), standing(s, caller.official)))
    assert {power for power in can - could if power[1:] in there} == set(), str(walk)
    assert not widened(was, stands, lets_go=True), f"{was} {stands} {walk}"


def found(check: Callable[[int], None], seconds: float = SECONDS) -> int | None:
    """The seed of a walk that fails, within some time of the processor's."""
    begun = process_time()
    for seed in count():
        try:
            check(seed)
        except AssertionError:
            return seed
        if process_time() - begun > seconds:
            return None
    return None


@cache
def _beginning(stage: Stage) -> tuple[set[tuple[str, Any]], dict[str, list[Row]], Reach]:
    """What there is, what of it is another body's, and what all of the band may do, where every walk begins."""
    there: set[tuple[str, Any]] = stage.read(existing)
    return there, stage.read(lambda s: _theirs(s, stage.body)), stage.read(lambda s: _outside(stage, s, there))


def _theirs(snapshot: Snapshot, own: int) -> dict[str, list[Row]]:
    """What is another body's, but for what it is let in to, and for rooms that its units own in areas of others."""
    rows = {name: each for name, each in foreign_rows(snapshot, own).items() if name not in GIVEN}
    place, rule = list(room.c).index(room.c.area), list(role_grant.c).index(role_grant.c.access)
    areas = {*snapshot.connection.scalars(select(area.c.id).where(area.c.body == own))}
    rows["room"] = [row for row in rows["room"] if row[place] not in areas]
    rows["role_grant"] = [row for row in rows["role_grant"] if not row[rule]]
    asked = {*snapshot.connection.scalars(_ASKED_TO_MODERATE, {"areas": [*areas]})}
    rows["grant_proposal"] = [row for row in rows["grant_proposal"] if row[_PROPOSAL] not in asked]
    return rows


_PROPOSAL = list(duty.grant_proposal.c).index(duty.grant_proposal.c.id)
_ASKED_TO_MODERATE = (
    select(duty.grant_proposal.c.id)
    .join(room, room.c.id == duty.grant_proposal.c.scope)
    .where(duty.grant_proposal.c.role == Role.MODERATOR, room.c.area.in_(bindparam("areas", expanding=True)))
)
"""Who runs a room proposes whom they like as its moderator; whether they are is their own body's second word."""


def _outside(stage: Stage, snapshot: Snapshot, there: set[tuple[str, Any]]) -> Reach:
    """What all of the band together may do, and hold, where it isn't their body's. Mail is each one's own."""
    own = set(_own(stage, snapshot))
    found: Reach = set()
    for name in BAND:
        caller = stage.world.strong(name)
        found |= powers(stage.world, snapshot, caller)
        found |= {("hold " + each.role, *_scope(each)) for each in _held(snapshot, caller.official)}
    return {each for each in found if each[1:] in there - own and each[1] != "Mail"}


def _own(stage: Stage, snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    areas = snapshot.connection.scalars(select(area.c.id).where(area.c.body == stage.body))
    yield "Body", stage.body
    for kind, numbers in (
        ("Area", areas),
        ("Unit", stage.own.units),
        ("Official", stage.own.officials),
        ("Room", stage.own.rows["room"]),
    ):
        yield from ((kind, each) for each in numbers)


def _held(snapshot: Snapshot, who: int) -> Sequence[Row]:
    now = snapshot.now
    mine = role_grant.c.official == who, role_grant.c.valid_from <= now, role_grant.c.valid_until > now
    return snapshot.connection.execute(select(role_grant).where(*mine)).all()


KINDS = {Scope.ROOM: "Room", Scope.AREA: "Area", Scope.BODY: "Body", Scope.OFFICIAL: "Official"}


def _scope(grant: Row) -> tuple[str, int]:
    role = Role(grant.role) if grant.role in {*Role} else Access(grant.role)
    return KINDS[SCOPES[role]], grant.scope
