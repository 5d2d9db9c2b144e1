"""Liaison officers abroad, as everybody reads of them who may see them: now, to come, and planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import postings as rows
from groupware.directory_pages import structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from directory.postings import Interest
    from directory.postings import Posting as Row
    from groupware.cards.entry import Entry
    from groupware.directory_pages.sight import Sight
    from groupware.directory_pages.structure import Body


@dataclass(frozen=True, slots=True)
class Posting:
    """A liaison officer abroad. `to_come`: it is planned, or begins later.

    `serves` are other bodies whom the officer works for, too; `interested` those who would like that of a planned one,
    with a note. `keeps`: the caller keeps it; `asks`: they may say that their body needs it, and `asked` that it has.
    """

    official: Entry
    areas: Sequence[str]
    serves: Sequence[str]
    interested: Sequence[tuple[str, str]]
    to_come: bool
    keeps: bool
    asks: bool
    asked: bool
    posting: Row


@dataclass(frozen=True, slots=True)
class _Known:
    """What all postings are told with, read once; `own` is the caller's body, 0 for who doesn't speak for it."""

    seen: Mapping[int, Entry]
    bodies: Mapping[int, Body]
    areas: Mapping[int, str]
    entered: frozenset[int]
    kept: Mapping[int, Entry]
    own: int
    now: int


def postings(sight: Sight, *, officials: Iterable[int] | None = None) -> list[Posting]:
    """Those that haven't ended, of all whom the caller may see or of some officials, by host country and city.

    Of who is out of office they are shown to who keeps them.

    Areas are named to who takes part in them, and to the posting's keepers.
    """
    connection, now = sight.snapshot.connection, sight.snapshot.now
    only = None if officials is None else frozenset(officials)
    found = [each for each in rows.current(connection, now) if only is None or each.official in only]
    numbers = {each.official for each in found}
    kept = sight.kept_of(numbers)
    known = _Known(
        {**kept, **sight.entries_of(numbers)},
        structure.by_id(sight.snapshot),
        {number: each.name for number, each in sight.named_areas().items()},
        frozenset(each.id for each in sight.areas()),
        kept,
        sight.kept(),
        now,
    )
    interests = rows.interests(connection, now)
    return [_told(each, interests[each.id], known) for each in found if each.official in known.seen]


def _told(row: Row, interests: Sequence[Interest], known: _Known) -> Posting:
    official, keeps = known.seen[row.official], row.official in known.kept
    foreign = bool(known.own) and known.bodies[known.own].code != official.body_code
    return Posting(
        official,
        sorted(known.areas[number] for number in row.areas if keeps or number in known.entered),
        sorted(known.bodies[number].name for number in row.serves if number in known.bodies),
        [(known.bodies[each.body].name, each.note) for each in interests if each.body in known.bodies],
        to_come=row.planned or row.valid_from > known.now,
        keeps=keeps,
        asks=foreign and row.planned,
        asked=any(each.body == known.own for each in interests),
        posting=row,
    )
