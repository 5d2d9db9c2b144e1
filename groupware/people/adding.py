"""A new official: of a unit of the admin's own body, without any grant, and unable to sign in before an invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import histories, officials, units
from directory.histories import Change
from directory.officials import Official
from groupware.events import EventKind
from groupware.people import entry as entries
from groupware.people import places, watching
from groupware.people.faults import BadEntry, Problem, told

if TYPE_CHECKING:
    from groupware.people.entry import Entry
    from groupware.people.leave import Leave
    from groupware.store import Tx

LOGIN_TAKEN = Problem("login-taken", "This login isn't free.")
EXTERNAL_TAKEN = Problem("external-id-taken", "Another entry of the body has this external id.")


def add(tx: Tx, leave: Leave, login: str, entry: Entry, domain: str) -> int:
    """Add one and return the id; the address is LOGIN@DOMAIN. Raises BadEntry, which says what is wrong, by field.

    One with no first day begins now.
    """
    leave.use(tx, leave.body)
    own = {unit.code: unit.id for unit in units.of_body(tx.connection, leave.body)}
    problems = entries.objections(entry, set(own))
    if problem := entries.login_problem(login) or _taken(tx, login, domain):
        problems["login"] = problem
    if entry.external_id and officials.by_external(tx.connection, leave.body, entry.external_id):
        problems["external_id"] = EXTERNAL_TAKEN
    if problems:
        raise BadEntry(problems)
    new = made(login, entry, own[entry.unit], domain, tx.now)
    with told():
        number = officials.add(tx.connection, new)
    histories.record(tx.connection, [Change(histories.OFFICIAL, number, 1, leave.by, tx.now, "entry")])
    watching.of_new(tx, domain, leave, [new])
    tx.record(EventKind.RIGHTS_CHANGED, number)
    return number


def made(login: str, entry: Entry, unit: int, domain: str, now: int, body: int = 0) -> Official:
    """The row of somebody new."""
    values = {field: getattr(entry, field) for field in entries.FIELDS if field not in ("unit", "valid_from")}
    since = entry.valid_from or min(now, entry.valid_until - 1)
    return Official(0, login, f"{login}@{domain}", body=body, unit=unit, valid_from=since, **values)


def _taken(tx: Tx, login: str, domain: str) -> Problem | None:
    return LOGIN_TAKEN if places.taken(tx, [login], domain) else None
