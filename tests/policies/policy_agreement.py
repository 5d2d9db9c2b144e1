"""Four answers to every question must be one: decide, visible, audience and the oracle; and the reasons agree too."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from oracle import Oracle
from policy_world import NOW, World, random_world
from sqlalchemy import Connection, Engine, select

from groupware.catalogue import CATALOGUES
from groupware.facts import resource_facts, subject_facts
from groupware.render import reasons, render
from policies import entities
from policies.compiler import scope_includes, scope_is
from policies.entities import Context, Facts, Uid
from policies.tree import NO
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from cedarpy import pst

    from policies.compiler import Filter
    from policies.decision import Decision, Policies, Subject

Reasons = frozenset[str]
Matter = tuple[Action, Kind]
EVERY = frozenset((action, kind) for action in Action for kind in Kind)


@dataclass
class Tally:
    pairs: int = 0
    allowed: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[object] = field(default_factory=list)


@dataclass
class Said:
    """What `decide` and the oracle said about a world, which another database needn't hear again of the same facts."""

    facts: object = None
    answers: dict[tuple[Uid, Action, Uid, Context], tuple[Decision, tuple[bool, ...]]] = field(default_factory=dict)


@cache
def texts() -> tuple[str, str]:
    here = files("policies")
    return (here / "iconet.cedar").read_text(), (here / "iconet.cedarschema").read_text()


def run(
    policies: Policies,
    engine: Engine,
    worlds: Iterable[int],
    *,
    small: bool = False,
    oracle: bool = True,
    about: Collection[Matter] = EVERY,
    said: dict[int, Said] | None = None,
) -> Tally:
    """Judges whole worlds, small ones only up to the first fault; the engine's tables stay empty.

    What the same policies `said` about the same worlds is asked again where a database gives other facts.
    Without the oracle, the three answers from the policies are compared with each other only. What it is `about` is
    asked as if all were.
    """
    tally = Tally()
    for seed in worlds:
        with engine.connect() as connection:
            world = random_world(seed, officials=16, posts=32) if small else random_world(seed)
            world.store(connection)
            judge = Judge(policies, connection, world, seed, tally, oracle=oracle)
            if said is not None:
                judge.recall(said.setdefault(seed, Said()))
            for _ in judge.all(about):
                if small and tally.faults:
                    break
            connection.rollback()
        if small and tally.faults:
            break
    return tally


def matters(policies: Policies) -> list[Matter]:
    """All that can be asked."""
    return [(action, Kind(kind)) for action in Action for kind in sorted(policies.shapes.kinds[action])]


def differing(policies: Policies, others: Policies) -> set[Matter]:
    """What a rule is about that one of them says otherwise, or not at all: on all else they say the same."""
    mine, theirs = policies._by_id, others._by_id
    changed = [name for name in {*mine, *theirs} if _said(mine.get(name)) != _said(theirs.get(name))]
    rules = [known[name] for name in changed for known in (mine, theirs) if name in known]
    return {
        (action, kind)
        for action, kind in matters(policies)
        for rule in rules
        if scope_includes(rule.action, action, policies.shapes.groups) and scope_is(rule.resource, kind)
    }


def _said(rule: pst.Template | None) -> str:
    """A rule without its number, which is its place in the text."""
    return "" if rule is None else repr(replace(rule, id=""))


class Judge:
    """All officials, all items, all actions of one world."""

    def __init__(
        self, policies: Policies, connection: Connection, world: World, seed: int, tally: Tally, *, oracle: bool
    ) -> None:
        self.policies, self.connection, self.world, self.tally = policies, connection, world, tally
        self.oracle, self.chance = Oracle(world, NOW) if oracle else None, random.Random(seed + 1)
        self.items: dict[Kind, dict[Uid, Facts]] = {
            kind: dict(resource_facts(connection, kind, key) for key in world.keys(kind)) for kind in Kind
        }
        known = {
            uid: entity for items in self.items.values() for facts in items.values() for uid, entity in facts.items()
        }
        self.people = [subject_facts(connection, key, NOW)[:2] for key in world.keys("Official")]
        self.subjects = [policies.subject(uid, facts) for uid, facts in self.people]
        self.said = Said()
        self.ready = {subject.uid: subject.knowing(known) for subject in self.subjects}

    def recall(self, said: Said) -> None:
        facts = self.people, self.items
        self.said = said if said.facts == facts else Said()
        said.facts, said.answers = facts, self.said.answers

    def all(self, about: Collection[Matter]) -> Iterator[Matter]:
        for matter in matters(self.policies):
            strong = self.chance.random() < 0.6
            filters = Context(entities.NOW if self.chance.random() < 0.7 else NOW, strong)
            if matter in about:
                self.ask(*matter, filters)
                yield matter

    def ask(self, action: Action, kind: Kind, filters: Context) -> None:
        seen = {s.uid: self.select(kind, self.policies.visible(s, action, kind, filters)) for s in self.subjects}
        for item, facts in self.items[kind].items():
            heard = self.select(Kind.OFFICIAL, self.policies.audience(action, item, facts, filters))
            for subject in self.subjects:
                both = seen[subject.uid].get(item.id), heard.get(subject.uid.id)
                self.compare(subject, action, item, both, Context(NOW, filters.strong_auth))

    def select(self, kind: Kind, found: Filter) -> dict[str, Reasons]:
        """What the filter lets through, with the permits that did."""
        if found.predicate == NO:
            return {}
        facts, permits = CATALOGUES[kind], [rule.id for rule in found.permits]
        statement = select(facts.id, *reasons(found, facts)).where(render(found.predicate, facts))
        rows = self.connection.execute(statement, {"now": NOW})
        return {str(row[0]): frozenset(rule for rule, hit in zip(permits, row[1:], strict=True) if hit) for row in rows}

    def compare(
        self,
        subject: Subject,
        action: Action,
        item: Uid,
        both: tuple[Reasons | None, Reasons | None],
        context: Context,
    ) -> None:
        visible, audience = both
        key = subject.uid, action, item, context
        if key not in self.said.answers:
            decision = self.policies.decide(self.ready[subject.uid], action, item, {}, context)
            self.said.answers[key] = decision, self.truth(subject.uid, action, item, strong=context.strong_auth)
        decision, truth = self.said.answers[key]
        answers = (decision.allowed, visible is not None, audience is not None, *truth)
        self.count(action, item.type, decision.rules, allowed=decision.allowed)
        if len(set(answers)) > 1 or not decision.rules:
            self.tally.faults.append((action, subject.uid, item, answers, decision.rules))
        elif decision.allowed and not frozenset(decision.rules) == visible == audience:
            self.tally.faults.append((action, subject.uid, item, decision.rules, visible, audience))

    def truth(self, who: Uid, action: Action, item: Uid, *, strong: bool) -> tuple[bool, ...]:
        key = item.id if item.type == "Partner" else int(item.id)
        return (self.oracle.may(int(who.id), action, item.type, key, strong=strong),) if self.oracle else ()

    def count(self, action: str, kind: str, rules: tuple[str, ...], *, allowed: bool) -> None:
        self.tally.pairs += 1
        self.tally.allowed += allowed
        self.tally.fired.update(rules)
        self.tally.asked[action, kind] += 1
