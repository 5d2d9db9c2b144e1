"""Revoke a grant, with a reason, on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import officials, roles
from groupware.administering import MANY
from groupware.duties import noting, places
from groupware.duties.reached import contact_kept
from groupware.duties.scopes import SCOPES, Scope
from groupware.duties.standing import OPERATOR
from groupware.duties.succession import nobody_succeeds_alone
from groupware.duties.words import a_reason, told
from groupware.errors import Conflict, Forbidden, Refused
from groupware.events import EventKind
from policies.vocabulary import Access, Action, Kind, Role

if TYPE_CHECKING:
    from directory.roles import Grant
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

_PLACES = {Scope.ROOM: Kind.ROOM, Scope.AREA: Kind.AREA}
"""Whoever runs the place for which something is held may end it there: it gives sight of what is theirs to guard."""


def revoke(tx: Tx, monitor: Monitor, caller: Caller, number: int, reason: str) -> None:
    """End a grant now. A deputy doesn't end the contact point whom they would follow, at once or later.

    Raises NotFound or Forbidden, Refused(reason-needed, last-contact-point, own-succession, by-rule),
    Conflict(already-ended).
    """
    with told():
        grant = roles.get(tx.connection, number)
    _require_leave(tx, monitor, caller, grant)
    if grant.role is Role.CONTACT_POINT and places.heir(tx, grant.official) == caller.official:
        raise Forbidden("nobody-administers-self")
    _end(tx, grant, reason, caller.official)


def revoke_by_operator(tx: Tx, number: int, reason: str) -> None:
    """The same at the operator's word. Raises NotFound, and what `revoke` raises of a grant as it is."""
    with told():
        grant = roles.get(tx.connection, number)
    _end(tx, grant, reason, OPERATOR)


def end_again(tx: Tx, number: int, why: str) -> None:
    """End what had ended before a restore brought it back, whoever is left: nothing that was taken comes back by it."""
    _take(tx, roles.get(tx.connection, number), why, OPERATOR)


def _end(tx: Tx, grant: Grant, reason: str, by: int) -> None:
    if grant.access:
        raise Refused("by-rule", "it follows from a rule of the room, and ends with that rule")
    why = a_reason(reason)
    if grant.valid_until <= tx.now:
        raise Conflict("already-ended", "this grant has ended")
    body = officials.get(tx.connection, grant.official).body
    with contact_kept(tx, body), nobody_succeeds_alone(tx, body, by, but_peers=True):
        _take(tx, grant, why, by)


def _take(tx: Tx, grant: Grant, why: str, by: int) -> None:
    if grant.role in places.OF_CONTACT and not _keeps_another(tx, grant):
        places.leave(tx, grant.official, by, why, everywhere=False)
    roles.revoke(tx.connection, grant.id, tx.now, by, why)
    _find_place(tx, grant)
    noting.note(tx, grant.official, by, noting.ENDED)
    tx.record(EventKind.GRANT_REVOKED, grant.id)
    tx.record(EventKind.RIGHTS_CHANGED, MANY)


def _require_leave(tx: Tx, monitor: Monitor, caller: Caller, grant: Grant) -> None:
    if _is_theirs(tx, monitor, caller, grant):
        return
    if caller.official == grant.official:
        raise Forbidden("nobody-administers-self")
    monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, grant.official)


def may_revoke(snapshot: Snapshot, monitor: Monitor, caller: Caller, grant: Grant) -> bool:
    """Whether the caller is one who may: who designates the holder, runs the place, or is the head who is sent for."""
    if grant.access:
        return False
    if _is_theirs(snapshot, monitor, caller, grant):
        return True
    allowed = monitor.decide(snapshot, caller, Action.DESIGNATE, Kind.OFFICIAL, grant.official).allowed
    return allowed and caller.official != grant.official


def _is_theirs(snapshot: Snapshot, monitor: Monitor, caller: Caller, grant: Grant) -> bool:
    if grant.role is Access.SENDER and grant.scope == caller.official:
        return True
    place = _PLACES.get(SCOPES[grant.role])
    return place is not None and monitor.decide(snapshot, caller, Action.MANAGE, place, grant.scope).allowed


def _keeps_another(tx: Tx, grant: Grant) -> bool:
    """Whether the holder has the same role for the same body by another grant."""
    held = roles.held(tx.connection, grant.official, tx.now)
    return any((each.role, each.scope) == (grant.role, grant.scope) and each.id != grant.id for each in held)


def _find_place(tx: Tx, grant: Grant) -> None:
    """Who was both keeps the place of the other role."""
    if grant.role not in places.OF_CONTACT:
        return
    for each in roles.held(tx.connection, grant.official, tx.now):
        places.take_place(tx, grant.official, each.role)
