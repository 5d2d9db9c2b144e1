"""An open room hears of changes that it shows, of no others, and goes with the right or the session."""

from __future__ import annotations

import asyncio
import statistics
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from web_site import SESSION, send

from connectors.web.live import STREAMS_MAX
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from web_site import Site

pytestmark = pytest.mark.anyio
WITHIN, GOES = 0.5, 3


class Stream:
    """What an open page hears."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def ready(self) -> None:
        """The page as it is now is known to the stream."""
        assert await anext(self._lines) == ":"

    async def event(self) -> str:
        """The next event's name; empty when the stream has ended."""
        async for line in self._lines:
            if line.startswith("event: "):
                return line.removeprefix("event: ")
        return ""


@asynccontextmanager
async def opened(site: Site, name: str) -> AsyncIterator[Stream]:
    client = await site.client(name)
    async with client.stream("GET", "/rooms/return/live", timeout=30) as answer:
        stream = Stream(answer)
        assert answer.status_code == 200
        await stream.ready()
        yield stream


async def test_a_new_post_is_told_within_half_a_second(site: Site) -> None:
    async with opened(site, "bruno") as bruno:
        assert bruno.answer.headers["content-type"].startswith("text/event-stream")
        dora, took = await site.client("dora"), []
        for _ in range(GOES):
            await site.post("anna")
            await send(dora, f"/moderation/{await site.held()}", decision="approve")
            began = clock.monotonic()
            assert await bruno.event() == "news"
            took.append(clock.monotonic() - began)
        assert statistics.median(took) < WITHIN


async def test_a_held_post_is_told_to_its_author_only(site: Site) -> None:
    async with opened(site, "anna") as anna, opened(site, "clara") as clara:
        await site.post("anna")
        assert await anna.event() == "news"
        hears = asyncio.create_task(clara.event())
        await asyncio.wait([hears], timeout=0.3)
        assert not hears.done(), "a held post is nobody else's business"
        await site.publish("dora", "Shown to all")
        assert await hears == "news"


@pytest.mark.parametrize("lose", ["right", "session", "office"])
async def test_the_stream_ends_with_what_it_rests_on(site: Site, lose: str) -> None:
    async with opened(site, "bruno") as bruno:
        if lose == "right":
            await site.lose_rights("bruno")
        elif lose == "session":
            leaving = await site.client("bruno")
            leaving.cookies.set(SESSION, bruno.answer.request.headers["cookie"].partition("=")[2])
            await send(leaving, "/sign-out", "/")
        else:
            await site.off_board("bruno")
        assert await bruno.event() == "gone"
        assert await bruno.event() == ""


async def test_streams_end_when_the_door_closes(site: Site) -> None:
    async with opened(site, "bruno") as bruno:
        began = clock.monotonic()
        await site.door.stop()
        assert await bruno.event() == "gone"
        assert clock.monotonic() - began < 2


async def test_a_session_has_a_bounded_number_of_streams(site: Site) -> None:
    client = await site.client("bruno")
    streams = site.door._portal.streams
    for number in range(STREAMS_MAX):
        streams.add(client.cookies[SESSION], lambda number=number: number)  # type: ignore[misc] # mypy infers no lambda with a default
    assert (await client.get("/rooms/return/live")).status_code == 503
