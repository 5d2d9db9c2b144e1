"""Who has acknowledged a post: all of them, and who hasn't, for its author and owner; for others their own alone.

What awaits one's own acknowledgement: posts whose authors asked for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, exists, select

from directory import tables as directory
from groupware import tables
from groupware.acknowledgement_tables import acknowledgement, acknowledgement_wanted
from groupware.acknowledging.saying import named
from groupware.audit import who
from groupware.errors import NotFound
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.audit.who import Person
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

MOST = 100
_a, _p = acknowledgement.c, tables.post.c
_OWN = select(_a.at).where(_a.post == bindparam("post"), _a.official == bindparam("official"))
_OF: Select[Any] = (
    select(_a.official, _a.at, _a.door, directory.body.c.name.label("body"))
    .join(directory.body, directory.body.c.id == _a.body)
    .where(_a.post == bindparam("post"))
    .order_by(_a.at)
)
_WANTED = select(acknowledgement_wanted.c.post).where(acknowledgement_wanted.c.post == bindparam("post"))
_mine = bindparam("official", type_=BigInteger)
_AWAITING: Select[Any] = (
    select(
        *(_p.token, tables.rendering.c.message_id, tables.rendering.c.subject, _p.marking),
        *(tables.room.c.code, directory.official.c.name, _p.published),
    )
    .join(acknowledgement_wanted, acknowledgement_wanted.c.post == _p.id)
    .join(tables.rendering, tables.rendering.c.id == _p.rendering)
    .join(tables.room, tables.room.c.id == _p.room)
    .join(directory.official, directory.official.c.id == _p.author)
    .where(~exists().where(_a.post == _p.id, _a.official == _mine))
)
_NEWEST = _AWAITING.order_by(_p.id.desc()).limit(MOST)


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A post whose author asks for acknowledgements, and the caller hasn't given theirs."""

    token: str
    message_id: str
    subject: str
    marking: int
    room: str
    author_name: str
    published: int


@dataclass(frozen=True, slots=True)
class Noted:
    """Who acknowledged, when, and through which door."""

    person: Person
    at: int
    door: str


@dataclass(frozen=True, slots=True)
class OfBody:
    """One state's or institution's line: how many of its officials could acknowledge, who has, and who hasn't."""

    name: str
    could: int
    noted: Sequence[Noted]
    missing: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Ledger:
    """A post's acknowledgements. `own` is when the caller gave theirs (0: not yet); `may`: whether they may.

    `whole` says that the caller sees all of them; else `bodies` is empty.
    """

    wanted: bool
    may: bool
    own: int
    whole: bool
    bodies: Sequence[OfBody]


def ledger(snapshot: Snapshot, monitor: Monitor, caller: Caller, name: str) -> Ledger:
    """Of a post that the caller can read, by its token or Message-ID. Raises NotFound."""
    found = named(monitor.view(snapshot, caller, Action.READ, Kind.POST), name)
    if not found:
        raise NotFound(name)
    post = found[0]
    may, whole = (
        monitor.decide(snapshot, caller, action, Kind.POST, post).allowed
        for action in (Action.ACKNOWLEDGE, Action.SEE_ACKNOWLEDGEMENTS)
    )
    own = snapshot.connection.scalar(_OWN, {"post": post, "official": caller.official}) or 0
    wanted = snapshot.connection.scalar(_WANTED, {"post": post}) is not None
    return Ledger(wanted, may, own, whole, _bodies(snapshot, monitor, caller, post) if whole else ())


def awaiting(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[Awaiting]:
    """The newest that await the caller's acknowledgement."""
    view = monitor.view(snapshot, caller, Action.ACKNOWLEDGE, Kind.POST)
    key = {"official": caller.official, **view.parameters}
    return [Awaiting(*row) for row in snapshot.connection.execute(_NEWEST.where(view.clause), key)]


def _bodies(snapshot: Snapshot, monitor: Monitor, caller: Caller, post: int) -> Sequence[OfBody]:
    """Counted for the body that each sat for when they acknowledged; who hasn't, for their body of now."""
    could = set(monitor.audience(snapshot, Action.ACKNOWLEDGE, Kind.POST, post, strong=True))
    rows = snapshot.connection.execute(_OF, {"post": post}).all()
    said = {row.official for row in rows}
    people = who.people(monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL), could | said)
    noted: defaultdict[str, list[Noted]] = defaultdict(list)
    missing: defaultdict[str, list[Person]] = defaultdict(list)
    for row in rows:
        noted[row.body].append(Noted(people[row.official], row.at, row.door))
    for each in could - said:
        missing[people[each].body].append(people[each])
    counts = Counter({name: len(found) for name, found in missing.items()})
    counts.update({name: len(found) for name, found in noted.items()})
    return [
        OfBody(name, counts[name], noted[name], sorted(missing[name], key=lambda person: person.name))
        for name in sorted(counts)
    ]
