"""Rules of access as sentences, for the portal and the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from groupware.areas.access import RuleCard

FOREVER = 2**62
MAY = {Access.READER: "read", Access.POSTER: "post", Access.DRAFTER: "draft", Access.MANAGER: "manage the room"}
ROLES = {
    Role.LIAISON_OFFICER: "Liaison officers of the area",
    Role.CONTACT_POINT: "Contact points of every state",
    Role.DEPUTY: "Deputies of contact points",
    Role.ORGANISER: "Organisers of the room",
}


def sentence(rule: RuleCard) -> str:
    """One that says it all: "All officials of Estonia may read, from 22 Nov 2026, until 5 Jan 2027."."""
    until = f", until {_day(rule.until)}" if rule.until < FOREVER else ""
    return f"{who(rule)} may {MAY[rule.right]}, from {_day(rule.since)}{until}."


def who(rule: RuleCard) -> str:
    """Whom a rule is for, at the beginning of a sentence."""
    kind = rule.subject.value
    if kind == "body":
        return f"All officials of {rule.called}"
    if kind == "unit":
        return f"{rule.called} ({rule.whom.partition(':')[2]}) and all units below it"
    if kind == "role":
        return ROLES[Role(rule.whom.partition(":")[2])]
    return rule.called if kind == "official" else "Everybody"


def _day(micro: int) -> str:
    when = datetime.fromtimestamp(micro / 1_000_000, UTC)
    return f"{when.day} {when:%b %Y}"
