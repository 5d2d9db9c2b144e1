"""Access by rule: "all of Estonia may read" becomes one dated grant an official, kept in step with what it rests on.

The grants are rows like those given by hand, marked with their rule; so whoever asks who may what needs to know of no
rules. They are worked out anew in the very transaction that changes a rule, an official, the tree of units or a role.
What was true until then stays on record: a grant is ended and another begins, none is rewritten.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from directory import moment, rights
from directory.access_tables import room_access
from directory.errors import UnfitError, UnknownEntryError
from directory.rows import add_row
from directory.tables import FOREVER, official, role_grant, unit_above
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import CompoundSelect, Connection, Row


class Subject(StrEnum):
    """Whom a rule is for: all officials, those of a body, of a unit and all below it, in a role, or one."""

    EVERYBODY = "everybody"
    BODY = "body"
    UNIT = "unit"
    ROLE = "role"
    OFFICIAL = "official"


BY_RULE = frozenset({Access.READER, Access.POSTER, Access.DRAFTER, Access.MANAGER})
"""Moderators are appointed one by one: a second person approves each."""
ROLES = frozenset({Role.LIAISON_OFFICER, Role.CONTACT_POINT, Role.DEPUTY, Role.ORGANISER})
"""Liaison officers are those of the room's area, organisers those of the room; the others are those of any body."""

GUESTS = frozenset({Role.LIAISON_OFFICER, Role.ORGANISER})
"""Whom their own body names for somebody else's room: what they get there by rule doesn't reach to managing it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `key` is a body's, unit's or official's id; `role` is set for a role; times in microseconds.

    Who granted it is never let in by it: nobody gives a right to themselves.
    """

    room: int
    area: int
    access: Access
    subject: Subject
    key: int = 0
    role: str = ""
    valid_from: int = 0
    valid_until: int = FOREVER
    granted_by: int = 0
    granted: int = 0
    reason: str = ""
    ended: int = 0
    ended_by: int = 0
    id: int = 0


Span = tuple[int, int]
Holder = tuple[int, int]
"""A rule and an official."""

_rule, _grant, _who = room_access.c, role_grant.c, official.c
_NOW = bindparam("now", type_=BigInteger)
_LIVE = and_(_rule.valid_until > _NOW, _who.valid_until > _NOW, ~_who.suspended, _who.id != _rule.granted_by)
_ALWAYS = literal(0, BigInteger), literal(FOREVER, BigInteger)
_OF_RULE = _rule.id, _who.id.label("official"), _rule.valid_from, _rule.valid_until
_OF_OFFICIAL = _who.valid_from.label("office_from"), _who.valid_until.label("office_until")
_in_unit = exists(literal(1)).where(unit_above.c.above == _rule.key, unit_above.c.unit == _who.unit)
_named = or_(
    _rule.subject == Subject.EVERYBODY.value,
    and_(_rule.subject == Subject.BODY.value, _rule.key == _who.body),
    and_(_rule.subject == Subject.OFFICIAL.value, _rule.key == _who.id),
    and_(_rule.subject == Subject.UNIT.value, _in_unit),
)
_in_role = and_(
    _rule.subject == Subject.ROLE.value,
    _grant.role == _rule.role,
    or_(
        _rule.role.in_([Role.CONTACT_POINT.value, Role.DEPUTY.value]),
        and_(_rule.role == Role.LIAISON_OFFICER.value, _grant.scope == _rule.area),
        and_(_rule.role == Role.ORGANISER.value, _grant.scope == _rule.room),
    ),
    _grant.valid_until > _NOW,
)


def _wanted(which: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Whom the rules let in from now on, and when: the rule's period, the official's and the role's all have to hold.

    Two statements rather than one with OR: each then goes by an index.
    """
    named = (
        select(*_OF_RULE, *_OF_OFFICIAL, *_ALWAYS).select_from(room_access).join(official, _named).where(_LIVE, which)
    )
    held = (
        select(*_OF_RULE, *_OF_OFFICIAL, _grant.valid_from, _grant.valid_until)
        .select_from(room_access)
        .join(role_grant, _in_role)
        .join(official, _who.id == _grant.official)
        .where(_LIVE, which)
    )
    return union_all(named, held)


def _known(which: ColumnElement[bool]) -> Select[Any]:
    """The grants by rule that hold now or later."""
    return select(_grant.id, _grant.access, _grant.official, _grant.valid_from, _grant.valid_until).where(
        _grant.access != 0, _grant.valid_until > _NOW, which
    )


_officials_below = (
    select(_who.id).join(unit_above, unit_above.c.unit == _who.unit).where(unit_above.c.above == bindparam("top"))
)
_ANY = select(_rule.id).limit(1)
_BY_ID = select(room_access).where(_rule.id == bindparam("wanted"))
_OF_ROOM = select(room_access).where(_rule.room == bindparam("of")).order_by(_rule.id)
_ADD_RULE = insert(room_access)
_END_RULE = (
    update(room_access)
    .where(_rule.id == bindparam("wanted"))
    .values(valid_until=bindparam("until"), ended=bindparam("at"), ended_by=bindparam("by"))
)
_WANTED_OF_OFFICIAL = _wanted(_who.id == bindparam("this"))
_KNOWN_OF_OFFICIAL = _known(_grant.official == bindparam("this"))
_WANTED_BY_RULE = _wanted(_rule.id == bindparam("this"))
_KNOWN_BY_RULE = _known(
    and_(_grant.role == bindparam("right"), _grant.scope == bindparam("room"), _grant.access == bindparam("this"))
)
_WANTED_OF_BODY = _wanted(_who.body == bindparam("these"))
_KNOWN_OF_BODY = _known(_grant.official.in_(select(_who.id).where(_who.body == bindparam("these"))))
_WANTED_BELOW = _wanted(_who.id.in_(_officials_below))
_KNOWN_BELOW = _known(_grant.official.in_(_officials_below))
_RULES = select(_rule.id, _rule.room, _rule.access, _rule.granted_by, _rule.reason).where(
    _rule.id.in_(bindparam("rules", expanding=True))
)
_ADD = insert(role_grant)
_END = update(role_grant).where(_grant.id == bindparam("which")).values(valid_until=bindparam("at"))


def add(connection: Connection, new: Rule) -> int:
    """Let in whom a rule names, and return its id; `new.id` is ignored.

    UnfitError for a rule that never holds, of a right that isn't given by rule, or of a role that has no rules.
    """
    if new.valid_from >= new.valid_until:
        raise UnfitError("a rule ends after it begins")
    if new.access not in BY_RULE or (new.subject is Subject.ROLE and new.role not in ROLES):
        raise UnfitError(f"{new.access} is not given by rule to {new.role or new.subject}")
    if new.access is Access.MANAGER and new.role in GUESTS:
        raise UnfitError(f"who comes to a room as {new.role} doesn't manage it")
    row = {name: value for name, value in asdict(new).items() if name != "id"}
    number = add_row(connection, _ADD_RULE, row)
    rederive_rule(connection, get(connection, number), new.granted)
    return number


def end(connection: Connection, number: int, by: int, now: int) -> None:
    """End a rule now; one that hadn't begun never will. Nothing changes if it has ended. UnknownEntryError."""
    rule = get(connection, number)
    if rule.ended or rule.valid_until <= now:
        return
    connection.execute(_END_RULE, {"wanted": number, "until": now, "at": now, "by": by})
    rederive_rule(connection, rule, now)


def get(connection: Connection, number: int) -> Rule:
    """The rule with this id; UnknownEntryError."""
    row = connection.execute(_BY_ID, {"wanted": number}).first()
    if row is None:
        raise UnknownEntryError(f"rule {number}")
    return _as_rule(row)


def of_room(connection: Connection, room: int) -> Sequence[Rule]:
    """All rules that a room has had, oldest first."""
    return [_as_rule(row) for row in connection.execute(_OF_ROOM, {"of": room})]


def rederive_for_official(connection: Connection, number: int) -> None:
    """Bring what one official has by rules up to date with what they are now."""
    if _has_rules(connection):
        values = {"this": number, "now": moment.of(connection)}
        _rederive(connection, _WANTED_OF_OFFICIAL, _KNOWN_OF_OFFICIAL, values)


def rederive_for_unit(connection: Connection, top: int) -> None:
    """The same for all officials of a unit and of those below it."""
    if _has_rules(connection):
        _rederive(connection, _WANTED_BELOW, _KNOWN_BELOW, {"top": top, "now": moment.of(connection)})


def rederive_for_body(connection: Connection, number: int) -> None:
    """The same for all officials of a body, in as many statements as for one."""
    if _has_rules(connection):
        _rederive(connection, _WANTED_OF_BODY, _KNOWN_OF_BODY, {"these": number, "now": moment.of(connection)})


def rederive_rule(connection: Connection, rule: Rule, now: int) -> None:
    """Bring what everybody has by one rule up to date with it."""
    values = {"this": rule.id, "now": now, "right": rule.access.value, "room": rule.room}
    _rederive(connection, _WANTED_BY_RULE, _KNOWN_BY_RULE, values)


def _has_rules(connection: Connection) -> bool:
    return connection.execute(_ANY).first() is not None


def _rederive(
    connection: Connection, wanted: CompoundSelect[Any], known: Select[Any], values: Mapping[str, Any]
) -> None:
    """End the grants that the rules don't give any more, from now on, and begin those that they give now."""
    now: int = values["now"]
    due = _spans(connection.execute(wanted, values), now)
    over: list[int] = []
    for row in connection.execute(known, values):
        span = max(row.valid_from, now), row.valid_until
        spans = due.get((row.access, row.official), [])
        if span in spans:
            spans.remove(span)
        else:
            over.append(row.id)
    missing = [(holder, span) for holder, spans in due.items() for span in spans]
    if over:
        connection.execute(_END, [{"which": number, "at": now} for number in over])
    if missing:
        connection.execute(_ADD, _rows(connection, missing))
    if over or missing:
        rights.bump(connection)


def _spans(rows: Iterable[Sequence[int]], now: int) -> dict[Holder, list[Span]]:
    """From now on, when each rule lets each official in; several grants of a role may follow each other or overlap."""
    found: defaultdict[Holder, list[Span]] = defaultdict(list)
    for number, who, *dates in rows:
        since, until = max(now, *dates[::2]), min(dates[1::2])
        if since < until:
            found[number, who].append((since, until))
    return {holder: _joined(spans) for holder, spans in found.items()}


def _joined(spans: list[Span]) -> list[Span]:
    """The same times, in as few spans as can be."""
    joined: list[Span] = []
    for since, until in sorted(spans):
        if joined and since <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], until)
        else:
            joined.append((since, until))
    return joined


def _rows(connection: Connection, missing: Sequence[tuple[Holder, Span]]) -> list[dict[str, Any]]:
    wanted = sorted({number for (number, _), _ in missing})
    rules = {row.id: row for row in connection.execute(_RULES, {"rules": wanted})}
    return [
        {
            "official": who,
            "role": rules[number].access,
            "scope": rules[number].room,
            "valid_from": since,
            "valid_until": until,
            "granted_by": rules[number].granted_by,
            "approved_by": 0,
            "reason": rules[number].reason,
            "access": number,
        }
        for (number, who), (since, until) in missing
    ]


def _as_rule(row: Row[Any]) -> Rule:
    found = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
    return Rule(**{**found, "access": Access(found["access"]), "subject": Subject(found["subject"])})
