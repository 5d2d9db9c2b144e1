"""What a file would change: line by line against a body's entries as they are, before anything is written.

Whoever isn't in the file is left alone: people leave by a decision about them, not by being left out of a list.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from directory.officials import folded
from directory.tables import FOREVER
from groupware.clock import MICROSECONDS
from groupware.people import entry as entries
from groupware.people.adding import LOGIN_TAKEN
from groupware.people.changing import difference, rewritten
from groupware.people.entry import Entry
from groupware.people.faults import Problem
from groupware.people.sheet import COLUMNS, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directory.officials import Official
    from groupware.people.sheet import Line, Sheet

_DAY = timedelta(days=1)
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


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


class _Bad(Exception):  # noqa: N818 -- it ends the work on one line, and becomes one of its faults
    def __init__(self, column: str, rule: str, text: str) -> None:
        super().__init__(rule)
        self.column = column
        self.problem = Problem(rule, text)


def compare(sheet: Sheet, state: State, octets: bytes) -> Diff:
    """The difference between a file and a body."""
    matching = _Matching(state)
    diff = Diff(faults=list(sheet.faults))
    for line in sheet.lines:
        try:
            found = matching.of(line)
            faults = _new(diff, line, state) if found is None else _known(diff, line, state, found)
        except _Bad as bad:
            faults = {bad.column: bad.problem}
        diff.faults += [Fault(line.number, column, problem) for column, problem in faults.items()]
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

    def of(self, line: Line) -> Official | None:
        login, external = folded(line.cells.get("login", "")), line.cells.get("external_id", "")
        by_external, by_login = self._external.get(external), self._login.get(login)
        found = by_external or by_login
        if found is None:
            return None
        if by_external and login and login != by_external.login:
            raise _Bad("login", "login-stays", f"This external id is that of {by_external.login}; a login stays.")
        if by_login and external and by_login.external_id not in ("", external):
            raise _Bad("external_id", "other-external-id", f"{by_login.login} has another external id.")
        if found.id in self.seen:
            raise _Bad("", "duplicate-key", f"{found.login} is in more than one line.")
        self.seen.add(found.id)
        if found.departed:
            raise _Bad("", "departed", f"{found.login} has left; nobody comes back by an import.")
        return found


def _new(diff: Diff, line: Line, state: State) -> dict[str, Problem]:
    login = line.cells.get("login", "").lower()
    entry = _entry(line, Entry(name="", unit=""))
    problems = entries.objections(entry, set(state.units.values()))
    if problem := entries.login_problem(login) or (LOGIN_TAKEN if login in state.taken else None):
        problems["login"] = problem
    if not problems:
        diff.added.append(Added(line.number, login, entry))
    return _by_column(problems)


def _known(diff: Diff, line: Line, state: State, found: Official) -> dict[str, Problem]:
    before = entries.of_official(found, state.units[found.unit])
    entry = _entry(line, before)
    if entry == before:
        diff.unchanged += 1
        return {}
    if found.id == state.by:
        raise _Bad("", "own-entry", "This is your own entry: another admin changes it.")
    numbers = {code: number for number, code in state.units.items()}
    problems = {
        name: problem
        for name, problem in entries.objections(entry, set(numbers)).items()
        if getattr(entry, name) != getattr(before, name)
    }
    if problems:
        return _by_column(problems)
    changed = rewritten(found, entry, numbers[entry.unit])
    columns = {_column(name): (_shown(before, name), _shown(entry, name)) for name in difference(found, changed)}
    diff.changed.append(Changed(line.number, found, changed, columns))
    return {}


def _entry(line: Line, before: Entry) -> Entry:
    """The entry with what the line says; columns that the file hasn't stay."""
    cells = line.cells
    texts: dict[str, Any] = {name: cells[name] for name in (*entries.TEXTS, *entries.PHONES, "unit") if name in cells}
    if "languages" in texts:
        texts["languages"] = ",".join(tag.strip() for tag in texts["languages"].split(",") if tag.strip())
    made = replace(before, **texts)
    if cells.get("clearance"):
        made = replace(made, clearance=_number(cells["clearance"]))
    if cells.get("listed"):
        made = replace(made, listed=_flag(cells["listed"]))
    if cells.get("first_day") and cells["first_day"] != first_day(before.valid_from):
        made = replace(made, valid_from=day_begins(cells["first_day"], "first_day"))
    if "last_day" in cells and cells["last_day"] != last_day(before.valid_until):
        until = day_begins(cells["last_day"], "last_day", _DAY) if cells["last_day"] else FOREVER
        made = replace(made, valid_until=until)
    return made


def first_day(moment: int) -> str:
    """The day (UTC) in which service begins; "" for ever since."""
    return "" if moment == 0 else _day(moment)


def last_day(moment: int) -> str:
    """The last day (UTC) of service that ends before a moment; "" for one without end."""
    return "" if moment >= FOREVER else _day(moment - 1)


def day_begins(text: str, column: str, more: timedelta = timedelta()) -> int:
    """The moment at which a day (UTC) begins. Raises for what is no day of our time."""
    try:
        begins = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + more
    except (ValueError, OverflowError) as error:
        raise _Bad(column, "bad-day", "A day is like 2027-01-31.") from error
    if not 1970 < begins.year < 9000:  # noqa: PLR2004 -- where days can be worked with
        raise _Bad(column, "bad-day", "A day is like 2027-01-31.")
    return int(begins.timestamp()) * MICROSECONDS


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment // MICROSECONDS, UTC).date().isoformat()


def _number(text: str) -> int:
    if len(text) != 1 or text not in "0123":
        raise _Bad("clearance", "bad-clearance", f"A clearance is 0 to {entries.HIGHEST_CLEARANCE}.")
    return int(text)


def _flag(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise _Bad("listed", "bad-flag", "Write yes or no.")
    return text.lower() in _YES


def _column(name: str) -> str:
    return {"valid_from": "first_day", "valid_until": "last_day"}.get(name, name)


def _by_column(problems: Mapping[str, Problem]) -> dict[str, Problem]:
    return {_column(name): problem for name, problem in problems.items()}


def _shown(entry: Entry, name: str) -> str:
    value = getattr(entry, name)
    if name == "valid_from":
        return first_day(value)
    if name == "valid_until":
        return last_day(value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def cells_of(login: str, entry: Entry) -> Sequence[str]:
    """An entry as a line of a file, in the order of `sheet.COLUMNS`."""
    days = {"first_day": first_day(entry.valid_from), "last_day": last_day(entry.valid_until), "login": login}
    return [days[name] if name in days else _shown(entry, name) for name in COLUMNS]
