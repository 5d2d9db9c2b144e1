from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from small_town import until

from groupware import clock, password_gate
from groupware.errors import Busy
from groupware.password_gate import UNHURRIED, PasswordGate, Standing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NONE: frozenset[str] = frozenset()
ONE, TWO = frozenset({"login:a"}), frozenset({"login:a", "net:n"})


class Line:
    """A gate with one thread that is stuck until `let_go`, and the order in which it served."""

    def __init__(self, waiting: int = 8) -> None:
        self.gate = PasswordGate(threads=1, waiting=waiting)
        self.served: list[str] = []
        self._stuck = threading.Event()
        self.tasks: list[asyncio.Task[object]] = []

    def put(
        self, name: str, throttled: frozenset[str] = NONE, *keys: str, right: bool = True, place: int = 0
    ) -> asyncio.Task[object]:
        def work() -> bool:
            self._stuck.wait()
            self.served.append(name)
            return right

        self.tasks.append(asyncio.create_task(self.gate._queued(work, Standing(keys, throttled, place))))
        return self.tasks[-1]

    async def begun(self) -> None:
        await until(lambda: not self.gate._idle)
        await asyncio.sleep(0)

    async def let_go(self) -> list[object]:
        self._stuck.set()
        return await asyncio.gather(*self.tasks, return_exceptions=True)

    def close(self) -> None:
        self._stuck.set()
        self.gate.close()


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.mark.anyio
async def test_a_crowd_without_failures_yet_waits_behind_who_comes_alone(line: Line) -> None:
    line.put("first")
    await line.begun()
    alone = line.put("alone", NONE, "login:x", "net:honest")
    flood = [line.put(f"flood {number}", NONE, f"login:{number}", "net:crowded") for number in range(20)]
    await line.begun()
    await line.let_go()
    assert line.served[:2] == ["first", "alone"], "though it came before all of them"
    assert alone.result() is True
    assert sum(isinstance(each.exception(), Busy) for each in flood) == 13


@pytest.mark.anyio
async def test_few_failures_first_then_the_newest(line: Line) -> None:
    line.put("first")
    await line.begun()
    for name, throttled in (("two", TWO), ("one", ONE), ("old", NONE), ("new", NONE)):
        line.put(name, throttled)
    await line.begun()
    await line.let_go()
    assert line.served == ["first", "new", "old", "one", "two"]


@pytest.mark.anyio
async def test_when_full_the_most_suspect_is_turned_away_and_among_equals_the_oldest() -> None:
    line = Line(waiting=3)
    line.put("first")
    await line.begun()
    for name, throttled in (("old", NONE), ("suspect", ONE), ("newer", NONE), ("newest", NONE), ("last", NONE)):
        line.put(name, throttled)
    await line.begun()
    outcomes = await line.let_go()
    assert line.served == ["first", "last", "newest", "newer"]
    assert [isinstance(outcome, Busy) for outcome in outcomes] == [False, True, True, False, False, False]
    line.close()


@pytest.mark.anyio
async def test_a_throttled_key_pauses_after_a_wrong_secret_and_others_go_on(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password_gate, "PAUSE", 0.2)
    line.put("wrong", ONE, right=False)
    await line.begun()
    held, free = line.put("held", ONE), line.put("free")
    await line.begun()
    began = clock.monotonic()
    await line.let_go()
    assert clock.monotonic() - began >= 0.2
    assert line.served == ["wrong", "free", "held"]
    assert held.result()
    assert free.result()


@pytest.mark.anyio
async def test_a_right_secret_pauses_nobody(line: Line) -> None:
    line.put("right", ONE)
    await line.begun()
    line.put("next", ONE)
    await line.begun()
    began = clock.monotonic()
    await line.let_go()
    assert clock.monotonic() - began < password_gate.PAUSE
    assert line.served == ["right", "next"]


@pytest.mark.anyio
async def test_at_a_guessed_name_the_better_place_goes_first_then_the_rarer_network_and_age_is_nothing(
    line: Line,
) -> None:
    """Not the newest: that would be a guess, for as long as somebody guesses quicker than is checked."""
    line.put("first")
    await line.begun()
    line.put("browser known", ONE, "device:1")
    line.put("network known", ONE, "near:n a", place=1)
    line.put("rare", ONE, "login:a", "net:rare", place=2)
    for number in range(4):
        line.put(f"crowd {number}", ONE, "login:a", "net:crowd", place=2)
        line.put(f"tried {number}", ONE, "login:a", f"net:{number}", place=3)
    await line.begun()
    await line.let_go()
    assert line.served[1:4] == ["browser known", "network known", "rare"]
    assert {name.partition(" ")[0] for name in line.served[4:8]} == {"crowd"}


@pytest.mark.anyio
async def test_among_equals_at_a_guessed_name_the_lot_decides() -> None:
    """Twelve equals, five times: that the newest always comes first has a chance of one in 12 to the fifth."""
    firsts = []
    for _ in range(5):
        line = Line(waiting=16)
        line.put("first")
        await line.begun()
        for number in range(12):
            line.put(str(number), frozenset({f"{UNHURRIED}login:a"}), "login:a")
        await line.begun()
        await line.let_go()
        line.close()
        firsts.append(line.served[1])
    assert firsts != ["11"] * 5
    assert firsts != ["0"] * 5


@pytest.mark.anyio
async def test_an_unhurried_key_has_one_check_at_a_time_and_no_pause() -> None:
    line, unhurried = Line(), frozenset({f"{UNHURRIED}login:a"})
    line.gate = PasswordGate(threads=2)
    line.put("one", unhurried, right=False)
    line.put("two", unhurried, right=False)
    await asyncio.sleep(0)
    assert line.gate._idle == 1, "though there are two threads"
    began = clock.monotonic()
    await line.let_go()
    assert clock.monotonic() - began < password_gate.PAUSE
    line.close()


@pytest.mark.anyio
async def test_who_went_away_is_not_checked(line: Line) -> None:
    line.put("first")
    await line.begun()
    gone = line.put("gone")
    line.put("next")
    await line.begun()
    gone.cancel()
    await asyncio.wait([gone])
    await line.let_go()
    assert line.served == ["first", "next"]


@pytest.mark.anyio
async def test_closing_answers_all_that_wait(line: Line) -> None:
    line.put("first")
    await line.begun()
    waiting = line.put("waiting")
    await line.begun()
    line.gate.close()
    with pytest.raises(Busy):
        await waiting
    with pytest.raises(Busy):
        await line.put("late")


@pytest.mark.anyio
async def test_an_error_in_the_thread_comes_back(line: Line) -> None:
    def broken() -> bool:
        raise MemoryError

    with pytest.raises(MemoryError):
        await line.gate._queued(broken, Standing((), ONE))


def test_a_check_may_outlive_the_loop_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    async def leave() -> Line:
        line = Line()
        line.put("late")
        await line.begun()
        line.gate.close()
        return line

    line = asyncio.run(leave())
    line._stuck.set()
    line.gate._pool.shutdown()
    assert line.served == ["late"]
    assert caplog.records == []
