"""Two ways in which plain Cedar would let somebody in, and what else must not open a door."""

from __future__ import annotations

import cedarpy
import pytest
from policy_agreement import texts

from policies import decision
from policies.decision import NO_RULE, POLICY_ERROR, Policies
from policies.entities import NOW, Context, Entity, Fact, Facts, Uid
from policies.schema import UnsupportedError
from policies.tree import NO
from policies.vocabulary import Action, Kind

FOREVER = 2**62
ME, BODY, UNIT = Uid("Official", "1"), Uid("Body", "1"), Uid("Unit", "1")
POST, ROOM, AREA, OWNER = Uid("Post", "1"), Uid("Room", "1"), Uid("Area", "1"), Uid("Unit", "2")
CONTEXT = Context(1_000, strong_auth=True)


def somebody(*roles: Uid) -> Facts:
    me: dict[str, Fact] = {
        "body": BODY,
        "unit": UNIT,
        "clearance": 3,
        "suspended": False,
        "listed": True,
        "senders": Uid("Senders", "1"),
        "validFrom": 0,
    }
    groups: dict[str, Fact] = {
        name: Uid(name[0].upper() + name[1:], "1")
        for name in ("contactPoints", "deputies", "directoryAdmins", "securityOfficers")
    }
    return {
        ME: Entity({**me, "validFrom": 0, "validUntil": FOREVER}, frozenset(roles)),
        UNIT: Entity({"body": BODY}, frozenset({Uid("Competence", "1")})),
        BODY: Entity({"suspended": False, "authority": BODY, **groups}),
    }


def strict_post() -> dict[Uid, Entity]:
    wrote = Uid("Official", "2")
    item: dict[str, Fact] = {
        "room": ROOM,
        "owner": OWNER,
        "ownersContactPoints": Uid("ContactPoints", "1"),
        "ownersDeputies": Uid("Deputies", "1"),
        "author": wrote,
        "sender": wrote,
        "loosener": wrote,
        "marking": 3,
        "handling": 0,
    }
    room: dict[str, Fact] = {
        name: Uid(name.capitalize(), "1")
        for name in ("readers", "posters", "drafters", "managers", "moderators", "organisers", "area", "competence")
    }
    return {
        POST: Entity(
            {
                **item,
                "competence": Uid("Competence", "1"),
                "held": False,
                "draft": False,
                "unconfirmed": False,
                "published": True,
                "withdrawn": False,
                "loosening": False,
            }
        ),
        ROOM: Entity({**room, "owner": UNIT, "moderated": True, "closed": False}),
        AREA: Entity({"liaisonOfficers": Uid("LiaisonOfficers", "1"), "body": BODY}),
        OWNER: Entity({"body": BODY}),
    }


READER, ADMIN = Uid("Readers", "1"), Uid("Duty", "directory-admin")


@pytest.fixture(scope="module")
def policies() -> Policies:
    return Policies.load()


def test_a_reader_reads(policies: Policies) -> None:
    answer = policies.decide(policies.subject(ME, somebody(READER)), Action.READ, POST, strict_post(), CONTEXT)
    assert (answer.allowed, answer.rules) == (True, ("reader-reads",))


def test_an_action_group_counts_although_plain_cedar_forgets_it(policies: Policies) -> None:
    facts = {**strict_post(), **somebody(READER, ADMIN)}
    request = decision._request(ME, Action.READ, POST, CONTEXT)
    assert cedarpy.is_authorized(request, texts()[0], decision._json(facts)).allowed
    answer = policies.decide(policies.subject(ME, somebody(READER, ADMIN)), Action.READ, POST, strict_post(), CONTEXT)
    assert (answer.allowed, answer.rules) == (False, ("admins-see-no-content",))


def test_a_forbid_that_errs_refuses_although_plain_cedar_skips_it(policies: Policies) -> None:
    facts = {uid: entity for uid, entity in strict_post().items() if uid != OWNER}
    request = decision._request(ME, Action.READ, POST, CONTEXT)
    assert cedarpy.is_authorized(request, texts()[0], decision._json({**facts, **somebody(READER)})).allowed
    subject = policies.subject(ME, somebody(READER))
    answer = policies.decide(subject, Action.READ, POST, facts, CONTEXT)
    assert (answer.allowed, answer.rules) == (False, (POLICY_ERROR,))
    with pytest.raises(KeyError):
        policies.audience(Action.READ, POST, facts, CONTEXT)


def test_facts_that_do_not_fit_the_schema_raise(policies: Policies) -> None:
    subject = policies.subject(ME, somebody(READER))
    lacking = {**strict_post(), OWNER: Entity()}
    with pytest.raises(ValueError, match="conform"):
        policies.decide(subject, Action.READ, POST, lacking, CONTEXT)
    with pytest.raises(ValueError, match="conform"):
        _ = policies.subject(ME, {**somebody(), ME: Entity({"body": BODY})}).handle


def test_a_default_refusal_names_its_rule(policies: Policies) -> None:
    answer = policies.decide(policies.subject(ME, somebody()), Action.READ, POST, strict_post(), CONTEXT)
    assert (answer.allowed, answer.rules) == (False, (NO_RULE,))


def test_an_action_on_the_wrong_kind_raises_in_every_question(policies: Policies) -> None:
    subject = policies.subject(ME, somebody(READER))
    with pytest.raises(UnsupportedError):
        policies.decide(subject, Action.ENTER, POST, strict_post(), CONTEXT)
    with pytest.raises(UnsupportedError):
        policies.visible(subject, Action.ENTER, Kind.POST, CONTEXT)
    with pytest.raises(UnsupportedError):
        policies.audience(Action.ENTER, POST, strict_post(), CONTEXT)


def test_an_action_is_never_done_to_a_kind_of_which_no_rule_speaks(policies: Policies) -> None:
    subject = policies.subject(ME, somebody(READER))
    for ask in (
        lambda: policies.decide(subject, Action.MANAGE, POST, strict_post(), CONTEXT),
        lambda: policies.visible(subject, Action.MANAGE, Kind.POST, CONTEXT),
        lambda: policies.audience(Action.MANAGE, POST, strict_post(), CONTEXT),
    ):
        with pytest.raises(UnsupportedError, match="manage doesn't apply to Post"):
            ask()


def test_a_decision_needs_a_moment(policies: Policies) -> None:
    with pytest.raises(UnsupportedError):
        policies.decide(
            policies.subject(ME, somebody()), Action.READ, POST, strict_post(), Context(NOW, strong_auth=True)
        )


def test_facts_at_hand_answer_like_facts_given(policies: Policies) -> None:
    subject = policies.subject(ME, somebody(READER))
    ready = subject.knowing(strict_post())
    assert ready.knowing({}).handle is ready.handle
    given = policies.decide(subject, Action.READ, POST, strict_post(), CONTEXT)
    assert policies.decide(ready, Action.READ, POST, {}, CONTEXT) == given


def test_an_obligation_follows_an_allowed_action_only() -> None:
    text, schema = texts()
    policies = Policies(text.replace('@id("reader-reads")', '@id("reader-reads") @obligation("tell-owner")'), schema)
    allowed = policies.decide(policies.subject(ME, somebody(READER)), Action.READ, POST, strict_post(), CONTEXT)
    refused = policies.decide(policies.subject(ME, somebody(READER, ADMIN)), Action.READ, POST, strict_post(), CONTEXT)
    assert (allowed.obligations, refused.obligations) == (("tell-owner",), ())


def test_a_filter_for_nobody_is_no(policies: Policies) -> None:
    suspended = {**somebody(READER), BODY: Entity({**somebody()[BODY].attributes, "suspended": True})}
    assert (
        policies.visible(
            policies.subject(ME, suspended), Action.LIST, Kind.POST, Context(NOW, strong_auth=True)
        ).predicate
        == NO
    )
