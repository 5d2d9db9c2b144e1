from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from small_town import until

from groupware import clock, password_gate
from groupware.errors import Busy
from groupware.password_gate import PasswordGate

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

    def put(self, name: str, throttled: frozenset[str] = NONE, *keys: str, right: bool = True) -> asyncio.Task[object]:
        def work() -> bool:
            self._stuck.wait()
            self.served.append(name)
            return right

        self.tasks.append(asyncio.create_task(self.gate._queued(work, throttled, keys)))
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
        await line.gate._queued(broken, ONE)


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
