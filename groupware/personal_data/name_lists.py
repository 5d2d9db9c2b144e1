"""Lists of people: lines of "Surname, Given", and tables whose heads name people or their dates of birth.

One name in a sentence isn't told: posts name colleagues, places and ships all the time. A list is another thing.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from groupware.personal_data.columns import blocks, table
from groupware.personal_data.finding import Finding, Kind
from groupware.personal_data.given_names import countries, given_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.personal_data.columns import Line

_LEAST_LINES, _SURE_LINES = 2, 3
_LEAST_SHARE = 0.5
_WORD = r"[^\W\d_a-zß-öø-ÿ][^\W\d_]{1,20}"
_NAME = rf"(?:(?:Al|El|Le|La|De|Van|Von|Di|Da)[- ])?{_WORD}(?:[-'\u2019 ]{_WORD}){{0,3}}"
_ENTRY = re.compile(
    r"[>\s]*(?:[-*\u2022]\s+|\(?\d{1,3}[.)]\s+|[^\W\d_]{2,15}:\s+)?"
    rf"(?P<first>{_NAME})(?P<comma>\s*[,;|\t]\s*|\s)(?P<second>{_NAME})(?P<rest>(?=\s*[,;|\t(.]|\s-\s)|\s*$)"
)


def find(text: str) -> Iterator[Finding | None]:
    """Each list and each table's rows."""
    for lines in blocks(text):
        rows = table(lines)
        if rows is not None:
            yield Finding(Kind.NAME_LIST, rows.start, rows.end, "a table with names or dates of birth")
        else:
            yield _listed(lines)


def _listed(lines: list[Line]) -> Finding | None:
    """The longest run of lines that begin with a name, if enough of them have a given name in it that we know."""
    entries = [_ENTRY.match(line.text) for line in lines]
    runs = [list(run) for named, run in groupby(zip(lines, entries, strict=True), _is_entry) if named]
    best = [(line, entry) for line, entry in max(runs, key=len, default=[]) if entry]
    if not _are_people([entry for _, entry in best]):
        return None
    return Finding(Kind.NAME_LIST, best[0][0].start, best[-1][0].end, "lines of names")


def _is_entry(pair: tuple[Line, re.Match[str] | None]) -> bool:
    return pair[1] is not None


def _are_people(entries: list[re.Match[str]]) -> bool:
    """Enough known given names; fewer do where every line is a surname, a comma, a given name and nothing else."""
    known = sum(_has_given_name(entry) for entry in entries)
    if len(entries) >= _SURE_LINES and all("," in entry["comma"] and not entry["rest"] for entry in entries):
        return known > 0
    return known >= _LEAST_LINES and known / len(entries) >= _LEAST_SHARE


def _has_given_name(entry: re.Match[str]) -> bool:
    """Behind the comma; in either place without one. `Paris, France` is no Paris of the family France."""
    if entry["second"].lower() in countries():
        return False
    shown = (
        entry["second"] if entry["comma"].strip() or "\t" in entry["comma"] else f"{entry['first']} {entry['second']}"
    )
    return any(word in given_names() for word in re.split(r"[-\s]", shown.lower()))
