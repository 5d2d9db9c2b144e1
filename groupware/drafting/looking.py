"""Drafts as those see them who may: what awaits the caller's authorisation, and the caller's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_

from groupware import drafts, given, ledger, reading, tables
from groupware.draft_tables import draft
from groupware.drafting import deciding, rows
from groupware.drafting.rows import DRAFTS
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.reading import PostCard
    from groupware.store import Snapshot

_WAITING = DRAFTS.where(draft.c.word == "")
_OWN = _WAITING.where(or_(tables.post.c.author == bindparam("me"), tables.post.c.sender == bindparam("me")))


@dataclass(frozen=True, slots=True)
class Line:
    """A draft in a list. Times in microseconds; `second_person`: its author may post alone otherwise."""

    token: str
    number: int
    room: str
    room_name: str
    author: str
    subject: str
    marking: int
    at: int
    until: int
    second_person: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One of them; `decides`: the caller may say what becomes of it, else it is theirs. `octets` are its rendering."""

    line: Line
    card: PostCard
    decides: bool
    octets: tuple[bytes, bytes]


def to_authorise(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[Line]:
    """What awaits the caller's word, oldest first."""
    view = monitor.view(snapshot, caller, Action.AUTHORISE, Kind.POST)
    return [_line(row) for row in snapshot.connection.execute(_WAITING.where(view.clause), view.parameters)]


def own(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[Line]:
    """What the caller has written or handed in and no colleague has decided yet, oldest first."""
    view = monitor.view(snapshot, caller, Action.READ, Kind.POST)
    values = {"me": caller.official, **view.parameters}
    return [_line(row) for row in snapshot.connection.execute(_OWN.where(view.clause), values)]


def case(snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str, where: Path) -> Case:
    """One of either. Raises NotFound or Forbidden (told alike), Conflict(already-decided)."""
    row = rows.by_token(snapshot, given.name(token))
    mine = caller.official in (row.author, row.sender)
    if not mine:
        deciding.require(snapshot, monitor, caller, row)
    elif row.word:
        raise drafts.already(snapshot, row.word, row.by, row.said)
    view = monitor.view(snapshot, caller, Action.READ, Kind.POST)
    card = reading.by_token(view, token)
    ledger.opened(snapshot, caller, Kind.POST, card.id, card.marking, card.state)
    return Case(_line(row), card, not mine, reading.rendered(snapshot, card.rendering, where))


def _line(row: Row[Any]) -> Line:
    second = row.rule == "second-person-needed"
    return Line(
        row.token,
        row.number,
        row.code,
        row.name,
        row.author_name,
        row.subject,
        row.marking,
        row.at,
        row.until,
        second,
    )
