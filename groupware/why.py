"""Why can, or can't, somebody do something: the decision with the names of its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from directory import officials
from directory import tables as directory
from groupware import given, reading, tables
from groupware.caller import Caller
from groupware.errors import NotFound
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from groupware.monitor import Monitor
    from groupware.store import Snapshot


_OF_ROOMS = frozenset({Action.ENTER, Action.POST, Action.PUBLISH})
_OF_OFFICIALS = frozenset({Action.MAIL, Action.SEE_ENTRY, Action.ADMINISTER, Action.DESIGNATE})
_OF_RESOURCES = frozenset({Action.BOOK, Action.SEE_BOOKINGS})
_OF_POSTS = frozenset({Action.LIST, Action.READ, Action.MODERATE, Action.WITHDRAW})
_SHOWN_BY = {
    Kind.POST: Action.READ,
    Kind.ROOM: Action.ENTER,
    Kind.OFFICIAL: Action.SEE_ENTRY,
    Kind.RESOURCE: Action.SEE_BOOKINGS,
}
"""Who may do this to a thing may know that it exists."""

_ROOM = select(tables.room.c.id).where(tables.room.c.code == bindparam("item"))
_POST = (
    select(tables.post.c.id)
    .join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
    .where(or_(tables.rendering.c.message_id == bindparam("item"), tables.post.c.token == bindparam("item")))
    .order_by(tables.post.c.id)
    .limit(1)
)
_RESOURCE = select(tables.resource.c.id).where(tables.resource.c.address == bindparam("item"))
_BODY = select(directory.body.c.id).where(directory.body.c.code == bindparam("item"))


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether, and by which rules."""

    allowed: bool
    rules: tuple[str, ...]


def explain(snapshot: Snapshot, monitor: Monitor, caller: Caller, action: Action, item: str) -> Answer:
    """The decision about an item.

    Its name is a room's code, a post's Message-ID or token, a login, a resource's address, a body's code or a domain.
    Raises NotFound when nothing of the kind that the action is done to has this name.
    """
    kind, number = _find(snapshot, action, item)
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
    if action not in _OF_POSTS:
        return _find(snapshot, action, item)
    view = monitor.view(snapshot, caller, Action.READ, Kind.POST)
    return Kind.POST, (reading.by_message_id(view, _name(item)) if _is_name(item) else reading.by_token(view, item)).id


def somebody(snapshot: Snapshot, name: str) -> Caller:
    """An official by login or address, as at a door without a strong sign-in. Raises NotFound."""
    found = officials.by_name(snapshot.connection, officials.folded(name))
    if found is None:
        raise NotFound(name)
    return Caller(found.id, found.login, found.address, found.name, Door.IMAP)


def _find(snapshot: Snapshot, action: Action, item: str) -> tuple[Kind, int | str]:
    if action is Action.RELAY:
        return Kind.PARTNER, given.name(item).lower()
    if action in _OF_OFFICIALS:
        return Kind.OFFICIAL, somebody(snapshot, item).official
    if action is Action.READ_AUDIT:
        return Kind.BODY, _number(snapshot, _BODY, item)
    if action in _OF_RESOURCES:
        return Kind.RESOURCE, _number(snapshot, _RESOURCE, item.lower())
    if action in _OF_ROOMS:
        return Kind.ROOM, _number(snapshot, _ROOM, item)
    return Kind.POST, _number(snapshot, _POST, _name(item) if _is_name(item) else item)


def _is_name(item: str) -> bool:
    return item.startswith("<") or "@" in item


def _name(item: str) -> str:
    return item if item.startswith("<") else f"<{item}>"


def _number(snapshot: Snapshot, statement: object, item: str) -> int:
    found = snapshot.connection.execute(statement, {"item": given.name(item)}).scalar()  # type: ignore[call-overload] # one of several
    if found is None:
        raise NotFound(item)
    return int(found)
