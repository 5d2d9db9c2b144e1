"""In another's name, and visibly so: From is the head, Sender whoever handed it in (RFC 5322 3.6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import officials, roles
from groupware.caller import Caller
from groupware.errors import NotFound
from policies.vocabulary import Access, Action, Kind

if TYPE_CHECKING:
    from directory.officials import Official
    from groupware.monitor import Monitor
    from groupware.store import Snapshot


def author_of(snapshot: Snapshot, monitor: Monitor, caller: Caller, address: str) -> Caller:
    """Whose message it is that has this address in From: a head for whom the caller may send, else the caller's."""
    if address.lower() == caller.address.lower():
        return caller
    head = officials.by_address(snapshot.connection, address)
    if head is None or not may_send_for(snapshot, monitor, caller, head.id):
        return caller
    return _as_author(head, caller)


def heads(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> list[Caller]:
    """All for whom the caller may send now, by name."""
    held = roles.held(snapshot.connection, caller.official, snapshot.now)
    scopes = {grant.scope for grant in held if grant.role is Access.SENDER}
    allowed = [scope for scope in scopes if may_send_for(snapshot, monitor, caller, scope)]
    found = [_as_author(officials.get(snapshot.connection, scope), caller) for scope in allowed]
    return sorted(found, key=lambda head: head.name)


def may_send_for(snapshot: Snapshot, monitor: Monitor, caller: Caller, head: int) -> bool:
    """Whether the caller may; not where there is no such official."""
    try:
        return monitor.decide(snapshot, caller, Action.SEND_FOR, Kind.OFFICIAL, head).allowed
    except NotFound:
        return False


def _as_author(head: Official, caller: Caller) -> Caller:
    return Caller(head.id, head.login, head.address, head.name, caller.door, strong=caller.strong)
