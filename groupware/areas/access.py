"""Who takes part in a room, said once for many: rules are given and ended, never rewritten (directory.access)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from directory import access, bodies, first_links, newcomers, officials
from directory import tables as directory
from directory.access import Rule, Subject
from directory.tables import FOREVER
from groupware import given
from groupware.areas import acting, people
from groupware.errors import NotFound, Refused
from groupware.events import EventKind
from policies.vocabulary import Access, Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

MANY = 0
NAMELESS = f"{Subject.OFFICIAL}:"
UNSEEN = "An official whom you may not see"
_grant = directory.role_grant.c
_HOLDERS = select(_grant.access, _grant.role, _grant.official).where(
    _grant.scope == bindparam("room"),
    _grant.role.in_([right.value for right in sorted(access.BY_RULE)]),
    _grant.access != 0,
    _grant.valid_from <= bindparam("at"),
    _grant.valid_until > bindparam("at"),
)
_MAY = {
    Access.READER: people.May.READ,
    Access.POSTER: people.May.POST,
    Access.DRAFTER: people.May.POST,
    Access.MANAGER: people.May.MANAGE,
}
"""What a right comes to where nothing else is in the way: no competence for the area, or being an administrator."""
_BODY: Select[Any] = select(directory.body.c.code, directory.body.c.name).where(directory.body.c.id == bindparam("id"))
_UNIT: Select[Any] = (
    select(directory.unit.c.code, directory.unit.c.name, directory.body.c.code.label("body"))
    .join(directory.body, directory.body.c.id == directory.unit.c.body)
    .where(directory.unit.c.id == bindparam("id"))
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule as people give it. `whom` is everybody, or body:, unit:, role: or official: and the name of one.

    Names are EST, EST/ppa, liaison-officer and a login or address. Times in microseconds; `since` 0 is from now on.
    """

    right: str
    whom: str
    reason: str
    since: int = 0
    until: int = FOREVER


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule as people read it: `whom` as in Asked, `called` the name behind it, `people` how many it lets in now."""

    id: int
    right: Access
    subject: Subject
    whom: str
    called: str
    since: int
    until: int
    by: str
    reason: str
    ended: int
    people: int


def give(tx: Tx, monitor: Monitor, by: Caller | None, code: str, asked: Asked) -> int:
    """Let in whom a rule names; returns its id. Who gives it is not let in by it.

    Raises NotFound or Forbidden (told alike) for the room, Refused(unfit-rule, no-such-unit) for what is asked, alike
    for an official who isn't there and for one whom the caller may not see; Refused(own-newcomer) for somebody whom
    only who gives it has vouched for.
    """
    row, who = acting.managed(tx, monitor, by, code)
    if asked.right not in access.BY_RULE:
        raise Refused("unfit-rule", "a rule gives the right to read, to post or to manage")
    subject, key, role = _subject(tx, monitor, by, asked.whom)
    if subject is Subject.OFFICIAL:
        _require_other(tx, key, who)
        first_links.end(tx.connection, key, tx.now)
    rule = Rule(
        room=row.id,
        area=row.area,
        access=Access(asked.right),
        subject=subject,
        key=key,
        role=role,
        valid_from=max(asked.since, tx.now),
        valid_until=asked.until,
        granted_by=who,
        granted=tx.now,
        reason=acting.called(asked.reason, acting.LONGEST_TEXT),
    )
    with acting.told():
        number = access.add(tx.connection, rule)
    acting.note(tx, who, "access-given", row.area, row.id, rule=number, right=asked.right, whom=asked.whom)
    tx.record(EventKind.RIGHTS_CHANGED, MANY)
    return number


def _require_other(tx: Tx, official: int, by: int) -> None:
    """Who makes an account, or the link that opens it, doesn't give it rooms as well: that would be to enter them."""
    if newcomers.came_by(tx.connection, official, by):
        raise Refused("own-newcomer", "you added them or made their link: have another manager of the room let them in")


def end(tx: Tx, monitor: Monitor, by: Caller | None, code: str, number: int) -> None:
    """End a rule of a room now; a second time changes nothing. Raises NotFound or Forbidden (told alike)."""
    row, who = acting.managed(tx, monitor, by, code)
    with acting.told():
        rule = access.get(tx.connection, number)
    if rule.room != row.id:
        raise NotFound(str(number))
    if not rule.ended and rule.valid_until > tx.now:
        _end(tx, rule, who)


def end_again(tx: Tx, number: int, why: str) -> None:
    """End a rule that had ended before a restore brought it back."""
    _end(tx, access.get(tx.connection, number), acting.OPERATOR, why=why)


def _end(tx: Tx, rule: Rule, who: int, **why: str) -> None:
    access.end(tx.connection, rule.id, who, tx.now)
    acting.note(tx, who, "access-ended", rule.area, rule.room, rule=rule.id, **why)
    tx.record(EventKind.RIGHTS_CHANGED, MANY)


def rules(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, room: int) -> Sequence[RuleCard]:
    """All rules that a room has or had, oldest first; the caller has shown leave to manage it.

    An official whom the caller may not see is not named: the rule may be older than that, or another's.
    """
    found = access.of_room(snapshot.connection, room)
    let_in = _let_in(snapshot, monitor, room) if found else {}
    cards = [_card(snapshot, rule, len(let_in.get(rule.id, ()))) for rule in found]
    named = {rule.id: rule.key for rule in found if rule.subject is Subject.OFFICIAL}
    return [
        card if _sees(snapshot, monitor, caller, named.get(card.id)) else replace(card, whom=NAMELESS, called=UNSEEN)
        for card in cards
    ]


def _let_in(snapshot: Snapshot, monitor: Monitor, room: int) -> dict[int, set[int]]:
    """By rule, whom it gives what they now really may."""
    may = {right: set(people.ids(snapshot, monitor, room, act)) for right, act in _MAY.items()}
    found: defaultdict[int, set[int]] = defaultdict(set)
    for row in snapshot.connection.execute(_HOLDERS, {"room": room, "at": snapshot.now}):
        if row.official in may[Access(row.role)]:
            found[row.access].add(row.official)
    return found


def told_of(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, whom: str) -> str:
    """A rule's `whom` as the caller may read it."""
    kind, _, name = whom.partition(":")
    one = officials.by_name(snapshot.connection, name) if kind == Subject.OFFICIAL else None
    return whom if _sees(snapshot, monitor, caller, one.id if one else None) else NAMELESS


def _subject(tx: Tx, monitor: Monitor, by: Caller | None, whom: str) -> tuple[Subject, int, str]:
    kind, _, name = given.name(whom).partition(":")
    if kind not in set(Subject):
        raise Refused("unfit-rule", "a rule is for everybody, body:, unit:, role: or official:")
    subject = Subject(kind)
    if subject is Subject.BODY:
        return subject, _known(bodies.find(tx.connection, name), name), ""
    if subject is Subject.OFFICIAL:
        one = officials.by_name(tx.connection, name)
        return subject, _known(one if one and _sees(tx, monitor, by, one.id) else None, name), ""
    if subject is Subject.UNIT:
        return subject, acting.unit(tx, name), ""
    return subject, 0, name if subject is Subject.ROLE else ""


def _sees(snapshot: Snapshot, monitor: Monitor, caller: Caller | None, official: int | None) -> bool:
    """Whether this may be told to the caller; nobody's name (None) may, and the operator sees everybody."""
    if caller is None or official is None:
        return True
    return monitor.decide(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL, official).allowed


def _known(found: bodies.Body | officials.Official | None, name: str) -> int:
    if found is None:
        raise Refused("unfit-rule", f"there is no {name!a}")
    return found.id


def _card(snapshot: Snapshot, rule: Rule, people: int) -> RuleCard:
    name, called = _named(snapshot, rule)
    return RuleCard(
        id=rule.id,
        right=rule.access,
        subject=rule.subject,
        whom=f"{rule.subject}:{name}" if name else rule.subject.value,
        called=called,
        since=rule.valid_from,
        until=rule.valid_until,
        by=officials.get(snapshot.connection, rule.granted_by).name if rule.granted_by else "the operator",
        reason=rule.reason,
        ended=rule.ended,
        people=people,
    )


def _named(snapshot: Snapshot, rule: Rule) -> tuple[str, str]:
    """What a rule's subject is called in commands, and by people."""
    connection = snapshot.connection
    if rule.subject is Subject.BODY:
        row = connection.execute(_BODY, {"id": rule.key}).one()
        return row.code, row.name
    if rule.subject is Subject.UNIT:
        row = connection.execute(_UNIT, {"id": rule.key}).one()
        return f"{row.body}/{row.code}", row.name
    if rule.subject is Subject.OFFICIAL:
        one = officials.get(connection, rule.key)
        return one.login, one.name
    return rule.role, ""
