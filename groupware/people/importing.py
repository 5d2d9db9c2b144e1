"""A body's entries are brought in line with a file: compared first, then applied whole or not at all.

The file is read and compared outside the transaction; within it, what it was compared with is read again, and if
anything is otherwise than it was seen, nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directory import histories, officials, units
from directory.histories import Change
from groupware.duties.reached import contact_kept
from groupware.duties.succession import nobody_succeeds_alone
from groupware.errors import Conflict
from groupware.events import EventKind
from groupware.people import keepers, places, renaming, watching
from groupware.people.adding import made
from groupware.people.changing import difference, shut_over
from groupware.people.comparing import State
from groupware.people.faults import told

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from directory.officials import Official
    from groupware.people.comparing import Diff
    from groupware.people.leave import Leave
    from groupware.people.sheet import Sheet
    from groupware.store import Snapshot, Tx

CHANGED = "The directory, or the file, has changed since the changes were shown. Look at them again."


def logins(sheet: Sheet) -> list[str]:
    """Every login that a file names."""
    return sorted({line.cells["login"].lower() for line in sheet.lines if line.cells.get("login")})


def state(snapshot: Snapshot, leave: Leave, named: Sequence[str], domain: str) -> State:
    """A body as it is now."""
    leave.use(snapshot, leave.body)
    own = officials.of_body(snapshot.connection, leave.body)
    strangers = _strangers(named, {each.login for each in own})
    return State(leave.body, leave.by, tuple(own), _codes(snapshot, leave), places.taken(snapshot, strangers, domain))


@dataclass(frozen=True, slots=True)
class Work:
    """What a difference comes to, made before the transaction: rows, and what is told of them."""

    rows: officials.Batch
    rewritten: Sequence[tuple[int, int, str]]
    renamed: Sequence[tuple[Official, Official]]
    added: Sequence[Official] = ()
    raised: Sequence[tuple[Official, Official]] = ()
    redated: Sequence[tuple[Official, Official]] = ()


def prepared(diff: Diff, before: State, domain: str) -> Work:
    """The work of a difference without faults; on values alone. Raises Refused(unfit-entry)."""
    numbers = {code: number for number, code in before.units.items()}
    added = [made(each.login, each.entry, numbers[each.entry.unit], domain, 0, before.body) for each in diff.added]
    changed = [replace(each.changed, body=before.body) for each in diff.changed]
    with told():
        rows = officials.batch(added, changed)
    rewritten = [
        (each.found.id, each.found.version + 1, ",".join(difference(each.found, each.changed))) for each in diff.changed
    ]
    pairs = [(each.found, each.changed) for each in diff.changed if each.found.external_id != each.changed.external_id]
    raised = [(each.found, each.changed) for each in diff.changed if each.found.clearance < each.changed.clearance]
    redated = [
        (each.found, each.changed) for each in diff.changed if each.found.valid_until != each.changed.valid_until
    ]
    return Work(rows, rewritten, pairs, added, raised, redated)


def apply(tx: Tx, leave: Leave, work: Work, before: State, named: Sequence[str], domain: str) -> None:
    """Write it. Raises Refused(last-contact-point, own-succession) or Conflict(changed-meanwhile)."""
    if not _is_still(tx, leave, before, named, domain):
        raise Conflict("changed-meanwhile", CHANGED)
    if not work.rows.bodies:
        return
    with contact_kept(tx, leave.body), nobody_succeeds_alone(tx, leave.body, leave.by):
        officials.write_all(tx.connection, work.rows, tx.now)
    for before_it, after in work.redated:
        shut_over(tx, before_it, after)
    _record(tx, leave, work)
    renaming.tell(tx, domain, leave.body, keepers.name_of(tx, leave.by), work.renamed, leave.by)
    watching.of_new(tx, domain, leave, work.added)
    watching.of_clearances(tx, domain, leave, work.raised)
    tx.record(EventKind.RIGHTS_CHANGED, 0)


def _is_still(tx: Tx, leave: Leave, before: State, named: Sequence[str], domain: str) -> bool:
    """Whether a body is as it was, asked as cheaply as can be: others wait."""
    leave.use(tx, before.body)
    marks = officials.marks(tx.connection, leave.body)
    if marks != [(each.id, each.login, each.version, each.reviewed) for each in before.officials]:
        return False
    strangers = _strangers(named, {login for _, login, _, _ in marks})
    return _codes(tx, leave) == before.units and places.taken(tx, strangers, domain) == before.taken


def _strangers(named: Sequence[str], own: Collection[str]) -> list[str]:
    return [login for login in named if login not in own]


def _codes(snapshot: Snapshot, leave: Leave) -> dict[int, str]:
    return {unit.id: unit.code for unit in units.of_body(snapshot.connection, leave.body)}


def _record(tx: Tx, leave: Leave, work: Work) -> None:
    found = (
        {login: number for number, login, _, _ in officials.marks(tx.connection, leave.body)} if work.rows.added else {}
    )
    made_now = [(found[str(row["login"])], 1, "entry") for row in work.rows.added]
    histories.record(
        tx.connection,
        (
            Change(histories.OFFICIAL, number, version, leave.by, tx.now, what)
            for number, version, what in (*made_now, *work.rewritten)
        ),
    )
