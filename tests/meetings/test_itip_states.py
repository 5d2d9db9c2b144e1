"""The state machine alone (RFC 5546): versions, instances, and the promise that the last answer says what is booked."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from groupware.meetings.asked import Asked, Change, Version
from groupware.meetings.errors import DeclinedError
from groupware.meetings.expand import Occurrence
from groupware.meetings.itip import Known, Plan, State, Verdict, clashes, declined, overlaps, plan

NOW = 1_000
HOUR = 100


def series(*starts: int) -> dict[int, Occurrence]:
    return {start: Occurrence(start, start + HOUR, start) for start in starts}


def request(sequence: int, stamp: int, *starts: int, changes: tuple[Change, ...] = ()) -> Asked:
    return Asked(cancels=False, uid="u", version=Version(sequence, stamp), series=series(*starts), changes=changes)


def change(sequence: int, stamp: int, at: int, to: int | None) -> Change:
    return Change(at, Version(sequence, stamp), None if to is None else Occurrence(to, to + HOUR, at))


def instance(*changes: Change, cancels: bool = False) -> Asked:
    return Asked(cancels=cancels, uid="u", version=None, changes=changes)


def cancel(sequence: int, stamp: int) -> Asked:
    return Asked(cancels=True, uid="u", version=Version(sequence, stamp))


def after(known: Known | None, step: Plan) -> Known:
    """What is known once the step is written, as the tables keep it."""
    if step.same:
        assert known is not None
        return known
    kept = [each for each in (known.taken if known else ()) if each.recurrence not in step.free]
    return Known(step.state, step.version, step.exceptions, tuple(sorted([*kept, *step.book])))


def run(*messages: Asked) -> tuple[Known, list[Verdict]]:
    """One after the other, with nobody else in the room."""
    known, verdicts = None, []
    for message in messages:
        step = plan(known, message, NOW)
        verdicts.append(step.verdict or Verdict.ACCEPTED)
        if not (step.same and known is None):
            known = after(known, step)
    assert known is not None
    return known, verdicts


def starts(known: Known) -> list[int]:
    return [each.start for each in known.taken]


A, C, D = Verdict.ACCEPTED, Verdict.CANCELLED, Verdict.DECLINED


@pytest.mark.parametrize(
    ("messages", "verdicts", "taken"),
    [
        ([request(0, 1, 2000)], [A], [2000]),
        ([request(0, 1, 2000), request(0, 1, 2000)], [A, A], [2000]),
        ([request(0, 1, 2000), request(1, 2, 3000)], [A, A], [3000]),
        ([request(0, 1, 2000), request(0, 2, 3000)], [A, A], [3000]),
        ([request(1, 2, 2000), request(0, 3, 3000)], [A, Verdict.STALE], [2000]),
        ([request(1, 2, 2000), request(1, 1, 3000)], [A, Verdict.STALE], [2000]),
        ([request(0, 1, 2000), cancel(1, 2)], [A, C], []),
        ([request(0, 1, 2000), cancel(0, 1)], [A, C], []),
        ([request(0, 1, 2000), cancel(1, 2), cancel(1, 2)], [A, C, C], []),
        ([request(0, 1, 2000), cancel(1, 2), request(0, 1, 2000)], [A, C, Verdict.STALE], []),
        ([request(0, 1, 2000), cancel(1, 2), request(2, 3, 3000)], [A, C, A], [3000]),
        ([request(2, 2, 2000), cancel(1, 3)], [A, Verdict.STALE], [2000]),
        ([request(0, 1, 500, 2000)], [A], [2000]),
    ],
)
def test_a_meeting_as_a_whole(messages: list[Asked], verdicts: list[Verdict], taken: list[int]) -> None:
    known, said = run(*messages)
    assert (said, starts(known)) == (verdicts, taken)


SERIES = request(0, 1, 2000, 3000, 4000)


@pytest.mark.parametrize(
    ("messages", "verdicts", "taken"),
    [
        ([instance(change(1, 2, 3000, 3500))], [A], [2000, 3500, 4000]),
        ([instance(change(1, 2, 3000, 3500)), instance(change(1, 2, 3000, 3500))], [A, A], [2000, 3500, 4000]),
        ([instance(change(1, 2, 3000, None), cancels=True)], [C], [2000, 4000]),
        ([instance(change(1, 2, 3000, None), cancels=True)] * 2, [C, C], [2000, 4000]),
        # a cancelled instance doesn't come back by an older word, nor by a small change to the series
        (
            [instance(change(2, 3, 3000, None), cancels=True), instance(change(1, 2, 3000, 3500))],
            [C, Verdict.STALE],
            [2000, 4000],
        ),
        (
            [instance(change(1, 2, 3000, None), cancels=True), request(0, 5, 2000, 3000, 4000)],
            [C, A],
            [2000, 4000],
        ),
        # a new time for the series takes back what was said of instances before
        ([instance(change(1, 2, 3000, 3500)), request(2, 5, 2100, 3100, 4100)], [A, A], [2100, 3100, 4100]),
        # what was said of an instance before the series was moved is stale
        ([request(3, 3, 2000, 3000, 4000), instance(change(2, 9, 3000, 3500))], [A, Verdict.STALE], [2000, 3000, 4000]),
        # both in one message
        ([request(1, 2, 2000, 3000, changes=(change(1, 2, 3000, 9000),))], [A], [2000, 9000]),
        ([request(1, 2, 2000, 3000, changes=(change(1, 2, 3000, None),))], [A], [2000]),
        # the series as it was, with something new of one instance
        ([request(0, 1, 2000, 3000, 4000, changes=(change(1, 2, 3000, 3500),))], [A], [2000, 3500, 4000]),
        # an instance that no series has is booked beside it
        ([instance(change(1, 2, 7000, 7000))], [A], [2000, 3000, 4000, 7000]),
        ([instance(change(1, 2, 3000, 3500)), cancel(1, 3)], [A, C], []),
    ],
)
def test_instances_of_a_series(messages: list[Asked], verdicts: list[Verdict], taken: list[int]) -> None:
    known, said = run(SERIES, *messages)
    assert (said, starts(known)) == ([A, *verdicts], taken)


def test_what_was_never_booked_cannot_be_cancelled() -> None:
    for message in (cancel(0, 1), instance(change(0, 1, 2000, None), cancels=True)):
        step = plan(None, message, NOW)
        assert (step.verdict, step.same) == (Verdict.UNKNOWN, True)


def test_a_declined_update_frees_what_is_to_come_and_keeps_what_is_over() -> None:
    known = Known(State.BOOKED, Version(0, 1), {}, tuple(series(500, 2000, 3000).values()))
    for step in (
        declined(plan(known, request(1, 2, 5000), NOW), known, NOW),
        plan(known, replace(request(1, 2, 5000), refusal=DeclinedError("x", "y")), NOW),
    ):
        assert step.verdict is D
        assert starts(after(known, step)) == [500]
        assert after(known, step).state is State.DECLINED


def test_a_declined_instance_frees_itself_alone() -> None:
    known, _ = run(SERIES)
    step = declined(plan(known, instance(change(1, 2, 3000, 3500)), NOW), known, NOW)
    later = after(known, step)
    assert (starts(later), later.state) == ([2000, 4000], State.BOOKED)
    again = plan(later, instance(change(1, 2, 3000, 3500)), NOW)
    assert (again.verdict, again.same) == (D, True)


@pytest.mark.parametrize("seed", range(30))
def test_the_last_answer_says_what_is_booked(seed: int) -> None:
    """Random messages in random order, some twice; the newest whole decides whatever came before it."""
    chance = random.Random(seed)
    messages = []
    for number in range(chance.randint(2, 12)):
        kind, version = chance.random(), (chance.randint(0, 4), number + 1)
        at = chance.choice((2000, 3000, 4000))
        if kind < 0.5:
            messages.append(request(*version, *sorted(chance.sample((2000, 3000, 4000, 5000), 3))))
        elif kind < 0.7:
            messages.append(cancel(*version))
        else:
            messages.append(instance(change(*version, at, chance.choice((None, at + 5000)))))
    known: Known | None = None
    for message in messages:
        for _ in range(chance.choice((1, 1, 2))):
            step = plan(known, message, NOW)
            if chance.random() < 0.3 and step.verdict is None:
                step = declined(step, known, NOW)
            known = after(known, step) if known is not None or not step.same else None
            if known is None:
                continue
            assert len({each.recurrence for each in known.taken}) == len(known.taken)
            verdict = step.verdict or A
            if message.version is not None and verdict in (D, C) and known.version == message.version:
                moved = {at for at, each in known.exceptions.items() if each.to is not None}
                assert {each.recurrence for each in known.taken} <= moved
            if message.version is not None and step.verdict is None:
                assert {each.recurrence for each in step.book} <= set(message.series)


def test_overlaps_and_clashes_agree_with_looking_at_every_pair() -> None:
    chance, found = random.Random(7), 0
    for _ in range(500):
        taken, at = [], 0
        for _ in range(chance.randint(0, 8)):
            at += chance.randint(0, 30)
            taken.append((at, at := at + chance.randint(1, 30)))
        book = [Occurrence(start, start + chance.randint(1, 40), start) for start in chance.sample(range(200), 6)]
        slow = [each for each in book if any(t0 < each.end and each.start < t1 for t0, t1 in taken)]
        assert [each for each, _ in clashes(book, taken)] == slow
        assert all(taken[at][0] < each.end and each.start < taken[at][1] for each, at in clashes(book, taken))
        pairs = any(a.start < b.end and b.start < a.end for n, a in enumerate(book) for b in book[:n])
        assert bool(overlaps(book)) == pairs
        found += len(slow)
    assert found > 100
