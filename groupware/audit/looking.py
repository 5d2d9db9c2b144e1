"""What security officers see of the log: what was done by officials of their body, or to what is their body's.

They see who, when, through which door and by which rule; what was written is in no record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, and_, bindparam, case, cast, exists, or_, select

from directory import officials
from directory.tables import official, unit
from groupware.acts import OFFICIAL, Happening
from groupware.audit import who
from groupware.audit_tables import audit_record, audit_subject
from groupware.errors import NotFound
from groupware.tables import post
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Row

    from groupware.audit.who import Person
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

PAGE = 50
LAST = 2**62
_r = audit_record.c
_PSEUDONYM = select(audit_subject.c.pseudonym).where(
    audit_subject.c.official == bindparam("official", type_=BigInteger)
)
_OF_OWN = (
    select(audit_subject.c.pseudonym)
    .join(official, official.c.id == audit_subject.c.official)
    .where(official.c.body == bindparam("own"))
)


def _numbered(kind: str) -> ColumnElement[int]:
    """The thing's id where it is of this kind, else nothing: some things are named by words."""
    return case((_r.kind == kind, cast(_r.resource, BigInteger)))


_THEIRS = or_(
    _r.body == bindparam("own"),
    _numbered(Kind.BODY) == bindparam("own"),
    and_(_r.kind == OFFICIAL, _r.resource.in_(_OF_OWN)),
    exists().where(and_(post.c.id == _numbered(Kind.POST), unit.c.id == post.c.owner, unit.c.body == bindparam("own"))),
)
_LINES: Select[Any] = (
    select(_r.id, _r.at, _r.event, _r.actor, _r.door, _r.action, _r.kind, _r.resource, _r.rules)
    .where(_THEIRS, _r.id < bindparam("before", type_=BigInteger))
    .order_by(_r.id.desc())
    .limit(PAGE + 1)
)


@dataclass(frozen=True, slots=True)
class Line:
    """A record. `who` is None for ICONet itself, its operator, and somebody who was erased from the log.

    `whom` is the official to whom it was done, if it was; `resource` names all other things.
    """

    id: int
    at: int
    event: str
    who: Person | None
    door: str
    action: str
    kind: str
    resource: str
    whom: Person | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: of one official, of one kind of happening, about one post; older than a record."""

    login: str = ""
    event: Happening | None = None
    post: str = ""
    before: int = LAST


@dataclass(frozen=True, slots=True)
class Lines:
    """Records, newest first; `older` is from where to go on, 0 at the log's beginning."""

    lines: Sequence[Line]
    older: int


def own_body(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> int:
    """The body whose log the caller reads. Raises Forbidden."""
    body = officials.get(snapshot.connection, caller.official).body
    monitor.require(snapshot, caller, Action.READ_AUDIT, Kind.BODY, body)
    return body


def reads(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> bool:
    """Whether the caller is a security officer here: pages offer the log to those."""
    body = officials.get(snapshot.connection, caller.official).body
    return monitor.decide(snapshot, caller, Action.READ_AUDIT, Kind.BODY, body).allowed


def lines(snapshot: Snapshot, monitor: Monitor, caller: Caller, wanted: Wanted) -> Lines:
    """A page of what the caller may see. Raises Forbidden, and NotFound for a login that nobody has."""
    body = own_body(snapshot, monitor, caller)
    statement, values = _narrowed(snapshot, wanted)
    rows = snapshot.connection.execute(statement, {"own": body, "before": wanted.before, **values}).all()
    known = who.officials(
        snapshot, {row.actor for row in rows} | {row.resource for row in rows if row.kind == OFFICIAL}
    )
    named = who.people(monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL), known.values())
    persons = {name: named[each] for name, each in known.items() if each in named}
    shown = [_line(row, persons) for row in rows[:PAGE]]
    return Lines(shown, shown[-1].id if len(rows) > PAGE else 0)


def _line(row: Row[Any], persons: Mapping[str, Person]) -> Line:
    rules, whom = tuple(row.rules.split()), persons.get(row.resource)
    resource = "" if row.kind == OFFICIAL else row.resource
    by = persons.get(row.actor)
    return Line(row.id, row.at, row.event, by, row.door, row.action, row.kind, resource, whom, rules)


def _narrowed(snapshot: Snapshot, wanted: Wanted) -> tuple[Select[Any], dict[str, Any]]:
    statement, values = _LINES, dict[str, Any]()
    if wanted.event is not None:
        statement = statement.where(_r.event == bindparam("event"))
        values["event"] = wanted.event.value
    if wanted.login:
        statement = statement.where(_r.actor == bindparam("actor"))
        values["actor"] = _pseudonym(snapshot, wanted.login)
    if wanted.post:
        statement = statement.where(_r.kind == Kind.POST.value, _r.resource == bindparam("post"))
        values["post"] = wanted.post
    return statement, values


def _pseudonym(snapshot: Snapshot, login: str) -> str:
    """What stands for them in the log. Raises NotFound; nobody is told whether there are records."""
    found = officials.by_name(snapshot.connection, officials.folded(login))
    if found is None:
        raise NotFound(login)
    return snapshot.connection.scalar(_PSEUDONYM, {"official": found.id}) or "nobody"
