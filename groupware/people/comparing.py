"""What a file would change: line by line against a body's entries as they are, before anything is written.

Whoever isn't in the file is left alone: people leave by a decision about them, not by being left out of a list.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from directory.officials import folded
from groupware.people import entry as entries
from groupware.people.adding import LOGIN_TAKEN
from groupware.people.cells import column, entry_of, shown
from groupware.people.changing import difference, rewritten
from groupware.people.entry import Entry
from groupware.people.faults import Problem
from groupware.people.sheet import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directory.officials import Official
    from groupware.people.sheet import Line, Sheet


@dataclass(frozen=True, slots=True)
class State:
    """A body as it is: its entries, its units' codes by id, and which of the file's logins others have."""

    body: int
    by: int
    officials: tuple[Official, ...]
    units: Mapping[int, str]
    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody new."""

    line: int
    login: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody whose entry would change: column by column, what it says and what it would say."""

    line: int
    found: Official
    changed: Official
    columns: Mapping[str, tuple[str, str]]


@dataclass(slots=True)
class Diff:
    """What a file would do; nothing at all if there are faults. `digest` names it, and what it was compared with."""

    added: list[Added] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    untouched: int = 0
    faults: list[Fault] = field(default_factory=list)
    digest: str = ""


def compare(sheet: Sheet, state: State, octets: bytes) -> Diff:
    """The difference between a file and a body."""
    matching = _Matching(state)
    diff = Diff(faults=list(sheet.faults))
    told = {(fault.line, fault.column) for fault in sheet.faults}
    for line in sheet.lines:
        faults = _compared(diff, line, state, matching).items()
        diff.faults += [
            Fault(line.number, name, problem) for name, problem in faults if (line.number, name) not in told
        ]
    diff.faults.sort(key=lambda fault: fault.line)
    present = sum(1 for official in state.officials if not official.departed)
    diff.untouched = present - len(matching.seen)
    diff.digest = digest(octets, state)
    return diff


def digest(octets: bytes, state: State) -> str:
    """A name for a file beside a body as it is: another one as soon as either changes."""
    made = hashlib.sha256(hashlib.sha256(octets).digest())
    made.update(f"{state.body} {sorted(state.units.items())}".encode())
    for each in state.officials:
        made.update(f"\n{each.id} {each.version}".encode())
    return made.hexdigest()


class _Matching:
    """Who is meant by a line: by external id, then by login; each official once."""

    def __init__(self, state: State) -> None:
        self._by = state.by
        self._external = {each.external_id: each for each in state.officials if each.external_id}
        self._login = {each.login: each for each in state.officials}
        self.seen: set[int] = set()

    def of(self, line: Line) -> tuple[Official | None, dict[str, Problem]]:
        """Who it is, None for somebody new, and what is wrong with that."""
        login, external = folded(line.cells.get("login", "")), line.cells.get("external_id", "")
        by_external, by_login = self._external.get(external), self._login.get(login)
        found = by_external or by_login
        if found is None:
            return None, {}
        problems = {}
        if by_external and login and login != by_external.login:
            text = f"This external id is that of {by_external.login}; a login stays."
            problems["login"] = Problem("login-stays", text)
        if by_login and external and by_login.external_id not in ("", external):
            problems["external_id"] = Problem("other-external-id", f"{by_login.login} has another external id.")
        if found.departed:
            problems[""] = Problem("departed", f"{found.login} has left; nobody comes back by an import.")
        if found.id in self.seen:
            problems[""] = Problem("duplicate-key", f"{found.login} is in more than one line.")
        self.seen.add(found.id)
        return found, problems


def _compared(diff: Diff, line: Line, state: State, matching: _Matching) -> dict[str, Problem]:
    """One line: into the difference, unless something is wrong with it, all of which is returned."""
    if "" in line.wrong:
        return {}
    found, problems = matching.of(line)
    if found is None:
        return _new(diff, line, state)
    if found.departed:
        return problems
    return _known(diff, line, state, found, problems)


def _new(diff: Diff, line: Line, state: State) -> dict[str, Problem]:
    login = line.cells.get("login", "").lower()
    entry = entry_of(line.cells, Entry(name="", unit=""))
    problems = entries.objections(entry, set(state.units.values()))
    if problem := entries.login_problem(login) or (LOGIN_TAKEN if login in state.taken else None):
        problems["login"] = problem
    if not problems and not line.wrong:
        diff.added.append(Added(line.number, login, entry))
    return problems


def _known(diff: Diff, line: Line, state: State, found: Official, problems: dict[str, Problem]) -> dict[str, Problem]:
    before = entries.of_official(found, state.units[found.unit])
    entry = entry_of(line.cells, before)
    if entry == before and not problems:
        diff.unchanged += 1
        return {}
    if found.id == state.by and entry != before:
        problems[""] = Problem("own-entry", "This is your own entry: another admin changes it.")
    numbers = {code: number for number, code in state.units.items()}
    problems = _changed(entry, before, set(numbers)) | problems
    if problems or line.wrong:
        return problems
    changed = rewritten(found, entry, numbers[entry.unit])
    columns = {column(name): (shown(before, name), shown(entry, name)) for name in difference(found, changed)}
    diff.changed.append(Changed(line.number, found, changed, columns))
    return {}


def _changed(entry: Entry, before: Entry, units: set[str]) -> dict[str, Problem]:
    """What is wrong with what would change: what stays may be as it came by other ways."""
    unread = dict(entry.unread)
    return {
        name: problem
        for name, problem in entries.objections(entry, units).items()
        if name in unread or name not in entries.FIELDS or getattr(entry, name) != getattr(before, name)
    }
