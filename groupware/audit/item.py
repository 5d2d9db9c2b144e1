"""The ledger of one post: who may read it now, who was sent it, who opened it. Its owner's officers see all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from directory.tables import official, unit
from groupware.acts import Happening
from groupware.audit import who
from groupware.audit.looking import own_body
from groupware.audit_tables import audit_record
from groupware.errors import NotFound
from groupware.tables import post
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.audit.who import Person
    from groupware.caller import Caller
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
_OF_BODY = select(official.c.id).where(official.c.body == bindparam("own"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One official's line: the doors through which it came, with the time, and those at which it was opened first."""

    person: Person
    may_read: bool
    received: Sequence[tuple[str, int]]
    opened: Sequence[tuple[str, int]]


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
    concerned = may | set(known.values())
    if not whole:
        concerned &= set(snapshot.connection.scalars(_OF_BODY, {"own": own}))
        if not concerned:
            raise NotFound(f"post {number}")
    named = who.people(monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL), concerned)
    entries = [_entry(named[each], each in may, happened, known) for each in concerned if each in named]
    entries.sort(key=lambda entry: (entry.person.body, entry.person.name))
    erased = len({each.actor for each in happened} - known.keys()) if whole else 0
    return Item(row.id, row.state, Marking(row.marking), row.published, row.owner, whole, entries, erased)


def _entry(person: Person, may_read: bool, happened: Sequence[Any], known: dict[str, int]) -> Entry:  # noqa: FBT001 -- one of its facts
    theirs = [each for each in happened if known.get(each.actor) == person.id]
    doors = {
        event: [(each.door, each.at) for each in theirs if each.event == event]
        for event in (Happening.DELIVERED, Happening.READ)
    }
    return Entry(person, may_read, doors[Happening.DELIVERED], doors[Happening.READ])
