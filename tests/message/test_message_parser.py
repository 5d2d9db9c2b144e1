from __future__ import annotations

import asyncio
import os
import re
import resource
import select
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupware.message import frames
from groupware.message.child import REQUEST_MAX
from groupware.message.parser import Parser
from groupware.message.text import NOT_SHOWN, display, search_text
from groupware.message.worker import CPU_MAX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

RAW = (Path(__file__).parents[1] / "fuzz" / "seeds" / "attached.eml").read_bytes()
CUT = RAW.index(b"\r\n\r\n") + 4


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    made = Parser()
    yield made
    await made.close()


def child_of(parser: Parser) -> int:
    assert parser._child is not None
    return parser._child.pid


async def test_the_child_answers_as_the_functions_do(parser: Parser) -> None:
    assert await parser.display(RAW[:CUT], RAW[CUT:]) == display(RAW)
    assert await parser.search_text(RAW[:CUT], RAW[CUT:]) == search_text(RAW)


async def test_one_child_serves_many(parser: Parser) -> None:
    bodies = [f"text {n}".encode() for n in range(50)]
    shown = await asyncio.gather(*(parser.display(b"\r\n", body) for body in bodies))
    assert [item.text.encode() for item in shown] == bodies


async def test_large_messages_pass(parser: Parser) -> None:
    shown = await parser.display(b"\r\n", b"x" * (25 << 20))
    assert shown.truncated


async def test_a_child_that_dies_is_replaced(parser: Parser) -> None:
    await parser.display(b"\r\n", b"a")
    pid = child_of(parser)
    os.kill(pid, signal.SIGKILL)
    await parser.display(b"\r\n", b"b")  # may have met the death
    assert (await parser.display(b"\r\n", b"c")).text == "c"
    assert child_of(parser) != pid


async def test_what_is_kept_for_good_outlives_the_death_of_a_child(parser: Parser) -> None:
    await parser.display(b"\r\n", b"a")
    os.kill(child_of(parser), signal.SIGKILL)
    assert await parser.search_text(b"Subject: b\r\n\r\n", b"c") == ("b", "c")
    os.kill(child_of(parser), signal.SIGKILL)
    found = await parser.prints(b"\r\n", b" ".join(b"word%d" % number for number in range(20)), own=True)
    assert found is not None
    assert found.prints


async def test_a_child_whose_reply_nobody_reads_is_ended(parser: Parser) -> None:
    await parser.display(b"\r\n", b"a")
    child = parser._child
    assert child is not None
    assert child.stdin is not None
    assert child.stdout is not None
    octets = b"\r\n" + b"x" * (1 << 20)
    for _ in range(4):
        child.stdin.write(frames.pack({"want": frames.DISPLAY}, len(octets)) + octets)
    while len(child.stdout._buffer) < 1 << 17:  # type: ignore[attr-defined] # noqa: ASYNC110 -- nobody tells of it
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await parser.close()


async def test_what_took_all_its_time_is_not_asked_again(parser: Parser) -> None:
    await parser.display(b"\r\n", b"a")
    os.kill(child_of(parser), signal.SIGXCPU)
    assert await parser.prints(b"\r\n", b"b") is None
    assert await parser.prints(b"\r\n", b"b") is not None


async def test_a_stopped_child_is_given_up(parser: Parser) -> None:
    slow = Parser(answer_within=0.3)
    await parser.display(b"\r\n", b"a")
    slow._child = parser._child
    os.kill(child_of(slow), signal.SIGSTOP)
    assert await slow.display(b"\r\n", b"b") == NOT_SHOWN
    assert slow._child is None
    assert await Parser(answer_within=0.0).search_text(b"\r\n", b"b") == ("", "")


async def test_too_much_memory_costs_only_the_child(parser: Parser) -> None:
    await parser.display(b"\r\n", b"a")
    resource.prlimit(child_of(parser), resource.RLIMIT_AS, (64 << 20, 64 << 20))
    assert await parser.display(b"\r\n", b"x" * (60 << 20)) == NOT_SHOWN
    assert (await parser.display(b"\r\n", b"c")).text == "c"


async def test_too_large_a_message_is_not_shown(parser: Parser) -> None:
    assert await parser.display(b"\r\n", b"x" * REQUEST_MAX) == NOT_SHOWN
    assert parser._child is None


async def test_a_cancelled_request_leaves_no_answer_behind(parser: Parser) -> None:
    await parser.display(b"\r\n", b"warm")
    asking = asyncio.create_task(parser.display(b"\r\n", b"first"))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await parser.display(b"\r\n", b"second")).text == "second"


async def test_the_child_has_limits_and_no_secrets(parser: Parser) -> None:
    await parser.display(b"\r\n", b"a")
    process = Path("/proc") / str(child_of(parser))
    limits = (process / "limits").read_text()
    assert f"Max address space         {512 << 20} " in limits
    assert re.search(rf"Max cpu time +[{CPU_MAX}{CPU_MAX + 1}] ", limits), "from the little that it has used"
    assert (process / "environ").read_bytes().startswith(b"PYTHONPATH=")
    assert b"\0" not in (process / "environ").read_bytes().rstrip(b"\0")
    assert len(list((process / "fd").iterdir())) == 3


PARENT = """
import asyncio
from groupware.message.parser import Parser

async def main():
    parser = Parser()
    await parser.display(b"", b"")
    print(parser._child.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_child_dies_with_its_parent() -> None:
    root = Path(__file__).parents[2]
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(root)}
    )
    assert parent.stdout is not None
    watch = os.pidfd_open(int(await parent.stdout.readline()))
    parent.kill()
    await parent.wait()
    gone, _, _ = select.select([watch], [], [], 5)
    os.close(watch)
    assert gone
