"""IDLE (RFC 2177 3): whoever waits is told what happens, as it happens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from connectors.imap import responses
from connectors.imap.line import BadCommand
from groupware import clock

if TYPE_CHECKING:
    from connectors.imap import commands
    from connectors.imap.conversation import Conversation
    from connectors.imap.selected import Selected

LONGEST = 3600.0
"""Seconds until an idler is looked after without having been woken."""


async def idle(conversation: Conversation, _: commands.Idle) -> bytes:
    """RFC 2177 3: until DONE, or the client's time is up."""
    conversation.write(responses.continuation(b"idling"))
    await conversation.flush()
    folder = conversation.selected
    done = asyncio.create_task(conversation.reader.continuation())
    tasks = [done] if folder is None else [done, asyncio.create_task(_tell(conversation, folder))]
    conversation.idling = True
    try:
        async with asyncio.timeout(conversation.caps.idle):
            finished, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        conversation.idling = False
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in finished:
        task.result()
    if done.result().upper() != b"DONE":
        raise BadCommand("DONE expected")
    return b""


async def _tell(conversation: Conversation, folder: Selected) -> None:
    """Look whenever woken, and when a date passes at which the reader's rights change."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(_patience(folder)):
                await folder.news.wait()
        folder.news.clear()
        conversation.write(await folder.catch_up(conversation.desk, conversation.caller, expunges=True))
        await conversation.flush()


def _patience(folder: Selected) -> float:
    return min(max(folder.state.stamp.until - clock.now(), 0) / clock.MICROSECONDS, LONGEST)
