"""What a body's identity system says through its token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from sqlalchemy import select

from directory.tables import official, unit
from groupware.provisioning.criteria import ALL, Compare, Comparing, Search
from groupware.provisioning.person import Wanted
from groupware.provisioning.unit import Unit, WantedUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from foreign import Side

    from groupware.store import Snapshot

Strategy = st.SearchStrategy[Any]
CURRENT = -1
UNITS = ("unit", "reform", "close")
"""Verbs whose number is a unit's; others' is an official's."""


def kept_version(snapshot: Snapshot, verb: str, number: int) -> int | str:
    """The version of an entry as a national system that reads it would be told."""
    table = unit if verb in UNITS else official
    row = snapshot.connection.scalar(select(table.c.version).where(table.c.id == number)) or 1
    if table is official:
        return row
    members = select(official.c.id).where(official.c.unit == number).order_by(official.c.id)
    return Unit(number, "", "", row, 0, 0, tuple(snapshot.connection.scalars(members))).version


def _wanted(side: Side) -> Strategy:
    empty = st.just("")
    return st.builds(
        Wanted,
        st.sampled_from((*side.logins, "fresh", "fresher")),
        st.sampled_from(("New Name", "")),
        *(empty for _ in range(5)),
        st.just("en"),
        st.sampled_from(("", "E1", "Verborgen")),
        st.booleans(),
        unit=st.sampled_from((None, *side.unit_codes, "nowhere")),
    )


def _wanted_unit(side: Side) -> Strategy:
    members = st.frozensets(st.sampled_from(side.everybody), max_size=3)
    return st.builds(WantedUnit, st.sampled_from(("Unit", "Other")), st.sampled_from(("", "U1")), members)


def _search(side: Side) -> Strategy:
    logins = st.sampled_from(side.logins).map(lambda login: Compare("login", Comparing.EQUAL, login))
    return st.builds(Search, st.one_of(st.just(ALL), logins), count=st.just(50))


PROVISIONING: Mapping[str, Callable[[Side], Strategy]] = {
    "number": lambda side: st.sampled_from(side.officials),
    **{f"{verb}.number": lambda side: st.sampled_from(side.units) for verb in UNITS},
    "version": lambda _: st.just(CURRENT),
    "wanted": _wanted,
    **{f"{verb}.wanted": _wanted_unit for verb in ("found", "reform")},
    "search": _search,
    "units.search": lambda _: st.just(Search(count=50)),
}
"""As foreign.ARGUMENTS."""
