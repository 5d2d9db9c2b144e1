from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from policy_world import NOW, random_world
from sqlalchemy import select

from directory.facts import AbsentError, subject_facts
from directory.tables import FOREVER, official, role_grant
from groupware.catalogue import CATALOGUES, OFFICIAL, POST
from groupware.facts import resource_facts
from groupware.render import render
from groupware.tables import post, room
from policies import entities
from policies.decision import Policies
from policies.entities import Context, Uid
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from policies.compiler import Filter

MOMENTS = (NOW - 2, NOW - 1, NOW, NOW + 1, NOW + 2)


@pytest.fixture
def connection(network: Engine) -> Iterator[Connection]:
    with network.connect() as connection:
        random_world(5).store(connection)
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def policies() -> Policies:
    return Policies.load()


def passing(connection: Connection, kind: Kind, found: Filter, now: int) -> set[str]:
    facts = CATALOGUES[kind]
    return {
        str(row[0]) for row in connection.execute(select(facts.id).where(render(found.predicate, facts)), {"now": now})
    }


def test_facts_hold_until_the_next_date_and_change_there(connection: Connection) -> None:
    boundaries = 0
    for who in range(1, 41):
        _, before, until = subject_facts(connection, who, NOW - 2)
        while until < FOREVER:
            _, last, same = subject_facts(connection, who, until - 1)
            assert (last, same) == (before, until)
            _, before, until = subject_facts(connection, who, until)
            boundaries += 1
    assert boundaries > 40


def test_a_grant_counts_from_its_first_moment_to_before_its_last(connection: Connection) -> None:
    dates = {"valid_from": NOW, "valid_until": NOW + 2}
    connection.execute(role_grant.insert().values(id=100_000, official=1, role="moderator", scope=77, **dates))
    held = Uid("Moderators", "77")
    counts = []
    for now in MOMENTS:
        me, facts, _ = subject_facts(connection, 1, now)
        counts.append(held in facts[me].parents)
    assert counts == [False, False, True, True, False]


def test_the_next_date_may_be_the_end_of_service(connection: Connection) -> None:
    connection.execute(role_grant.delete().where(role_grant.c.official == 1))
    connection.execute(official.update().where(official.c.id == 1).values(valid_from=NOW, valid_until=NOW + 5))
    untils = [subject_facts(connection, 1, now)[2] for now in (NOW - 1, NOW, NOW + 5)]
    assert untils == [NOW, NOW + 5, FOREVER]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PARTNER])
def test_facts_of_what_is_not_there_raise(connection: Connection, kind: Kind) -> None:
    with pytest.raises(AbsentError):
        resource_facts(connection, kind, 999_999)
    with pytest.raises(AbsentError):
        subject_facts(connection, 999_999, NOW)


def test_an_unknown_domain_is_no_partner(connection: Connection) -> None:
    uid, facts = resource_facts(connection, Kind.PARTNER, "elsewhere.test")
    assert facts[uid].attributes == {"allowed": False}


def test_one_compiled_filter_answers_at_every_moment_that_its_facts_hold(
    connection: Connection, policies: Policies
) -> None:
    filters, reused = Context(entities.NOW, strong_auth=False), 0
    items = [resource_facts(connection, Kind.OFFICIAL, key) for key in range(1, 41)]
    for who in range(1, 41):
        until = 0
        for now in MOMENTS:
            reused += now < until
            if now >= until:
                uid, facts, until = subject_facts(connection, who, now)
                subject = policies.subject(uid, facts)
                found = policies.visible(subject, Action.MAIL, Kind.OFFICIAL, filters)
            context = Context(now, strong_auth=False)
            decided = {i.id for i, more in items if policies.decide(subject, Action.MAIL, i, more, context).allowed}
            assert passing(connection, Kind.OFFICIAL, found, now) == decided
    assert reused > 40


def test_one_compiled_audience_answers_at_every_moment(connection: Connection, policies: Policies) -> None:
    filters, changes = Context(entities.NOW, strong_auth=True), 0
    for key in range(1, 20):
        item, facts = resource_facts(connection, Kind.POST, key)
        found = policies.audience(Action.READ, item, facts, filters)
        heard = [passing(connection, Kind.OFFICIAL, found, now) for now in MOMENTS]
        for now, answer in zip(MOMENTS, heard, strict=True):
            people = (policies.subject(*subject_facts(connection, who, now)[:2]) for who in range(1, 41))
            context = Context(now, strong_auth=True)
            decided = {s.uid.id for s in people if policies.decide(s, Action.READ, item, facts, context).allowed}
            assert answer == decided
        changes += len({frozenset(answer) for answer in heard}) > 1
    assert changes


def test_a_predicate_stays_whole_inside_a_statement_that_reads_the_same_tables(
    connection: Connection, policies: Policies
) -> None:
    different = set()
    for who in range(1, 41):
        subject = policies.subject(*subject_facts(connection, who, NOW)[:2])
        found = policies.visible(subject, Action.LIST, Kind.POST, Context(entities.NOW, strong_auth=True))
        alone = passing(connection, Kind.POST, found, NOW)
        joined = select(post.c.id).join(room, room.c.id == post.c.room).where(render(found.predicate, POST))
        assert {str(key) for key in connection.scalars(joined, {"now": NOW})} == alone
        different.add(len(alone))
    assert len(different) > 3


def test_an_audience_stays_whole_inside_a_statement_that_reads_grants(
    connection: Connection, policies: Policies
) -> None:
    item, facts = resource_facts(connection, Kind.POST, 1)
    found = policies.audience(Action.WITHDRAW, item, facts, Context(entities.NOW, strong_auth=True))
    alone = passing(connection, Kind.OFFICIAL, found, NOW)
    holders = select(official.c.id).join(role_grant, role_grant.c.official == official.c.id)
    joined = holders.where(render(found.predicate, OFFICIAL)).distinct()
    assert {str(key) for key in connection.scalars(joined, {"now": NOW})} == alone
    assert alone
