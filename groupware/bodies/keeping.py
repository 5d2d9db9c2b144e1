"""What is done to a body as such, by an admin of the one that governs it, or by the operator.

Which body governs another is the operator's word alone: it says who founds areas for it and appoints its first contact
point, so no body hands that on, or takes it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from directory import bodies, histories, officials
from directory.bodies import BodyKind
from groupware import administering, given
from groupware.areas import acting
from groupware.errors import Conflict, NotFound, Refused
from groupware.events import EventKind
from groupware.people.faults import check_version
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from directory.bodies import Body
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

KINDS = tuple(each.value for each in BodyKind)
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}")


def named(snapshot: Snapshot, code: str) -> Body:
    """The body of this code, in any case. Raises NotFound."""
    found = bodies.find(snapshot.connection, given.name(code))
    if found is None:
        raise NotFound(f"body {code!a}")
    return found


def add(tx: Tx, monitor: Monitor, by: Caller | None, code: str, name: str, kind: str, authority: str) -> int:
    """A new body; returns its id. An official adds one that their own body governs; the operator any.

    With its own code as `authority` it governs itself; with "" the official's body does, or for the operator nobody.
    Raises NotFound or Forbidden (told alike), Refused(unfit-code, unfit-kind, unfit-text), Conflict(code-taken).
    """
    fit = code.strip().upper()
    above = 0 if by is None else officials.get(tx.connection, by.official).body
    who = acting.leave(tx, monitor, by, Action.GOVERN, Kind.BODY, above)
    own = by is None and authority.upper() == fit
    if authority and not own:
        above = _above(tx, by, authority, above)
    if not _CODE.fullmatch(fit):
        raise Refused("unfit-code", "a body's code is 2 to 12 letters and digits, beginning with a letter: EST, COM")
    if kind not in KINDS:
        raise Refused("unfit-kind", f"a body is one of: {', '.join(KINDS)}")
    if bodies.find(tx.connection, fit):
        raise Conflict("code-taken", "there is a body of this code")
    with acting.told():
        number = bodies.create(tx.connection, fit, acting.called(name), BodyKind(kind), above)
        if own:
            bodies.put_under(tx.connection, [number], number)
    _tell(tx, who, number, 1, "entry")
    return number


def _above(tx: Tx, by: Caller | None, authority: str, own: int) -> int:
    """The id of the authority that is named; an official names no other than their own body."""
    found = named(tx, authority)
    if by is not None and found.id != own:
        raise NotFound(f"body {authority!a}")
    return found.id


def rename(tx: Tx, monitor: Monitor, by: Caller | None, code: str, name: str, seen: int | None) -> int:
    """Call a body otherwise; its code stays. Returns its version. Raises as `add`, and Conflict(changed-meanwhile)."""
    found, who = _governed(tx, monitor, by, code, seen)
    new = acting.called(name)
    if new == found.name:
        return found.version
    with acting.told():
        bodies.change(tx.connection, replace(found, name=new))
    _tell(tx, who, found.id, found.version + 1, "name")
    return found.version + 1


def put_under(tx: Tx, code: str, authority: str) -> None:
    """At the operator's word, have another body govern this one; "" for none. Raises NotFound."""
    found = named(tx, code)
    above = named(tx, authority).id if authority else 0
    if above == found.authority:
        return
    with acting.told():
        bodies.change(tx.connection, replace(found, authority=above))
    _tell(tx, acting.OPERATOR, found.id, found.version + 1, "authority")


def suspend(tx: Tx, monitor: Monitor, by: Caller | None, code: str, seen: int | None, *, suspended: bool) -> int:
    """Shut out all of a body at once, or let them in again; returns its version.

    Raises as `rename`, and Refused(own-body): who shuts themselves out can't undo it, so that is the operator's.
    """
    found, who = _governed(tx, monitor, by, code, seen)
    if by is not None and officials.get(tx.connection, by.official).body == found.id:
        raise Refused("own-body", "you would shut yourself out: your own body is for the operator to suspend")
    if found.suspended == suspended:
        return found.version
    administering.suspend_body(tx, found.id, suspended=suspended)
    _tell(tx, who, found.id, found.version + 1, "suspended" if suspended else "let in again")
    return found.version + 1


def _governed(tx: Tx, monitor: Monitor, by: Caller | None, code: str, seen: int | None) -> tuple[Body, int]:
    """The body and who acts on it, if they govern it, and it is still as they saw it."""
    found = named(tx, code)
    who = acting.leave(tx, monitor, by, Action.GOVERN, Kind.BODY, found.id)
    check_version(tx, histories.BODY, found.id, found.version, found.version if seen is None else seen)
    return found, who


def _tell(tx: Tx, who: int, number: int, version: int, what: str) -> None:
    histories.record(tx.connection, [histories.Change(histories.BODY, number, version, who, tx.now, what)])
    tx.record(EventKind.RIGHTS_CHANGED, administering.MANY)
