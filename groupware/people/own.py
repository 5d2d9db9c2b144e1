"""What officials may write about themselves: their telephones and languages, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directory import histories, officials
from directory.histories import Change
from groupware.events import EventKind
from groupware.people import entry as entries
from groupware.people.faults import BadEntry, check_version, told
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from directory.officials import Official
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx


@dataclass(frozen=True, slots=True)
class Own:
    """The fields; `languages` is a comma list of RFC 5646 tags."""

    phone: str
    mobile: str
    languages: str


def own_entry(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Official:
    """The caller's own row. Raises Forbidden for who is out of office."""
    monitor.require(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL, caller.official)
    return officials.get(snapshot.connection, caller.official)


def change_own(tx: Tx, monitor: Monitor, caller: Caller, new: Own, seen: int) -> int:
    """Write them and return the version. Raises Conflict(changed-meanwhile) or BadEntry."""
    found = own_entry(tx, monitor, caller)
    check_version(tx, histories.OFFICIAL, found.id, found.version, seen)
    problems = {
        "phone": entries.phone_problem(new.phone),
        "mobile": entries.phone_problem(new.mobile),
        "languages": entries.text_problem(new.languages) or entries.languages_problem(new.languages),
    }
    if bad := {field: problem for field, problem in problems.items() if problem}:
        raise BadEntry(bad)
    changed = replace(found, phone=new.phone, mobile=new.mobile, languages=new.languages)
    what = [field for field in Own.__slots__ if getattr(found, field) != getattr(changed, field)]
    if not what:
        return found.version
    with told():
        officials.change(tx.connection, changed)
    line = Change(histories.OFFICIAL, found.id, found.version + 1, caller.official, tx.now, ",".join(what))
    histories.record(tx.connection, [line])
    tx.record(EventKind.RIGHTS_CHANGED, found.id)
    return found.version + 1
