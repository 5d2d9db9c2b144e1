"""The numbering against a client that believes what it is told."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connectors.imap import flags
from connectors.imap.commands import Copy, Fetch, Mode, Noop, Search, Store
from connectors.imap.line import BadCommand
from connectors.imap.numbers import STAR, SequenceSet
from connectors.imap.searching import Everything
from connectors.imap.sequence import Changes, Numbering, may_expunge

EXPUNGE = re.compile(rb"\* (\d+) EXPUNGE")
EXISTS = re.compile(rb"\* (\d+) EXISTS")
FETCH = re.compile(rb"\* (\d+) FETCH \(UID (\d+) FLAGS (\([^)]*\))\)")
MASKS = st.integers(0, flags.ALL)


class Client(RuleBasedStateMachine):
    """The store's truth, the session between, and a client that reads the responses as RFC 9051 7 says."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[int, int] = {}
        self.next_uid = 1
        self.session = Numbering(())
        self.believed: list[int | None] = []
        self.masks: dict[int, bytes] = {}
        self.told = True
        self.pending: list[Changes] = []

    @rule(masks=st.lists(MASKS, min_size=1, max_size=4))
    def arrive(self, masks: list[int]) -> None:
        new = [(self.next_uid + at, mask) for at, mask in enumerate(masks)]
        self.next_uid += len(masks) + 1
        self.stored.update(new)
        self.pending.append(Changes(new=new))

    @precondition(lambda self: self.stored)
    @rule(data=st.data(), mask=MASKS)
    def flag(self, data: st.DataObject, mask: int) -> None:
        uid = data.draw(st.sampled_from(sorted(self.stored)))
        self.stored[uid] = mask
        self.pending.append(Changes(flagged=[(uid, mask, 1)]))

    @precondition(lambda self: self.stored)
    @rule(data=st.data())
    def vanish(self, data: st.DataObject) -> None:
        lost = data.draw(st.sets(st.sampled_from(sorted(self.stored)), min_size=1))
        for uid in lost:
            del self.stored[uid]
        self.pending.append(Changes(gone=sorted(lost)))

    @rule(expunges=st.booleans(), repeat=st.booleans())
    def tell(self, *, expunges: bool, repeat: bool) -> None:
        changes = self.merged()
        before = list(self.believed)
        responses = self.session.update(changes, expunges=expunges)
        if repeat:
            assert self.session.update(changes, expunges=False) == b""
        self.hear(responses)
        if not expunges:
            assert b"EXPUNGE" not in responses
            assert self.believed[: len(before)] == before
        self.told = not self.session.withholds

    def merged(self) -> Changes:
        """As one query of the store would find it."""
        gone = {uid for change in self.pending for uid in change.gone}
        new = [(uid, self.stored.get(uid, mask)) for change in self.pending for uid, mask in change.new]
        touched = {uid for change in self.pending for uid, *_ in change.flagged} & self.stored.keys()
        self.pending.clear()
        return Changes(new, [(uid, self.stored[uid], 1) for uid in sorted(touched)], sorted(gone))

    def hear(self, responses: bytes) -> None:
        for line in responses.splitlines():
            if match := EXPUNGE.fullmatch(line):
                del self.believed[int(match[1]) - 1]
            elif match := EXISTS.fullmatch(line):
                self.hear_exists(int(match[1]))
            else:
                self.hear_flags(line)

    def hear_exists(self, count: int) -> None:
        assert count > len(self.believed)
        self.believed += self.session.uids[len(self.believed) : count]
        for at in range(len(self.believed)):
            self.masks.setdefault(self.session.uids[at], flags.text_of(self.session.flags[at]))

    def hear_flags(self, line: bytes) -> None:
        match = FETCH.fullmatch(line)
        assert match
        assert self.believed[int(match[1]) - 1] == int(match[2])
        self.masks[int(match[2])] = match[3]

    @invariant()
    def the_client_and_the_session_agree(self) -> None:
        assert self.believed == list(self.session.uids)
        assert list(self.session.uids) == sorted(set(self.session.uids))

    @invariant()
    def the_client_knows_the_truth_when_all_is_told(self) -> None:
        if self.told and not self.pending:
            assert self.believed == sorted(self.stored)
            assert all(self.masks[uid] == flags.text_of(mask) for uid, mask in self.stored.items())


TestClient = Client.TestCase
TestClient.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

NUMBER = st.one_of(st.integers(1, 14), st.just(STAR))
RANGES = st.lists(st.tuples(NUMBER, NUMBER).map(lambda pair: (min(pair), max(pair))), min_size=1, max_size=6)


@given(st.sets(st.integers(1, 14)), RANGES)
def test_uids_resolve_as_one_would_by_hand(uids: set[int], ranges: list[tuple[int, int]]) -> None:
    ordered = sorted(uids)
    numbering = Numbering((uid, 0) for uid in ordered)
    last = ordered[-1] if ordered else 0
    wanted = {uid for low, high in ranges for uid in ordered if between(uid, low, high, last)}
    found = numbering.resolve(SequenceSet(tuple(ranges)), uid=True)
    assert [ordered[at] for one in found for at in one] == sorted(wanted)


def between(number: int, low: int, high: int, last: int) -> bool:
    ends = sorted((last if low == STAR else low, last if high == STAR else high))
    return ends[0] <= number <= ends[1]


@given(st.integers(0, 14), RANGES)
def test_numbers_resolve_as_one_would_by_hand(count: int, ranges: list[tuple[int, int]]) -> None:
    numbering = Numbering((uid * 3, 0) for uid in range(1, count + 1))
    numbers = SequenceSet(tuple(ranges))
    if any(high != STAR and high > count for _, high in ranges):
        with pytest.raises(BadCommand):
            numbering.resolve(numbers, uid=False)
        return
    wanted = {n for low, high in ranges for n in range(1, count + 1) if between(n, min(low, count), high, count)}
    found = numbering.resolve(numbers, uid=False)
    assert [at + 1 for one in found for at in one] == sorted(wanted)
    assert all(first.stop < second.start for first, second in pairwise(found))


def test_responses_come_in_order() -> None:
    numbering = Numbering([(1, 0), (3, 0), (7, 0)])
    changes = Changes(new=[(9, 0), (10, 1)], flagged=[(7, flags.SEEN, 5)], gone=[1, 3, 10])
    assert numbering.update(changes, expunges=True) == (
        b"* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n* 2 EXISTS\r\n* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n"
    )


def test_a_withheld_expunge_keeps_the_numbers() -> None:
    numbering = Numbering([(1, 0), (3, 0)])
    assert numbering.update(Changes(gone=[1]), expunges=False) == b""
    assert numbering.withholds
    assert numbering.resolve(SequenceSet(((2, 2),)), uid=False) == [range(1, 2)]
    assert numbering.update(Changes(), expunges=True) == b"* 1 EXPUNGE\r\n"
    assert not numbering.withholds


def test_own_stores_are_told_unless_silent() -> None:
    numbering = Numbering([(4, 0)])
    assert numbering.stored([(4, 1, 8)], silent=False) == b"* 1 FETCH (UID 4 FLAGS (\\Seen))\r\n"
    assert numbering.stored([(4, 1, 8)], silent=False) == b"* 1 FETCH (UID 4 FLAGS (\\Seen))\r\n"
    assert numbering.stored([(4, 0, 9), (5, 0, 9)], silent=True) == b""
    assert numbering.update(Changes(flagged=[(4, 0, 9)]), expunges=True) == b""
    numbering.condstore = True
    assert numbering.stored([(4, 1, 10)], silent=True) == b"* 1 FETCH (UID 4 MODSEQ (10))\r\n"
    assert numbering.stored([(4, 1, 10)], silent=False) == b"* 1 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (10))\r\n"


def test_where_messages_are() -> None:
    numbering = Numbering([(4, 1), (6, 0), (9, 0)])
    assert (numbering.index_of(6), numbering.index_of(5), numbering.index_of(10)) == (1, None, None)
    assert numbering.numbers_of([4, 5, 9]) == [1, 3]
    assert numbering.first_unseen == 2
    assert Numbering([(4, 1)]).first_unseen == 0


def test_expunges_wait_while_numbers_are_used() -> None:
    one = SequenceSet(((1, 1),))
    for uid in (False, True):
        assert may_expunge(Fetch(b"a", uid, one, ())) is uid
        assert may_expunge(Store(b"a", uid, one, Mode.ADD, silent=False, flags=())) is uid
        assert may_expunge(Search(b"a", uid, Everything(), None)) is uid
        assert may_expunge(Copy(b"a", uid, one, "x"))
    assert may_expunge(Noop(b"a"))
