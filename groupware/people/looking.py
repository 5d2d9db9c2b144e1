"""The entries of a body as its admins see them: a list by words and state, and one with its history."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, or_, select, true

from directory import first_links, histories, invitations, national_accounts, officials, resets
from directory.tables import official, unit
from groupware.people.entry import LONGEST
from groupware.people.faults import told
from groupware.people.holding import Holding, holdings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from directory.histories import Line
    from directory.invitations import Invitation
    from directory.national_accounts import Bound
    from directory.officials import Official
    from directory.resets import Reset
    from groupware.people.leave import Leave
    from groupware.store import Snapshot

PAGE = 50


class State(StrEnum):
    """How somebody stands; `all` is for lists."""

    ALL = "all"
    ACTIVE = "active"
    COMING = "coming"
    SUSPENDED = "suspended"
    ENDED = "ended"
    DEPARTED = "departed"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list."""

    id: int
    login: str
    name: str
    title: str
    unit: str
    unit_name: str
    phone: str
    valid_until: int
    version: int
    state: State


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of `total`; `after` is the login to go on from, "" at the end."""

    lines: Sequence[Listed]
    total: int
    after: str


@dataclass(frozen=True, slots=True)
class Card:
    """One entry: the row, its unit's code, how they stand, the open invitation if there is one, and what changed.

    `newcomer`: nobody has ever signed in as them, and they hold nothing by name, so that one keeper makes their link;
    `reset`: that new credentials are asked for; `holding`: what they hold, and their last sign-in; `nationals`: the
    accounts of their state that open theirs.
    """

    official: Official
    unit: str
    state: State
    invitation: Invitation | None
    history: Sequence[Line]
    holding: Holding
    newcomer: bool = False
    reset: Reset | None = None
    nationals: Sequence[Bound] = ()


_now: BindParameter[int] = bindparam("now")
_serving: ColumnElement[bool] = and_(official.c.departed == 0, ~official.c.suspended, official.c.valid_until > _now)
_STATES: dict[State, ColumnElement[bool]] = {
    State.ALL: true(),
    State.ACTIVE: and_(_serving, official.c.valid_from <= _now),
    State.COMING: and_(_serving, official.c.valid_from > _now),
    State.SUSPENDED: and_(official.c.departed == 0, official.c.suspended),
    State.ENDED: and_(official.c.departed == 0, ~official.c.suspended, official.c.valid_until <= _now),
    State.DEPARTED: official.c.departed != 0,
}
_words: BindParameter[str] = bindparam("words")
_MATCHES = or_(
    *(
        func.lower(column).like(_words, escape="/")
        for column in (official.c.name, official.c.login, official.c.title, official.c.external_id, unit.c.name)
    )
)
_BASE = (
    select(official, unit.c.code.label("unit_code"), unit.c.name.label("unit_name"))
    .join(unit, unit.c.id == official.c.unit)
    .where(official.c.body == bindparam("body"), _MATCHES)
)
_LISTS = {
    state: _BASE.where(clause, official.c.login > bindparam("after")).order_by(official.c.login).limit(PAGE + 1)
    for state, clause in _STATES.items()
}
_COUNTS = {
    state: select(func.count())
    .select_from(official)
    .join(unit, unit.c.id == official.c.unit)
    .where(official.c.body == bindparam("body"), _MATCHES, clause)
    for state, clause in _STATES.items()
}
_UNIT = select(unit.c.code).where(unit.c.id == bindparam("unit"))
_ID = select(official.c.id).where(official.c.login == bindparam("login"))


def entries(snapshot: Snapshot, leave: Leave, words: str = "", state: State = State.ALL, after: str = "") -> Page:
    """A page of a body's entries by login, those who left included."""
    leave.use(snapshot, leave.body)
    values = {"body": leave.body, "words": _pattern(words), "now": snapshot.now}
    rows = snapshot.connection.execute(_LISTS[state], {**values, "after": officials.folded(after)}).all()
    total = int(snapshot.connection.execute(_COUNTS[state], values).scalar_one())
    lines = [_listed(row, snapshot.now) for row in rows[:PAGE]]
    return Page(lines, total, lines[-1].login if len(rows) > PAGE else "")


def card(snapshot: Snapshot, leave: Leave, number: int) -> Card:
    """One entry. Raises NotFound."""
    with told():
        found = officials.get(snapshot.connection, number)
    leave.use(snapshot, found.body)
    code = str(snapshot.connection.execute(_UNIT, {"unit": found.unit}).scalar_one())
    history = histories.since(snapshot.connection, histories.OFFICIAL, number)
    invited = invitations.open_of(snapshot.connection, number, snapshot.now)
    newcomer = not first_links.takes_two(snapshot.connection, number, snapshot.now)
    reset = resets.open_of(snapshot.connection, number, snapshot.now)
    holding = holdings(snapshot, [number])[number]
    bound = national_accounts.of(snapshot.connection, number)
    return Card(found, code, state_of(found, snapshot.now), invited, history, holding, newcomer, reset, bound)


def number_of(snapshot: Snapshot, login: str) -> int:
    """The id of a login; 0, which nobody has, for one that nobody has."""
    found = snapshot.connection.execute(_ID, {"login": officials.folded(login)}).scalar()
    return int(found or 0)


def state_of(found: Official | Row[Any], now: int) -> State:
    """How somebody stands now."""
    if found.departed:
        return State.DEPARTED
    if found.suspended:
        return State.SUSPENDED
    if found.valid_until <= now:
        return State.ENDED
    return State.COMING if found.valid_from > now else State.ACTIVE


def _pattern(words: str) -> str:
    """Anywhere in a text; what isn't printable is in no text, and PostgreSQL wouldn't hear of a NUL."""
    plain = "".join(letter for letter in words.strip().lower()[:LONGEST] if letter.isprintable())
    for letter in "/%_":
        plain = plain.replace(letter, "/" + letter)
    return f"%{plain}%"


def _listed(row: Row[Any], now: int) -> Listed:
    return Listed(
        row.id, row.login, row.name, row.title, row.unit_code, row.unit_name, row.phone, row.valid_until, row.version,
        state_of(row, now),
    )  # fmt: skip
