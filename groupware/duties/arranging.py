"""Arrange a contact point: who holds it, who stands in and in which order, when, in which zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from directory import contact_points, first_links, officials, roles
from directory.contact_points import EVERYTHING, NOBODY, ContactPoint, Hours
from groupware.administering import MANY
from groupware.duties import places
from groupware.duties.known_areas import require_known
from groupware.duties.reached import contact_kept
from groupware.duties.scopes import require_in_office
from groupware.duties.succession import nobody_succeeds_alone, own_succession
from groupware.duties.words import told
from groupware.errors import Conflict, Refused
from groupware.events import EventKind
from policies.vocabulary import Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx

__all__ = ["Arrangement", "Hours", "arrange"]

MOST_DEPUTIES, MOST_HOURS = 20, 50


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a contact point is to be; `seen` is the version that this was made from, 0 for a new one."""

    body: int
    area: int
    holder: int
    deputies: tuple[int, ...]
    zone: str
    hours: tuple[Hours, ...]
    seen: int


def arrange(tx: Tx, monitor: Monitor, caller: Caller, wanted: Arrangement) -> int:
    """Write it; returns the contact point's id.

    Hours and zone are set by who keeps the body's entries; people by who designates those that come, go or move: what
    somebody holds ends with their last place. Raises Forbidden or NotFound, Refused(unfit, role-needed,
    own-succession, last-contact-point, not-in-office), Conflict(changed-meanwhile).
    """
    monitor.require(tx, caller, Action.ADMINISTER, Kind.BODY, wanted.body)
    _require_fit(wanted)
    known = contact_points.find(tx.connection, wanted.body, wanted.area)
    if (known.version if known else 0) != wanted.seen:
        raise Conflict("changed-meanwhile", "somebody else has changed this meanwhile")
    if known is None and wanted.area != EVERYTHING:
        require_known(tx, monitor, caller, {wanted.area})
    old = known or ContactPoint(wanted.body, wanted.area)
    _require_holder(old, wanted, caller.official)
    gone = _people(old) - {wanted.holder, *wanted.deputies}
    for official in _touched(old, wanted) - (gone & {caller.official}):
        monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, official)
    for official in {wanted.holder, *wanted.deputies} - {NOBODY}:
        _require_role(tx, wanted, official)
    for official in sorted({wanted.holder, *wanted.deputies} - _people(old) - {NOBODY}):
        first_links.end(tx.connection, official, tx.now)
    with contact_kept(tx, wanted.body), nobody_succeeds_alone(tx, wanted.body, caller.official):
        number = _write(tx, old, wanted)
        for official in sorted(gone) if wanted.area == EVERYTHING else ():
            _without_place(tx, official, wanted.body, caller.official)
    return number


def _require_holder(old: ContactPoint, wanted: Arrangement, by: int) -> None:
    """There is one, and not by their own act. One that nobody holds may stay so while its hours are changed."""
    if wanted.holder == by != old.holder:
        raise own_succession()
    if wanted.holder == NOBODY and (old.holder != NOBODY or not old.id):
        raise Refused("own-succession", "a contact point has a holder: name who follows")


def _require_fit(wanted: Arrangement) -> None:
    if wanted.zone not in available_timezones():
        raise Refused("unfit", f"no time zone is called {wanted.zone!r}")
    if len(wanted.deputies) > MOST_DEPUTIES or len(wanted.hours) > MOST_HOURS:
        raise Refused("unfit", f"at most {MOST_DEPUTIES} deputies and {MOST_HOURS} times of duty")


def _people(point: ContactPoint) -> frozenset[int]:
    return frozenset({point.holder, *point.deputies}) - {NOBODY}


def _touched(old: ContactPoint, wanted: Arrangement) -> set[int]:
    """Whose place is another than before."""
    before, after = _ranks(old.holder, old.deputies), _ranks(wanted.holder, wanted.deputies)
    return {official for official in before.keys() | after.keys() if before.get(official) != after.get(official)}


def _ranks(holder: int, deputies: Sequence[int]) -> dict[int, int]:
    return {official: rank for rank, official in enumerate((holder, *deputies)) if official != NOBODY}


def _require_role(tx: Tx, wanted: Arrangement, official: int) -> None:
    """Four eyes gave the role; a place alone gives none, and for one area none is needed."""
    require_in_office(tx, official)
    if officials.get(tx.connection, official).body != wanted.body:
        raise Refused("unfit", "a contact point is of its own body")
    if wanted.area != EVERYTHING:
        return
    fit = (Role.CONTACT_POINT,) if official == wanted.holder else places.OF_CONTACT
    if not places.holds(tx, official, wanted.body, *fit):
        words = " or ".join(each.label.lower() for each in fit)
        raise Refused("role-needed", f"who is named here must be {words} of this body: propose that first")


def _write(tx: Tx, old: ContactPoint, wanted: Arrangement) -> int:
    with told():
        number = old.id or contact_points.add(tx.connection, old)
        point = contact_points.get(tx.connection, number)
        changed = replace(point, holder=wanted.holder, deputies=wanted.deputies, zone=wanted.zone, hours=wanted.hours)
        places.write(tx, changed)
    return number


def _without_place(tx: Tx, official: int, body: int, by: int) -> None:
    """Who has no place in the general contact point has no role of a contact any more."""
    if places.has_place(tx, official, body):
        return
    for grant in roles.held(tx.connection, official, tx.now):
        if grant.role in places.OF_CONTACT and grant.scope == body:
            roles.revoke(tx.connection, grant.id, tx.now, by, "no longer in a contact point")
            tx.record(EventKind.GRANT_REVOKED, grant.id)
    tx.record(EventKind.RIGHTS_CHANGED, MANY)
