"""Why somebody can or can't see something: by which rights, and whom to ask; for security officers, why others.

Of what the caller can't see nothing is told, not even that it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, select

from directory import officials, roles, watchers
from directory.tables import FOREVER, official, unit, unit_competence
from groupware import reading, tables, why
from groupware.audit import who
from groupware.audit.looking import own_body
from groupware.errors import NotFound
from policies.vocabulary import LABELS, Access, Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.audit.who import Person
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Store
    from groupware.why import Answer

OF_AREA = frozenset({Role.LIAISON_OFFICER})
OF_ROOM = frozenset({Access.READER, Access.POSTER, Access.DRAFTER, Access.MANAGER, Role.MODERATOR})
SPEAKERS = (Role.CONTACT_POINT, Role.DEPUTY)
ASKED_OF_OTHERS = why.OF_ROOMS | why.OF_POSTS
_ROOM = select(tables.room.c.id, tables.room.c.area, tables.room.c.competence).where(
    tables.room.c.code == bindparam("code")
)
_UNIT = select(
    unit.c.name,
    exists().where(unit_competence.c.unit == unit.c.id, unit_competence.c.competence == bindparam("competence")),
).where(unit.c.id == bindparam("unit"))
_OWNED_BY = (
    select(unit.c.body).join(tables.post, tables.post.c.owner == unit.c.id).where(tables.post.c.id == bindparam("item"))
)
_AMONG = select(official.c.id).where(
    official.c.body == bindparam("own"), official.c.id.in_(bindparam("these", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Right:
    """A right that the caller holds in a room: what it is, from when until when (0: it has no end).

    `by_rule`: by a rule of access.
    """

    label: str
    since: int
    until: int
    by_rule: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """All of them, with the caller's unit, and whether it is competent for what the room concerns."""

    rights: Sequence[Right]
    unit: str
    competent: bool


class Explaining:
    """For one store."""

    def __init__(self, store: Store, monitor: Monitor) -> None:
        self._store = store
        self._monitor = monitor

    async def rights(self, caller: Caller, room: str) -> Rights:
        """The caller's own in a room; none of one that isn't there."""
        return await self._store.read(lambda snapshot: rights(snapshot, caller, room))

    async def token(self, caller: Caller, name: str) -> str:
        """Of a post that the caller can read, by its token or Message-ID. Raises NotFound, as for what isn't there."""

        def query(snapshot: Snapshot) -> str:
            view = self._monitor.view(snapshot, caller, Action.READ, Kind.POST)
            is_name = name.startswith("<") or "@" in name
            card = reading.by_message_id(view, f"<{name.strip('<>')}>") if is_name else reading.by_token(view, name)
            return card.token

        return await self._store.read(query)

    async def contacts(self, caller: Caller) -> Sequence[Person]:
        """Whom the caller may ask: those who speak for their own state or institution."""
        return await self._store.read(lambda snapshot: contacts(snapshot, self._monitor, caller))

    async def other(self, caller: Caller, login: str, action: Action, item: str) -> Answer:
        """See `explain_other`."""
        return await self._store.read(
            lambda snapshot: explain_other(snapshot, self._monitor, caller, login, action, item)
        )


def rights(snapshot: Snapshot, caller: Caller, code: str) -> Rights:
    """What one holds is one's own to know, even in a room that one can't enter by it."""
    row = snapshot.connection.execute(_ROOM, {"code": code}).first()
    known = officials.get(snapshot.connection, caller.official)
    home = snapshot.connection.execute(_UNIT, {"unit": known.unit, "competence": row.competence if row else 0}).one()
    held = roles.held(snapshot.connection, caller.official, snapshot.now) if row else []
    mine = [
        Right(LABELS[each.role], each.valid_from, each.valid_until % FOREVER, bool(each.access))
        for each in held
        if row
        and ((each.role in OF_ROOM and each.scope == row.id) or (each.role in OF_AREA and each.scope == row.area))
    ]
    return Rights(mine, home.name, bool(home[1]))


def contacts(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[Person]:
    """Contact point and deputies of the caller's body, as the directory shows them."""
    body = officials.get(snapshot.connection, caller.official).body
    speakers = watchers.of(snapshot.connection, body, snapshot.now, SPEAKERS)
    people = who.people(monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL), speakers)
    return [people[each] for each in speakers if people[each].name]


def explain_other(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, login: str, action: Action, item: str
) -> Answer:
    """For a security officer: may somebody of their own body do this to a post or a room, and by which rules.

    Raises Forbidden for others, and NotFound, alike for a person of another body, an item that isn't there, and
    one that concerns nobody of the body.
    """
    own = own_body(snapshot, monitor, caller)
    whom = why.somebody(snapshot, login)
    if officials.get(snapshot.connection, whom.official).body != own or action not in ASKED_OF_OTHERS:
        raise NotFound(login)
    kind, number = why.find(snapshot, action, item)
    answer = monitor.decide(snapshot, whom, action, kind, number)
    if not answer.allowed and not _concerns(snapshot, monitor, own, kind, int(number)):
        raise NotFound(item)
    return why.Answer(answer.allowed, answer.rules)


def _concerns(snapshot: Snapshot, monitor: Monitor, own: int, kind: Kind, number: int) -> bool:
    """Whether it is the body's own, or somebody of the body may see it."""
    if kind is Kind.POST and snapshot.connection.scalar(_OWNED_BY, {"item": number}) == own:
        return True
    action = Action.READ if kind is Kind.POST else Action.ENTER
    may = monitor.audience(snapshot, action, kind, number, strong=True)
    return snapshot.connection.execute(_AMONG, {"own": own, "these": may}).first() is not None
