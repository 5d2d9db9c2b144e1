"""A body's first contact point: appointed by the body that governs it on a recorded act, in force once accepted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import appointments, contact_points, first_links, invitations, officials, roles
from directory.appointments import Appointment
from directory.contact_points import NOBODY, ContactPoint
from directory.roles import Grant
from groupware import administering
from groupware.duties import places, standing
from groupware.duties.scopes import require_in_office
from groupware.duties.words import a_reason, told
from groupware.errors import Conflict, NotFound, Refused
from groupware.events import EventKind
from policies.vocabulary import Action, Kind, Role

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx


def appoint(tx: Tx, monitor: Monitor, caller: Caller, body: int, official: int, act: str) -> int:
    """Write down whom the body designated, by the reference of its act; returns the appointment's id.

    An earlier appointment that nobody accepted counts no more. Raises Forbidden (for one's own body always) or
    NotFound, Refused(has-contact-point, unfit, own-newcomer, not-in-office, reason-needed).
    """
    monitor.require(tx, caller, Action.APPOINT, Kind.BODY, body)
    return _appoint(tx, body, official, act, caller.official)


def appoint_by_operator(tx: Tx, official: int, act: str) -> int:
    """The same at the operator's word, for their own body: the only way for one that governs itself."""
    with told():
        body = officials.get(tx.connection, official).body
    return _appoint(tx, body, official, act, standing.OPERATOR)


def _appoint(tx: Tx, body: int, official: int, act: str, by: int) -> int:
    with told():
        found = officials.get(tx.connection, official)
    if found.body != body:
        raise Refused("unfit", "a contact point is an official of the body")
    if by and invitations.made_by(tx.connection, official, by):
        raise Refused("own-newcomer", "this official came in by a link of yours: have somebody else appoint them")
    require_in_office(tx, official)
    _refuse_second(tx, body)
    new = Appointment(body, official, a_reason(act), by, tx.now)
    number = appointments.add(tx.connection, new)
    first_links.end(tx.connection, official, tx.now)
    tx.record(EventKind.CONTACT_POINT_APPOINTED, number)
    return number


def accept(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> bool:
    """Take it on: from now on the caller is the body's contact point. NotFound for another's, Conflict if answered.

    False where it ends as declined instead: who appointed them may appoint nobody any more.
    """
    known = _own(tx, caller, number)
    newest = appointments.newest(tx.connection, known.body)
    if newest is None or newest.id != number:
        raise Conflict("already-decided", "somebody else was appointed since")
    require_in_office(tx, caller.official)
    _refuse_second(tx, known.body)
    stands = standing.still_appoints(tx, monitor, known)
    _answer(tx, number, accepted=stands)
    if not stands:
        return False
    grant = Grant(
        caller.official, Role.CONTACT_POINT, known.body, tx.now, granted_by=known.appointed_by, reason=known.act
    )
    administering.grant(tx, grant)
    _hold(tx, known.body, caller.official)
    return True


def decline(tx: Tx, caller: Caller, number: int) -> None:
    """Say no. Raises as `accept`."""
    _own(tx, caller, number)
    _answer(tx, number, accepted=False)


def _own(tx: Tx, caller: Caller, number: int) -> Appointment:
    with told():
        known = appointments.get(tx.connection, number)
    if known.official != caller.official:
        raise NotFound(f"appointment {number}")
    return known


def _answer(tx: Tx, number: int, *, accepted: bool) -> None:
    if not appointments.answer(tx.connection, number, tx.now, accepted=accepted):
        raise Conflict("already-decided", "this has been answered")
    tx.record(EventKind.CONTACT_POINT_APPOINTED, number)


def _refuse_second(tx: Tx, body: int) -> None:
    if roles.in_force(tx.connection, Role.CONTACT_POINT, body, tx.now):
        raise Refused("has-contact-point", "this body has a contact point, who designates the next one")


def _hold(tx: Tx, body: int, official: int) -> None:
    point = contact_points.find(tx.connection, body)
    if point is None:
        contact_points.add(tx.connection, ContactPoint(body, holder=official))
        return
    others = tuple(each for each in (point.holder, *point.deputies) if each not in (NOBODY, official))
    still = tuple(each for each in others if places.holds(tx, each, body, *places.OF_CONTACT))
    places.write(tx, replace(point, holder=official, deputies=still))
