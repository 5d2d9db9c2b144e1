"""An entry as texts, one a column: how files, forms, programs and commands say it, and how it is said to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from directory.tables import FOREVER
from groupware.clock import MICROSECONDS
from groupware.people import entry as entries
from groupware.people.columns import COLUMNS
from groupware.people.faults import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupware.people.entry import Entry

_DAY = timedelta(days=1)
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})
_NAMES = {"valid_from": "first_day", "valid_until": "last_day"}


def entry_of(cells: Mapping[str, str], before: Entry) -> Entry:
    """The entry with what the cells say; columns that aren't there stay, and so do those that can't be read.

    An empty clearance, `listed` or first day stays as it was, too; an empty last day is no end.
    """
    texts: dict[str, Any] = {
        name: cells[name].strip() for name in (*entries.TEXTS, *entries.PHONES, "unit") if name in cells
    }
    if "unit" in texts:
        texts["unit"] = texts["unit"].lower()
    if "languages" in texts:
        texts["languages"] = ",".join(tag.strip() for tag in texts["languages"].split(",") if tag.strip())
    values, unread = dict[str, Any](), list[tuple[str, Problem]]()
    for name, read in _READ.items():
        try:
            values |= read(cells, before)
        except _UnreadError as error:
            unread.append((name, error.problem))
    return replace(before, **texts, **values, unread=tuple(unread))


class _UnreadError(Exception):
    """A cell of which no value can be made."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(rule)
        self.problem = Problem(rule, text)


def _clearance(cells: Mapping[str, str], _before: Entry) -> Mapping[str, int]:
    return {"clearance": _number(cells["clearance"])} if cells.get("clearance") else {}


def _listed(cells: Mapping[str, str], _before: Entry) -> Mapping[str, bool]:
    return {"listed": _flag(cells["listed"])} if cells.get("listed") else {}


def _first(cells: Mapping[str, str], before: Entry) -> Mapping[str, int]:
    """A day that says what is so already leaves the very moment as it is."""
    first = cells.get("first_day", "")
    return {} if not first or first == first_day(before.valid_from) else {"valid_from": _begins(first)}


def _last(cells: Mapping[str, str], before: Entry) -> Mapping[str, int]:
    """As `_first`."""
    last = cells.get("last_day")
    if last is None or last == last_day(before.valid_until):
        return {}
    return {"valid_until": _begins(last, _DAY) if last else FOREVER}


_READ = {"clearance": _clearance, "listed": _listed, "first_day": _first, "last_day": _last}
"""Columns of which values are made, and how: the field with it, or nothing where it stays."""


def cells_of(login: str, entry: Entry) -> Mapping[str, str]:
    """All columns of an entry."""
    return {"login": login} | {column(name): shown(entry, name) for name in entries.FIELDS}


def line_of(login: str, entry: Entry) -> Sequence[str]:
    """The same as a line of a file."""
    cells = cells_of(login, entry)
    return [cells[name] for name in COLUMNS]


def column(name: str) -> str:
    """The column that a field of an entry is in."""
    return _NAMES.get(name, name)


def shown(entry: Entry, name: str) -> str:
    """A field as its column says it."""
    value = getattr(entry, name)
    if name == "valid_from":
        return first_day(value)
    if name == "valid_until":
        return last_day(value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def first_day(moment: int) -> str:
    """The day (UTC) in which service begins; "" for ever since."""
    return "" if moment == 0 else _day(moment)


def last_day(moment: int) -> str:
    """The last day (UTC) of service that ends before a moment; "" for one without end."""
    return "" if moment >= FOREVER else _day(moment - 1)


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment // MICROSECONDS, UTC).date().isoformat()


def _begins(text: str, more: timedelta = timedelta()) -> int:
    """The moment at which a day (UTC) begins."""
    try:
        begins = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + more
    except (ValueError, OverflowError):
        begins = datetime.min.replace(tzinfo=UTC)
    if not 1970 < begins.year < 9000:  # noqa: PLR2004 -- where days can be worked with
        raise _UnreadError("bad-day", "A day is like 2027-01-31.")
    return int(begins.timestamp()) * MICROSECONDS


def _number(text: str) -> int:
    if text not in set("0123"):
        raise _UnreadError("bad-clearance", f"A clearance is 0 to {entries.HIGHEST_CLEARANCE}.")
    return int(text)


def _flag(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise _UnreadError("bad-flag", "Write yes or no.")
    return text.lower() in _YES
