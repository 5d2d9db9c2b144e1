"""Why can, or can't, somebody do something: the decision with the names of its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from directory import bodies, officials, units
from directory import tables as directory
from groupware import given, reading, tables
from groupware.caller import Caller
from groupware.errors import NotFound
from groupware.release_tables import consent
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.store import Snapshot


OF_ROOMS = frozenset({Action.ENTER, Action.POST, Action.POST_ALONE, Action.PUBLISH})
_OF_OFFICIALS = frozenset({Action.MAIL, Action.SEE_ENTRY, Action.DESIGNATE, Action.SEND_FOR})
_OF_BODIES = frozenset({Action.GOVERN, Action.APPOINT, Action.READ_AUDIT, Action.PRESERVE, Action.ASK_GLASS})
_OF_RESOURCES = frozenset({Action.BOOK, Action.SEE_BOOKINGS})
OF_POSTS = frozenset(
    {
        *(Action.LIST, Action.READ, Action.MODERATE, Action.WITHDRAW),
        *(Action.MARK, Action.CONFIRM_MARK, Action.CONFIRM, Action.AUTHORISE, Action.ASK_RELEASE),
        *(Action.ACKNOWLEDGE, Action.SEE_ACKNOWLEDGEMENTS),
    }
)
_OF_CONSENTS = frozenset({Action.DECIDE_RELEASE})
_OF_GLASS = frozenset({Action.SEE_GLASS, Action.CONFIRM_GLASS, Action.BREAK_GLASS, Action.END_GLASS})
_SHOWN_BY = {
    Kind.POST: Action.READ,
    Kind.ROOM: Action.ENTER,
    Kind.OFFICIAL: Action.SEE_ENTRY,
    Kind.RESOURCE: Action.SEE_BOOKINGS,
    Kind.CONSENT: Action.READ,
    Kind.GLASS: Action.SEE_GLASS,
}
"""Who may do this to a thing may know that it exists."""
LONGEST_NUMBER = 18
"""Digits."""
LONGEST_ITEM = 1_000
"""Characters of what somebody asks about."""
OF_AREA = "area:"
"""Before the code of an area, where a room may have the same."""

_ROOM = select(tables.room.c.id).where(tables.room.c.code == bindparam("item"))
_POST = (
    select(tables.post.c.id)
    .join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
    .where(or_(tables.rendering.c.message_id == bindparam("item"), tables.post.c.token == bindparam("item")))
    .order_by(tables.post.c.id)
    .limit(1)
)
_RESOURCE = select(tables.resource.c.id).where(tables.resource.c.address == bindparam("item"))
_AREA = select(directory.area.c.id).where(directory.area.c.code == bindparam("item"))


_CONSENTS = select(consent.c.id).where(consent.c.release == bindparam("number")).order_by(consent.c.id)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether, and by which rules."""

    allowed: bool
    rules: tuple[str, ...]


def explain(snapshot: Snapshot, monitor: Monitor, caller: Caller, action: Action, item: str) -> Answer:
    """The decision about an item.

    Its name is a room's code, a post's Message-ID or token, a login, a resource's address, a body's code, BODY/UNIT,
    area:CODE, a domain, or the number of a release or a break-glass.
    Raises NotFound when nothing of the kind that the action is done to has this name.
    """
    kind, number = find(snapshot, action, item)
    decision = monitor.decide(snapshot, caller, action, kind, number)
    return Answer(decision.allowed, decision.rules)


def explain_own(snapshot: Snapshot, monitor: Monitor, caller: Caller, action: Action, item: str) -> Answer:
    """The same for oneself: a refusal is explained only where the thing may be known to exist, else it is NotFound."""
    kind, number = _seen(snapshot, monitor, caller, action, item)
    decision = monitor.decide(snapshot, caller, action, kind, number)
    shown = _SHOWN_BY.get(kind)
    if not decision.allowed and not (shown and monitor.decide(snapshot, caller, shown, kind, number).allowed):
        raise NotFound(item)
    return Answer(decision.allowed, decision.rules)


def _seen(snapshot: Snapshot, monitor: Monitor, caller: Caller, action: Action, item: str) -> tuple[Kind, int | str]:
    """One Message-ID may name posts of several rooms: the one that the caller can read is meant."""
    if action in _OF_CONSENTS:
        return Kind.CONSENT, _seen_consent(snapshot, monitor, caller, item)
    if action not in OF_POSTS:
        return find(snapshot, action, item)
    view = monitor.view(snapshot, caller, Action.READ, Kind.POST)
    return Kind.POST, (reading.by_message_id(view, _name(item)) if _is_name(item) else reading.by_token(view, item)).id


def _seen_consent(snapshot: Snapshot, monitor: Monitor, caller: Caller, item: str) -> int:
    """Of a release's consents, one for each owner, the first that the caller may know of."""
    for number in _consents(snapshot, item):
        if monitor.decide(snapshot, caller, Action.READ, Kind.CONSENT, number).allowed:
            return number
    raise NotFound(item)


def _consents(snapshot: Snapshot, item: str) -> Sequence[int]:
    fits = item.isascii() and item.isdecimal() and len(item) <= LONGEST_NUMBER
    return list(snapshot.connection.scalars(_CONSENTS, {"number": int(item)})) if fits else []


def somebody(snapshot: Snapshot, name: str) -> Caller:
    """An official by login or address, as at a door without a strong sign-in. Raises NotFound."""
    found = officials.by_name(snapshot.connection, officials.folded(name))
    if found is None:
        raise NotFound(name)
    return Caller(found.id, found.login, found.address, found.name, Door.IMAP)


def find(snapshot: Snapshot, action: Action, item: str) -> tuple[Kind, int | str]:
    """What an item's name stands for, where this is done to it. Raises NotFound."""
    if action is Action.RELAY:
        return Kind.PARTNER, given.name(item).lower()
    return next((find for actions, find in _FINDERS if action in actions), _post)(snapshot, item)


def _post(snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    return Kind.POST, _number(snapshot, _POST, _name(item) if _is_name(item) else item)


def _consent(snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    found = _consents(snapshot, item)
    if not found:
        raise NotFound(item)
    return Kind.CONSENT, found[0]


def _glass(_snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    if not (item.isascii() and item.isdecimal() and len(item) <= LONGEST_NUMBER):
        raise NotFound(item)
    return Kind.GLASS, int(item)


def _room(snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    return Kind.ROOM, _number(snapshot, _ROOM, item)


def _managed(snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    if item.startswith(OF_AREA):
        return Kind.AREA, _number(snapshot, _AREA, item.removeprefix(OF_AREA))
    return _room(snapshot, item)


def _resource(snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    return Kind.RESOURCE, _number(snapshot, _RESOURCE, item.lower())


def _official(snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    return Kind.OFFICIAL, somebody(snapshot, item).official


def _administered(snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    """Somebody's entry by login or address, BODY/UNIT, or a body by its code."""
    code, mark, unit = item.partition("/")
    if mark:
        found = units.find(snapshot.connection, _body(snapshot, code), given.name(unit).lower())
        if found is None:
            raise NotFound(item)
        return Kind.UNIT, found
    official = officials.by_name(snapshot.connection, officials.folded(item))
    return (Kind.OFFICIAL, official.id) if official else _whole(snapshot, item)


def _whole(snapshot: Snapshot, item: str) -> tuple[Kind, int]:
    return Kind.BODY, _body(snapshot, item)


def _body(snapshot: Snapshot, code: str) -> int:
    found = bodies.find(snapshot.connection, code)
    if found is None:
        raise NotFound(code)
    return found.id


def _is_name(item: str) -> bool:
    return item.startswith("<") or "@" in item


def _name(item: str) -> str:
    return item if item.startswith("<") else f"<{item}>"


def _number(snapshot: Snapshot, statement: object, item: str) -> int:
    found = snapshot.connection.execute(statement, {"item": given.name(item)}).scalar()  # type: ignore[call-overload] # one of several
    if found is None:
        raise NotFound(item)
    return int(found)


_FINDERS = (
    (OF_ROOMS, _room),
    (frozenset({Action.MANAGE}), _managed),
    (_OF_RESOURCES, _resource),
    (_OF_OFFICIALS, _official),
    (frozenset({Action.ADMINISTER}), _administered),
    (_OF_BODIES, _whole),
    (_OF_CONSENTS, _consent),
    (_OF_GLASS, _glass),
)
"""How the thing that an action is done to is found by its name; for all others it is a post."""
