"""An entry is changed: details, unit, dates of service, clearance; only as whoever changes it has seen it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import histories, invitations, officials, sessions, sign_in_steps, units
from directory.histories import Change
from groupware.duties.reached import contact_kept
from groupware.duties.succession import nobody_succeeds_alone
from groupware.errors import NotFound, Refused
from groupware.events import EventKind
from groupware.glass import lapsing
from groupware.people import entry as entries
from groupware.people import keepers, renaming, watching
from groupware.people.adding import EXTERNAL_TAKEN
from groupware.people.faults import BadEntry, check_version, told

if TYPE_CHECKING:
    from directory.officials import Official
    from groupware.people.entry import Entry
    from groupware.people.leave import Leave
    from groupware.store import Tx


def change(tx: Tx, leave: Leave, number: int, entry: Entry, seen: int, domain: str) -> int:
    """Write an entry anew and return its version; one that says nothing new stays as it is.

    Raises Conflict(changed-meanwhile), BadEntry, Refused(departed, last-contact-point, own-succession).
    """
    found = kept(tx, leave, number, seen)
    own = {unit.code: unit.id for unit in units.of_body(tx.connection, leave.body)}
    problems = entries.objections(entry, set(own))
    twin = officials.by_external(tx.connection, leave.body, entry.external_id) if entry.external_id else None
    if twin is not None and twin.id != number:
        problems["external_id"] = EXTERNAL_TAKEN
    if problems:
        raise BadEntry(problems)
    after = rewritten(found, entry, own[entry.unit])
    renaming.tell(tx, domain, leave.body, keepers.name_of(tx, leave.by), [(found, after)], leave.by)
    watching.of_clearances(tx, domain, leave, [(found, after)])
    return write(tx, leave, found, after)


def suspend(tx: Tx, leave: Leave, number: int, seen: int, *, suspended: bool) -> int:
    """Shut somebody out at once, or let them in again; returns the version. Raises as `change` does.

    What they have open in the portal and at other programs ends for good, and so do links made for them and break-glass
    by them: nothing that somebody else may have got hold of works again when they are let in again.
    """
    found = kept(tx, leave, number, seen)
    if suspended:
        shut(tx, number)
    return write(tx, leave, found, replace(found, suspended=suspended))


def shut(tx: Tx, number: int) -> None:
    """What somebody has open in the portal ends for good, and so do links made for them, and break-glass by them."""
    lapsing.end_of(tx, number)
    sign_in_steps.end_all(tx.connection, number)
    sessions.revoke_all(tx.connection, number)
    invitations.end_all(tx.connection, number, tx.now)


def shut_over(tx: Tx, before: Official, after: Official) -> None:
    """The same where their service is over, or was: a last day taken back opens nothing again that was open before."""
    if min(before.valid_until, after.valid_until) <= tx.now:
        shut(tx, before.id)


def kept(tx: Tx, leave: Leave, number: int, seen: int) -> Official:
    """The row that is to be changed, as it was seen. Raises NotFound, Conflict or Refused(departed)."""
    with told():
        found = officials.get(tx.connection, number)
    leave.use(tx, found.body)
    if number == leave.by:
        raise NotFound(f"official {number}: nobody administers themselves")
    check_version(tx, histories.OFFICIAL, number, found.version, seen)
    if found.departed:
        raise Refused("departed", "They have left; their entry stays as it was.")
    return found


def rewritten(found: Official, entry: Entry, unit: int) -> Official:
    """The row with what the entry says."""
    values = {field: getattr(entry, field) for field in entries.FIELDS if field != "unit"}
    return replace(found, **values, unit=unit)


def write(tx: Tx, leave: Leave, found: Official, changed: Official) -> int:
    """Write it, if it differs, with who did it."""
    what = difference(found, changed)
    if not what:
        return found.version
    with told(), contact_kept(tx, leave.body), nobody_succeeds_alone(tx, leave.body, leave.by):
        officials.change(tx.connection, changed)
    shut_over(tx, found, changed)
    version = found.version + 1
    histories.record(tx.connection, [Change(histories.OFFICIAL, found.id, version, leave.by, tx.now, ",".join(what))])
    tx.record(EventKind.RIGHTS_CHANGED, found.id)
    return version


def difference(found: Official, changed: Official) -> list[str]:
    """The columns in which two rows of one official differ."""
    return [field for field in (*entries.FIELDS, "suspended") if getattr(found, field) != getattr(changed, field)]
