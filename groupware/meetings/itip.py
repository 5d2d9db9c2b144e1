"""What becomes of a booking (RFC 5546): a pure machine from what is known and what is asked to what shall be.

It keeps one promise: the answer that the organiser got last says what is booked. ACCEPTED means every date of it,
DECLINED none; a declined update gives up what was booked before, since its meeting no longer takes place then.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from groupware.meetings.asked import Change, Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupware.meetings.asked import Asked
    from groupware.meetings.expand import Occurrence

NEVER = Version(-1, 0)
"""The version of a whole of which nothing was said."""


class Verdict(StrEnum):
    """What the organiser is told: an answer, or why there is nothing to answer."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    STALE = "stale"
    UNKNOWN = "unknown"
    NOT_ASKED = "not-asked"


class State(StrEnum):
    """Of a booking."""

    BOOKED = "booked"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Known:
    """A booking as it stands: the version of its whole, what was said of instances, and what is taken for it."""

    state: State
    version: Version
    exceptions: Mapping[int, Change]
    taken: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be tried. `book` are the dates that must be free, `free` what is given up for them (by recurrence).

    With a verdict it is decided already; `same` says that nothing is to be written.
    """

    verdict: Verdict | None
    state: State
    version: Version
    book: tuple[Occurrence, ...] = ()
    free: frozenset[int] = frozenset()
    exceptions: Mapping[int, Change] = field(default_factory=dict)
    same: bool = False


FRESH = Known(State.CANCELLED, NEVER, {}, ())


def plan(known: Known | None, asked: Asked, now: int) -> Plan:
    """The next step for a message. Conflicts with others are for `judge`."""
    was = known or FRESH
    if asked.cancels:
        return _unheard(was, Verdict.UNKNOWN) if known is None else _cancel(was, asked, now)
    return _request_instances(was, asked) if asked.version is None else _request_whole(was, asked, asked.version, now)


def _unheard(was: Known, verdict: Verdict) -> Plan:
    return Plan(verdict, was.state, was.version, exceptions=was.exceptions, same=True)


def _request_whole(was: Known, asked: Asked, version: Version, now: int) -> Plan:
    if version < was.version:
        return _unheard(was, Verdict.STALE)
    if version == was.version:
        moved = any(not _is_stale(was, each) for each in asked.changes)
        return _request_instances(was, asked) if moved else _unheard(was, _VERDICTS[was.state])
    kept = {each.recurrence: each for each in was.exceptions.values() if each.version.sequence >= version.sequence}
    exceptions = {at: each for at, each in kept.items() if at in asked.series}
    exceptions |= {each.recurrence: each for each in asked.changes}
    dates = {**asked.series, **{at: each.to for at, each in exceptions.items()}}
    book = tuple(sorted(each for each in dates.values() if each is not None and each.end > now))
    free = frozenset(each.recurrence for each in was.taken if each.end > now or each.recurrence in dates)
    if asked.refusal is not None:
        return Plan(Verdict.DECLINED, State.DECLINED, version, free=_to_come(was, now))
    return Plan(None, State.BOOKED, version, book, free, exceptions)


def _request_instances(was: Known, asked: Asked) -> Plan:
    """Changes to single instances; those of a series that has been moved since are stale (RFC 5546 2.1.4)."""
    new = [each for each in asked.changes if not _is_stale(was, each)]
    if not new and asked.changes:
        same = all(each.version == _said_of(was, each.recurrence) for each in asked.changes)
        return _unheard(was, _of_instances(was, asked.changes) if same else Verdict.STALE)
    exceptions = {**was.exceptions, **{each.recurrence: each for each in new}}
    free = frozenset(each.recurrence for each in new)
    if asked.refusal is not None:
        declined = {**was.exceptions, **{each.recurrence: replace(each, to=None) for each in new}}
        still = was.state if was is not FRESH else State.DECLINED
        return Plan(Verdict.DECLINED, still, was.version, free=free, exceptions=declined)
    return Plan(None, State.BOOKED, was.version, tuple(sorted(each.to for each in new if each.to)), free, exceptions)


def _said_of(was: Known, recurrence: int) -> Version | None:
    exception = was.exceptions.get(recurrence)
    return exception.version if exception else None


def _is_stale(was: Known, change: Change) -> bool:
    said = _said_of(was, change.recurrence)
    return change.version < was.version or (said is not None and not said < change.version)


def _of_instances(was: Known, changes: Sequence[Change]) -> Verdict:
    """What was answered to the same before."""
    taken = {each.recurrence for each in was.taken}
    cancelled = all(each.to is None for each in changes)
    return Verdict.ACCEPTED if cancelled or all(c.recurrence in taken for c in changes) else Verdict.DECLINED


def _cancel(was: Known, asked: Asked, now: int) -> Plan:
    if asked.version is not None:
        return _cancel_whole(was, asked.version, now)
    new = [each for each in asked.changes if not _is_stale(was, each)]
    if not new:
        same = all(each.version == _said_of(was, each.recurrence) for each in asked.changes)
        return _unheard(was, Verdict.CANCELLED if same else Verdict.STALE)
    exceptions = {**was.exceptions, **{each.recurrence: each for each in new}}
    free = frozenset(each.recurrence for each in new)
    known = any(each.recurrence in free for each in was.taken)
    return Plan(
        Verdict.CANCELLED if known else Verdict.UNKNOWN, was.state, was.version, free=free, exceptions=exceptions
    )


def _cancel_whole(was: Known, version: Version, now: int) -> Plan:
    """Nothing that was said of instances outlives it."""
    if version < was.version:
        return _unheard(was, Verdict.STALE)
    if version == was.version and was.state is State.CANCELLED:
        return _unheard(was, Verdict.CANCELLED)
    return Plan(Verdict.CANCELLED, State.CANCELLED, version, free=_to_come(was, now))


def _to_come(was: Known, now: int) -> frozenset[int]:
    """What is over stays: it took place."""
    return frozenset(each.recurrence for each in was.taken if each.end > now)


_VERDICTS = {
    State.BOOKED: Verdict.ACCEPTED,
    State.DECLINED: Verdict.DECLINED,
    State.CANCELLED: Verdict.CANCELLED,
}


def declined(tried: Plan, was: Known | None, now: int) -> Plan:
    """The same step when the dates aren't free: all of them are given up."""
    whole = was is None or tried.version != was.version
    if whole and tried.version != NEVER:
        return Plan(Verdict.DECLINED, State.DECLINED, tried.version, free=_to_come(was or FRESH, now))
    refused = {at: replace(change, to=None) for at, change in tried.exceptions.items() if at in tried.free}
    state = was.state if was is not None else State.DECLINED
    return Plan(Verdict.DECLINED, state, tried.version, free=tried.free, exceptions={**tried.exceptions, **refused})


def clashes(book: Sequence[Occurrence], taken: Sequence[tuple[int, int]]) -> list[tuple[Occurrence, int]]:
    """Those that overlap with what is taken (sorted), in order, each with the place of what it meets there.

    Only the last one that begins before its end can reach into it: what is taken doesn't overlap itself.
    """
    starts = [start for start, _ in taken]
    last = ((each, bisect_left(starts, each.end) - 1) for each in book)
    return [(each, at) for each, at in last if at >= 0 and taken[at][1] > each.start]


def overlaps(book: Sequence[Occurrence]) -> list[Occurrence]:
    """Those that begin before another of the same meeting has ended."""
    found, busy_until = [], 0
    for each in sorted(book):
        if each.start < busy_until:
            found.append(each)
        busy_until = max(busy_until, each.end)
    return found
