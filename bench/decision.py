"""What a decision costs, at the size of the whole network: `python -m bench.decision [database URL]`.

33 bodies, 198 units, 80 rooms in 4 areas, 5,000 officials, 100,000 posts; exit 1 when a goal is missed.
"""

from __future__ import annotations

import random
import statistics
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Select, create_engine, func, select, text

from directory.tables import (
    FOREVER,
    area,
    body,
    competence,
    metadata,
    official,
    rights,
    role_grant,
    unit,
    unit_above,
    unit_competence,
)
from groupware.caller import Caller
from groupware.catalogue import OFFICIAL, POST
from groupware.facts import resource_facts, subject_facts
from groupware.monitor import Monitor
from groupware.render import reasons, render
from groupware.store import Snapshot
from groupware.tables import content, post, rendering, room, submission
from policies.decision import Policies
from policies.entities import NOW, Context, Entity, Uid
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Table

    from policies.compiler import Filter
    from policies.decision import Decision, Subject
    from policies.entities import Facts

MOMENT = 1_700_000_000_000_000
BODIES, UNITS, AREAS, ROOMS, COMPETENCES, PEOPLE, POSTS = 33, 198, 4, 80, 12, 5_000, 100_000
LONERS = 20
"""The last officials of the list: reader of one small room, nothing else."""
CONTEXT, FILTERS = Context(MOMENT, strong_auth=True), Context(NOW, strong_auth=True)
NONE = float("inf")
"""No goal."""
failed: list[str] = []


def fill(connection: Connection) -> None:
    chance = random.Random(7)

    def store(table: Table, rows: Iterable[dict[str, object]]) -> None:
        connection.execute(table.insert(), list(rows))

    store(rights, [{"id": 1, "version": 1}])
    store(body, ({"id": n, "code": f"b{n}", "name": "", "kind": "ms"} for n in range(1, BODIES + 1)))
    store(unit, ({"id": n, "body": 1 + (n - 1) // 6, "code": f"u{n}", "name": ""} for n in range(1, UNITS + 1)))
    store(unit_above, ({"above": n, "unit": n} for n in range(1, UNITS + 1)))
    store(area, ({"id": n, "code": f"a{n}", "name": ""} for n in range(1, AREAS + 1)))
    store(competence, ({"id": n, "code": f"c{n}"} for n in range(1, COMPETENCES + 1)))
    given = [(n, c) for n in range(1, UNITS + 1) for c in chance.sample(range(1, COMPETENCES + 1), 5)]
    store(unit_competence, ({"unit": n, "competence": c, "given": True} for n, c in given))
    rooms = [a_room(n, chance) for n in range(1, ROOMS + 1)]
    store(room, rooms)
    people = [an_official(n, chance) for n in range(1, PEOPLE + 1)]
    store(official, people)
    grants = [grant for n in range(1, PEOPLE + 1) for grant in grants_of(n, chance)]
    store(role_grant, grants)
    store(content, [{"id": 1, "sha256": b"", "size": 0}])
    store(rendering, [a_rendering()])
    posters: dict[object, list[int]] = {}
    for grant in grants:
        if grant["role"] == "poster":
            posters.setdefault(grant["scope"], []).append(int(str(grant["official"])))
    posts = [a_post(n, rooms, people, posters, chance) for n in range(1, POSTS + 1)]
    store(
        submission,
        (
            {"id": p["id"], "author": p["author"], "message_id": str(p["id"]), "content": 1, "received": 0}
            for p in posts
        ),
    )
    store(post, posts)


def a_room(n: int, chance: random.Random) -> dict[str, object]:
    fixed: dict[str, object] = {"moderated": True, "closed": False, "marking": 2, "handling": 0, "retention": ""}
    owner, held = chance.randint(1, UNITS), chance.randint(1, COMPETENCES)
    return {
        "id": n,
        "area": 1 + (n - 1) % AREAS,
        "code": f"r{n}",
        "name": "",
        "owner": owner,
        "competence": held,
        **fixed,
    }


def an_official(n: int, chance: random.Random) -> dict[str, object]:
    home = chance.randint(1, UNITS)
    names = {"login": f"o{n}", "address": f"o{n}@iconet.test", "name": f"Official {n}"}
    clearance = 3 if n > PEOPLE - LONERS else chance.choice((0, 1, 2, 3, 3))
    return {
        "id": n,
        **names,
        "body": 1 + (home - 1) // 6,
        "unit": home,
        "clearance": clearance,
        "suspended": n % 97 == 0,
    }


def grants_of(n: int, chance: random.Random) -> list[dict[str, object]]:
    if n > PEOPLE - LONERS:
        return [a_grant(n, "reader", ROOMS)]
    areas = chance.sample(range(1, AREAS + 1), chance.choice((1, 1, 2)))
    mine = [r for r in range(1, ROOMS) if 1 + (r - 1) % AREAS in areas and chance.random() < 0.5]
    roles = [(role, r) for r in mine for role in ("reader", "poster")]
    roles += [("moderator", r) for r in mine if chance.random() < 0.01]
    roles += [("liaison-officer", a) for a in areas if chance.random() < 0.05]
    return [a_grant(n, role, scope, until=FOREVER if chance.random() < 0.95 else MOMENT) for role, scope in roles]


def a_grant(who: int, role: str, scope: int, until: int = FOREVER) -> dict[str, object]:
    return {"official": who, "role": role, "scope": scope, "valid_from": 0, "valid_until": until}


def a_rendering() -> dict[str, object]:
    texts = dict.fromkeys(("message_id", "subject", "sender"), "")
    blobs = dict.fromkeys(("head", "envelope", "body", "bodystructure"), b"")
    return {"id": 1, "content": 1, "body_at": 0, "size": 0, "scanner": 1, "sent": 0, "received": 0, **texts, **blobs}


def a_post(
    n: int,
    rooms: list[dict[str, object]],
    people: list[dict[str, object]],
    posters: dict[object, list[int]],
    chance: random.Random,
) -> dict[str, object]:
    place = chance.choice(rooms[:-1]) if n % 5000 else rooms[-1]
    author = people[chance.choice(posters.get(place["id"], [1])) - 1]
    marks = {"marking": chance.choice((0, 1, 2, 2, 2, 3, 4)), "handling": chance.choice((0, 0, 0, 1, 2, 3))}
    state = "held" if chance.random() < 0.02 else "published"
    names = {
        "id": n,
        "token": f"{n:032x}",
        "submission": n,
        "rendering": 1,
        "room": place["id"],
        "author": author["id"],
    }
    rest = {"owner": author["unit"], "competence": place["competence"], "retention": "standard", "state": state}
    return {**names, **marks, **rest, "rule": "moderated-room", "received": MOMENT + n, "published": MOMENT + n}


def measure(name: str, goal: float, work: Callable[[Any], object], cases: list[Any], rounds: int = 1) -> None:
    """Prints the median and 95th percentile in ms, and the median's share of its goal (ms)."""
    took = sorted(timed(work, case) for _ in range(rounds) for case in cases)
    median = statistics.median(took)
    if median > goal:
        failed.append(name)
    share = f"{median / goal:5.2f} of {goal:g}" if goal < NONE else "-"
    print(f"{name:62} {median:8.3f} {took[int(len(took) * 0.95)]:8.3f}   {share}")


def timed(work: Callable[[Any], object], case: object) -> float:
    started = perf_counter()
    work(case)
    return (perf_counter() - started) * 1e3


def page(found: Filter, *, explained: bool = False) -> Select[Any]:
    """The newest 50 posts that pass."""
    extra = reasons(found, POST) if explained else []
    return select(post.c.id, *extra).where(render(found.predicate, POST)).order_by(post.c.id.desc()).limit(50)


def main(engine: Engine) -> None:
    metadata.create_all(engine)
    with engine.begin() as connection:
        fill(connection)
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        print(f"{engine.dialect.name:62} {'p50 ms':>8} {'p95 ms':>8}   share of goal")
        report(connection, Policies.load())


def report(connection: Connection, policies: Policies) -> None:
    chance = random.Random(3)
    people = [n for n in chance.sample(range(1, PEOPLE - LONERS), 60) if n % 97]
    posts = chance.sample(range(1, POSTS), 60)
    subjects = [policies.subject(*subject_facts(connection, n, MOMENT)[:2]) for n in people]
    items = [resource_facts(connection, Kind.POST, n) for n in posts]
    measure("load, validate and check the text", NONE, lambda _: Policies.load(), list(range(10)))
    decisions(policies, subjects, items[:20])
    readers(connection, policies, people, posts)
    remembered(connection, policies, people, posts)
    pages(connection, policies, subjects)
    audiences(connection, policies, items)


def decisions(policies: Policies, subjects: list[Subject], items: list[tuple[Uid, Facts]]) -> None:
    def decide(case: tuple[Subject, Uid, Facts]) -> Decision:
        subject, item, facts = case
        return policies.decide(subject, Action.READ, item, facts, CONTEXT)

    def decide_cold(case: tuple[Subject, Uid, Facts]) -> Decision:
        return decide((policies.subject(case[0].uid, case[0].facts), *case[1:]))

    pairs = [(subject, *item) for subject in subjects for item in items]
    hot: list[tuple[Subject, Uid, Facts]] = [(subject.knowing(facts), item, {}) for subject, item, facts in pairs]
    for case in hot:
        decide(case)
    measure("decide, subject and item at hand", 0.150, decide, hot)
    measure("decide, subject at hand, item's facts added", NONE, decide, pairs)
    measure("from facts to answer: both sides' facts, handles, decision", 0.700, decide_cold, pairs)


def readers(connection: Connection, policies: Policies, people: list[int], posts: list[int]) -> None:
    def subject(who: int) -> Subject:
        return policies.subject(*subject_facts(connection, who, MOMENT)[:2])

    def item(key: int) -> tuple[Uid, Facts]:
        return resource_facts(connection, Kind.POST, key)

    def answer(case: tuple[int, int]) -> Decision:
        return policies.decide(subject(case[0]), Action.READ, *item(case[1]), CONTEXT)

    embedded = connection.dialect.name == "sqlite"
    measure("the same, facts read from the database", NONE, answer, [(n, m) for n in people[:20] for m in posts[:20]])
    measure("read a subject's facts", 0.150 if embedded else NONE, subject, people, rounds=5)
    measure("read a post's facts", NONE, item, posts, rounds=5)


def remembered(connection: Connection, policies: Policies, people: list[int], posts: list[int]) -> None:
    """As use cases ask: the monitor, which reads the version of the rights and the post's state each time."""
    monitor = Monitor(policies)
    callers = [Caller(n, f"o{n}", "", "", Door.IMAP, strong=True) for n in people[:20]]

    def ask(case: tuple[Snapshot, Caller, int]) -> Decision:
        snapshot, caller, number = case
        return monitor.decide(snapshot, caller, Action.READ, Kind.POST, number)

    def cases() -> list[tuple[Snapshot, Caller, int]]:
        return [(Snapshot(connection, MOMENT), caller, number) for caller in callers for number in posts[:20]]

    for case in cases():
        ask(case)
    embedded = connection.dialect.name == "sqlite"  # elsewhere one question to the server takes longer than that
    measure("from the memo, versions read", 0.030 if embedded else NONE, ask, cases())
    measure("a statement that reads nothing", NONE, lambda _: connection.exec_driver_sql("SELECT 1"), [None] * 400)


def pages(connection: Connection, policies: Policies, subjects: list[Subject]) -> None:
    def visible(subject: Subject) -> Filter:
        return policies.visible(subject, Action.LIST, Kind.POST, FILTERS)

    def fetch(statement: Select[Any]) -> object:
        return connection.execute(statement, {"now": MOMENT}).all()

    loners = [
        policies.subject(*subject_facts(connection, n, MOMENT)[:2]) for n in range(PEOPLE - LONERS + 1, PEOPLE + 1)
    ]
    measure("compile a filter of posts", NONE, visible, subjects)
    measure("render it as a page", NONE, page, [visible(s) for s in subjects])
    measure("newest 50 of 100,000 posts", 10, fetch, [page(visible(s)) for s in subjects], rounds=3)
    measure("the same, from a cold subject to rows", 10, lambda s: fetch(page(visible(s))), subjects)
    measure("the same, with reasons", 10, fetch, [page(visible(s), explained=True) for s in subjects], rounds=3)
    measure("newest 50, of one who may see almost nothing", 50, fetch, [page(visible(s)) for s in loners], rounds=3)
    blind = [policies.subject(*anywhere_but_cleared(subject)) for subject in subjects[:10]]
    measure(
        "newest 50, of one for whom the whole table is read", 50, fetch, [page(visible(s)) for s in blind], rounds=3
    )
    counts = [select(func.count()).select_from(post).where(render(visible(s).predicate, POST)) for s in subjects]
    measure("count all that she may see", NONE, fetch, counts[:20])
    sizes = [len(connection.execute(page(visible(s)), {"now": MOMENT}).all()) for s in (*subjects, *loners)]
    print(f"  mean page {statistics.mean(sizes[: len(subjects)])}, of loners {statistics.mean(sizes[len(subjects) :])}")
    explain(connection, page(visible(subjects[0])))
    explain(connection, page(visible(loners[0])))


def anywhere_but_cleared(subject: Subject) -> tuple[Uid, Facts]:
    """A reader of every room, in a unit competent for everything, whom the lack of any clearance still keeps out."""
    me = subject.facts[subject.uid]
    rooms = frozenset(Uid("Readers", str(n)) for n in range(1, ROOMS + 1))
    home = next(uid for uid in subject.facts if uid.type == "Unit")
    everything = frozenset(Uid("Competence", str(n)) for n in range(1, COMPETENCES + 1))
    blind = {
        subject.uid: Entity({**me.attributes, "clearance": -1}, rooms),
        home: Entity(subject.facts[home].attributes, everything),
    }
    return subject.uid, {**subject.facts, **blind}


def audiences(connection: Connection, policies: Policies, items: list[tuple[Uid, Facts]]) -> None:
    def audience(item: tuple[Uid, Facts]) -> Select[Any]:
        found = policies.audience(Action.LIST, *item, FILTERS)
        return select(official.c.id).where(render(found.predicate, OFFICIAL))

    def fetch(statement: Select[Any]) -> list[Any]:
        return list(connection.execute(statement, {"now": MOMENT}).all())

    ready = [audience(item) for item in items]
    measure("audience of a post among 5,000 officials", 5, fetch, ready, rounds=3)
    measure("the same, from the post's facts to rows", 5, lambda item: fetch(audience(item)), items)
    print(f"  mean audience {statistics.mean(len(fetch(statement)) for statement in ready):.0f}")
    explain(connection, ready[0])


def explain(connection: Connection, statement: Select[Any]) -> None:
    if "--plans" in sys.argv:
        literal = statement.params(now=MOMENT).compile(connection, compile_kwargs={"literal_binds": True})
        prefix = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF) "
        print(literal)
        for row in connection.exec_driver_sql(prefix + str(literal)):
            print("   ", row[-1])


if __name__ == "__main__":
    urls = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    main(create_engine(urls[0] if urls else "sqlite://"))
    sys.exit(f"missed: {', '.join(failed)}" if failed else 0)
