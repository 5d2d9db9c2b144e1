"""Live pages: an event stream (HTML 9.2) that says "look again" when a room's page would look different.

It says nothing else, and nothing at all about what the reader can't see: a post that is held changes no page but its
author's. Whoever lost the right, or the session, is told that the page is gone, and the stream ends.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from groupware.errors import IconetError
from groupware.live import Session
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from connectors.web.visit import Visit

STREAMS_MAX = 12
"""Open at once in one session: browsers keep six connections to a host."""
LOOK_EVERY = 20.0
"""Seconds after which a quiet stream looks by itself: sessions also end without an event."""
NEWS, GONE, STILL = b"event: news\ndata:\n\n", b"event: gone\ndata:\n\n", b":\n\n"
Looks = tuple[object, ...]


async def stream(visit: Visit) -> Response:
    """News of one room, for as long as the page is open."""
    page = await visit.portal.groupware.room(visit.caller, visit.path["code"])
    streams = visit.portal.streams
    if streams.closed or streams.count(visit.session) >= STREAMS_MAX:
        raise HTTPException(503)
    return StreamingResponse(_events(visit, page.room.id), media_type="text/event-stream")


async def _events(visit: Visit, room: int) -> AsyncIterator[bytes]:
    woken, ended = asyncio.Event(), asyncio.Event()

    def end() -> None:
        ended.set()
        woken.set()

    session = Session(visit.caller.official, room, woken.set, end, door=Door.PORTAL)
    visit.portal.groupware.live.join(session)
    visit.portal.streams.add(visit.session, end)
    try:
        async for event in _watch(visit, woken, ended):
            yield event
    finally:
        visit.portal.groupware.live.leave(session)
        visit.portal.streams.remove(end)


async def _watch(visit: Visit, woken: asyncio.Event, ended: asyncio.Event) -> AsyncIterator[bytes]:
    known = await _looks(visit)
    yield STILL
    while known is not None and not ended.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await woken.wait()
        woken.clear()
        looks = await _looks(visit)
        if looks is not None and not ended.is_set():
            yield STILL if looks == known else NEWS
        known = looks
    yield GONE


async def _looks(visit: Visit) -> Looks | None:
    """What the page shows, as far as it can change; None when there is no page any more."""
    try:
        if not await visit.portal.groupware.web_sessions.alive(visit.session):
            return None
        page = await visit.portal.groupware.room(visit.caller, visit.path["code"])
    except IconetError:
        return None
    return tuple(post.token for post in page.posts), tuple((each.card.token, each.card.state) for each in page.waiting)
