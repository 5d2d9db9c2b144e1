"""Big messages come a few at a time, so that memory is bounded; and one whose file is lost holds up nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from attack import send, settled
from town import build, message

from groupware import tables
from groupware.checking import Count, Fault
from groupware.content import FOLDER, within

if TYPE_CHECKING:
    from town import Town

    from groupware.service import Groupware


pytestmark = pytest.mark.anyio
BIG = 3_500_000
TO = "x@partner.test"


@dataclass(frozen=True)
class Row:
    size: int


async def sent(groupware: Groupware, *sizes: int) -> Town:
    """Mail of anna's to a partner."""
    town = await groupware.store.run(build)
    for number, size in enumerate(sizes):
        text = f"<p>{number}{'x' * 41}</p>\r\n" * (size // 50 + 1)
        await send(groupware, town, "anna", message("anna", TO, f"s{number}", text, message_id=f"<{number}@x>"), TO)
    return town


@pytest.mark.parametrize(
    ("sizes", "taken"), [([], 0), ([11], 1), ([11, 1], 1), ([4, 6, 1], 2), ([0, 11, 0], 2), ([1] * 20, 10)]
)
async def test_the_first_always_comes_and_then_what_fits(sizes: list[int], taken: int) -> None:
    assert len(list(within(10, map(Row, sizes)))) == taken


async def test_big_messages_are_claimed_a_few_at_a_time(groupware: Groupware) -> None:
    await sent(groupware, BIG, BIG, BIG)
    assert [len(await groupware.claim_outbound()) for _ in range(3)] == [2, 1, 0]


async def test_big_messages_are_indexed_and_checked_a_few_at_a_time(groupware: Groupware) -> None:
    await sent(groupware, BIG, BIG, BIG)
    slices = []
    while found := await groupware.indexer.step():
        slices.append(found)
    assert max(slices) <= 2
    assert sum([found.number async for found in groupware.check() if found == Count("contents", 3)]) >= 3


async def test_a_lost_file_fails_one_message_and_no_other(
    groupware: Groupware, caplog: pytest.LogCaptureFixture
) -> None:
    town = await sent(groupware, 300_000, 10)
    (file,) = (groupware.store.directory / FOLDER).iterdir()
    file.unlink()
    with caplog.at_level(logging.ERROR):
        claimed = await groupware.claim_outbound()
    assert [raw.count(b"<p>1") for _, raw in claimed] == [1]
    assert "can't be sent" in caplog.text
    row = tables.outbound.select().where(tables.outbound.c.state == "failed")
    (failed,) = await groupware.store.read(lambda snapshot: snapshot.connection.execute(row).all())
    assert "lost" in failed.reply
    await groupware.outbound_sent(claimed[0][0], "250 taken")
    assert await groupware.next_outbound() is None
    await settled(groupware)
    anna = town.caller("anna")
    _, _, rows = await groupware.folders.open(anna, "INBOX")
    assert len(rows) == 1, "the author is told"
    assert any(isinstance(found, Fault) for found in [found async for found in groupware.check()])
