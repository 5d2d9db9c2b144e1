"""Places in contact points, kept in step with the roles contact-point and deputy, and who comes next in them.

Who holds one of the two roles has a place in the general contact point of their body, and nobody else has. Those for
one area name anybody of the body. Who goes is followed by the first deputy in office; where nobody can follow, the
authority is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import contact_points, officials, roles
from directory.contact_points import EVERYTHING, NOBODY, ContactPoint
from directory.duty_moves import Move
from directory.roles import Grant
from groupware import administering
from groupware.duties import moved
from groupware.events import EventKind
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from groupware.store import Snapshot, Tx
    from policies.vocabulary import Access

OF_CONTACT = (Role.CONTACT_POINT, Role.DEPUTY)


def take_place(tx: Tx, official: int, role: Role | Access) -> None:
    """Give who was granted one of the two roles a place, if they have none yet: the holder's, or the last deputy's."""
    body = officials.get(tx.connection, official).body
    if role not in OF_CONTACT or has_place(tx, official, body):
        return
    point = contact_points.find(tx.connection, body)
    if point is None:
        point = contact_points.get(tx.connection, contact_points.add(tx.connection, ContactPoint(body)))
    if role is Role.CONTACT_POINT and point.holder == NOBODY:
        changed = replace(point, holder=official)
    else:
        changed = replace(point, deputies=(*point.deputies, official))
    write(tx, changed)


def write(tx: Tx, changed: ContactPoint) -> None:
    """Write a contact point anew and tell of it."""
    contact_points.change(tx.connection, changed)
    tx.record(EventKind.CONTACT_POINT_CHANGED, changed.id)


def has_place(snapshot: Snapshot, official: int, body: int) -> bool:
    """Whether somebody has a place in the general contact point of a body."""
    point = contact_points.find(snapshot.connection, body)
    return point is not None and official in (point.holder, *point.deputies)


def holds(snapshot: Snapshot, official: int, body: int, *wanted: Role) -> bool:
    """Whether somebody has one of these roles for a body now."""
    held = roles.held(snapshot.connection, official, snapshot.now)
    return any(grant.role in wanted and grant.scope == body for grant in held)


def heir(snapshot: Snapshot, official: int) -> int:
    """Who would become contact point if this one, the last, went: an official, or 0 for nobody or no need."""
    body = officials.get(snapshot.connection, official).body
    if _others(snapshot, Role.CONTACT_POINT, body, official):
        return NOBODY
    return next(iter(in_line(snapshot, body, official)), NOBODY)


def speaker(snapshot: Snapshot, body: int) -> int:
    """Who speaks for a body now: the holder if in office, else who is next; 0 for nobody."""
    point = contact_points.find(snapshot.connection, body)
    line = in_line(snapshot, body, NOBODY)
    return point.holder if point and point.holder in line else next(iter(line), NOBODY)


def leave(tx: Tx, official: int, by: int, why: str, *, everywhere: bool) -> None:
    """Have others follow where somebody holds or deputises; to be called before their grants end. Never refuses.

    In the general contact point, or `everywhere`: in those for one area, too. Whose act it is (`by`) doesn't follow
    by it, unless they are a contact point already.
    """
    body = officials.get(tx.connection, official).body
    general = contact_points.find(tx.connection, body)
    held = holds(tx, official, body, Role.CONTACT_POINT) or (general is not None and general.holder == official)
    last = held and not _others(tx, Role.CONTACT_POINT, body, official)
    kept_out = {official} if by and holds(tx, by, body, Role.CONTACT_POINT) else {official, by}
    line = [each for each in in_line(tx, body, official) if each not in kept_out]
    for point in contact_points.with_official(tx.connection, official):
        if everywhere or point.area == EVERYTHING:
            _leave_one(tx, point, official, line, by)
    if not last:
        return
    if line:
        _promote(tx, body, line[0], by, why)
        moved.write_down(tx, Move(official, line[0], moved.CONTACT_POINT, 1, tx.now))
    else:
        tx.record(EventKind.BODY_UNATTENDED, body)


def _leave_one(tx: Tx, point: ContactPoint, official: int, line: Sequence[int], by: int) -> None:
    deputies = [each for each in point.deputies if each != official]
    holder = point.holder
    if holder == official:
        own = [each for each in deputies if point.area != EVERYTHING and each != by and in_office(tx, each)]
        holder = next(iter([*own, *line]), NOBODY)
    write(tx, replace(point, holder=holder, deputies=tuple(each for each in deputies if each != holder)))


def in_office(snapshot: Snapshot, official: int) -> bool:
    """Whether somebody may do anything at all."""
    return officials.in_office(snapshot.connection, official, snapshot.now)


def _promote(tx: Tx, body: int, heir: int, by: int, why: str) -> None:
    """The first deputy becomes contact point for as long as they would have been deputy."""
    deputy = next(each for each in roles.held(tx.connection, heir, tx.now) if each.role is Role.DEPUTY)
    reason = f"follows as first deputy: {why}" if why else "follows as first deputy"
    grant = Grant(heir, Role.CONTACT_POINT, body, tx.now, deputy.valid_until, granted_by=by, reason=reason)
    administering.grant(tx, grant)
    administering.revoke(tx, deputy.id)
    point = contact_points.find(tx.connection, body)
    if point is None:
        contact_points.add(tx.connection, ContactPoint(body, EVERYTHING, heir))
    elif point.holder != heir:
        write(tx, replace(point, holder=heir, deputies=tuple(each for each in point.deputies if each != heir)))


def in_line(snapshot: Snapshot, body: int, leaver: int) -> list[int]:
    """Who can follow, in order: other contact points, then deputies as their places say, then any other deputies."""
    deputies = _others(snapshot, Role.DEPUTY, body, leaver)
    point = contact_points.find(snapshot.connection, body)
    placed = [each for each in (point.deputies if point else ()) if each in deputies]
    return _once((*_others(snapshot, Role.CONTACT_POINT, body, leaver), *placed, *deputies))


def _others(snapshot: Snapshot, role: Role, body: int, besides: int) -> list[int]:
    found = (grant.official for grant in roles.in_force(snapshot.connection, role, body, snapshot.now))
    return _once(each for each in found if each != besides)


def _once(found: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(found))
