"""What officers see of break-glass: their own asks, those that they may confirm, and who read what of an owner's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from groupware.errors import NotFound
from groupware.glass import opening, rows, telling
from groupware.glass.rows import GLASSES, of_row
from groupware.glass_tables import glass, glass_opening
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.glass.rows import Covered, Glass
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

MOST = 200
_ALL = GLASSES.order_by(glass.c.id)
_OPENED = select(func.count()).select_from(glass_opening).where(glass_opening.c.glass == bindparam("of"))
_OF_POST: Select[Any] = (
    select(glass.c.id, glass.c.asker, glass.c.confirmer, glass.c.reason, glass.c.valid_until, glass_opening.c.at)
    .join(glass_opening, glass_opening.c.glass == glass.c.id)
    .where(glass_opening.c.post == bindparam("post"))
    .order_by(glass.c.id)
)


@dataclass(frozen=True, slots=True)
class Card:
    """One ask with what the caller may do about it; `told` is how many owners were told, `opened` of posts.

    `ended_why` says in words why it ended by itself before its time; "" where it didn't.
    """

    glass: Glass
    asker: str
    confirmer: str
    ended_by: str
    ended_why: str
    confirms: bool
    ends: bool
    told: int
    opened: int
    posts: Sequence[Covered]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line for the operator."""

    number: int
    state: str
    asker: str
    confirmer: str
    scope: str
    name: str
    valid_until: int
    ended_why: str
    told: int
    opened: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Who opened one post in an emergency, for the ledger of the post."""

    number: int
    asker: str
    confirmer: str
    reason: str
    until: int
    opened: int


def cards(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[Card]:
    """All that the caller may know of, newest first."""
    view = monitor.view(snapshot, caller, Action.SEE_GLASS, Kind.GLASS)
    found = snapshot.connection.execute(
        GLASSES.where(view.clause).order_by(glass.c.id.desc()).limit(MOST), view.parameters
    ).all()
    return [_card(snapshot, monitor, caller, of_row(row), ()) for row in found]


def card(snapshot: Snapshot, monitor: Monitor, caller: Caller, number: int) -> Card:
    """One of them, with what may be opened. Raises NotFound, the same for forbidden and absent."""
    if not monitor.decide(snapshot, caller, Action.SEE_GLASS, Kind.GLASS, number).allowed:
        raise NotFound(f"glass {number}")
    posts = opening.covered(snapshot, monitor, caller, number)
    return _card(snapshot, monitor, caller, rows.get(snapshot, number), posts)


def entries(snapshot: Snapshot) -> Sequence[Entry]:
    """Every ask, oldest first."""
    return [_entry(snapshot, of_row(row)) for row in snapshot.connection.execute(_ALL)]


def of_post(snapshot: Snapshot, post: int) -> Sequence[Reading]:
    """By whom a post was opened in an emergency; whoever calls this has leave to read its ledger."""
    found = snapshot.connection.execute(_OF_POST, {"post": post}).all()
    return [
        Reading(row.id, rows.person(snapshot, row.asker), rows.person(snapshot, row.confirmer), *row[3:])
        for row in found
    ]


def _card(snapshot: Snapshot, monitor: Monitor, caller: Caller, known: Glass, posts: Sequence[Covered]) -> Card:
    confirms, ends = (
        monitor.decide(snapshot, caller, action, Kind.GLASS, known.id).allowed
        for action in (Action.CONFIRM_GLASS, Action.END_GLASS)
    )
    asker, confirmer, ender = (rows.person(snapshot, each) for each in (known.asker, known.confirmer, known.ended_by))
    told, opened = _counts(snapshot, known)
    why = telling.WHY[known.ended_why]
    return Card(known, asker, confirmer, ender, why, confirms, ends, told, opened, posts)


def _entry(snapshot: Snapshot, known: Glass) -> Entry:
    people = [rows.person(snapshot, each) for each in (known.asker, known.confirmer)]
    named = (str(known.scope), known.name, known.valid_until, str(known.ended_why))
    return Entry(known.id, str(known.state), people[0], people[1], *named, *_counts(snapshot, known))


def _counts(snapshot: Snapshot, known: Glass) -> tuple[int, int]:
    return len(telling.told(snapshot, known.id)), snapshot.connection.scalar(_OPENED, {"of": known.id}) or 0
