"""The ledger of one post: who may read it now, who was sent it, who opened it. Its owner's officers see all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from directory.tables import official, unit
from groupware.acknowledgement_tables import acknowledgement
from groupware.acts import Happening
from groupware.audit import who
from groupware.audit.looking import own_body
from groupware.audit_tables import audit_record
from groupware.errors import NotFound
from groupware.glass import looking as glass
from groupware.tables import post
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.audit.who import Person
    from groupware.caller import Caller
    from groupware.glass.looking import Reading
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_r = audit_record.c
_POST = (
    select(post.c.id, post.c.state, post.c.marking, post.c.published, unit.c.name.label("owner"), unit.c.body)
    .join(unit, unit.c.id == post.c.owner)
    .where(post.c.id == bindparam("post"))
)
_HAPPENED: Select[Any] = (
    select(_r.event, _r.actor, _r.door, func.min(_r.at).label("at"))
    .where(_r.kind == Kind.POST.value, _r.resource == bindparam("resource"))
    .where(_r.event.in_([Happening.READ.value, Happening.DELIVERED.value]))
    .group_by(_r.event, _r.actor, _r.door)
)
_NOTED = select(acknowledgement.c.official, acknowledgement.c.at).where(acknowledgement.c.post == bindparam("post"))
_OF_BODY = select(official.c.id).where(official.c.body == bindparam("own"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One official's line: the doors through which it came, with the time, and those at which it was opened first.

    `acknowledged` is when, 0 for not.
    """

    person: Person
    may_read: bool
    received: Sequence[tuple[str, int]]
    opened: Sequence[tuple[str, int]]
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Item:
    """A post without what it says. `whole` says that everybody is listed, and not the reader's own body alone."""

    id: int
    state: str
    marking: Marking
    published: int
    owner: str
    whole: bool
    entries: Sequence[Entry]
    erased: int
    emergencies: Sequence[Reading] = ()


def item(snapshot: Snapshot, monitor: Monitor, caller: Caller, number: int) -> Item:
    """The ledger of a post. Raises Forbidden, and NotFound for one that is not there or concerns nobody of the body."""
    own = own_body(snapshot, monitor, caller)
    row = snapshot.connection.execute(_POST, {"post": number}).one_or_none()
    if row is None:
        raise NotFound(f"post {number}")
    happened = snapshot.connection.execute(_HAPPENED, {"resource": str(number)}).all()
    known = who.officials(snapshot, {each.actor for each in happened})
    may = set(monitor.audience(snapshot, Action.READ, Kind.POST, number, strong=True))
    whole = row.body == own
    noted = {row.official: row.at for row in snapshot.connection.execute(_NOTED, {"post": number})}
    concerned = may | set(known.values()) | set(noted)
    if not whole:
        concerned &= set(snapshot.connection.scalars(_OF_BODY, {"own": own}))
        if not concerned:
            raise NotFound(f"post {number}")
    named = who.people(monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL), concerned)
    doors = {each: [row for row in happened if known.get(row.actor) == each] for each in concerned}
    entries = [_entry(named[each], each in may, doors[each], noted.get(each, 0)) for each in concerned if each in named]
    entries.sort(key=lambda entry: (entry.person.body, entry.person.name))
    erased = len({each.actor for each in happened} - known.keys()) if whole else 0
    emergencies = glass.of_post(snapshot, number) if whole else ()
    marking = Marking(row.marking)
    return Item(row.id, row.state, marking, row.published, row.owner, whole, entries, erased, emergencies)


def _entry(person: Person, may_read: bool, theirs: Sequence[Any], acknowledged: int) -> Entry:  # noqa: FBT001 -- one of its facts
    doors = {
        event: [(each.door, each.at) for each in theirs if each.event == event]
        for event in (Happening.DELIVERED, Happening.READ)
    }
    return Entry(person, may_read, doors[Happening.DELIVERED], doors[Happening.READ], acknowledged)
