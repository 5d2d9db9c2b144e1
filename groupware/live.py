"""Tells open sessions (IDLE, pages) that something may have changed for them. It only wakes; who is woken asks again.

One reader of the log a process: it reads the new events once for all sessions, and wakes those whom they concern.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, BindParameter, bindparam, select, union

from groupware import clock, tables
from groupware.events import EventKind
from groupware.steadily import steadily
from groupware.store.dialect import behind, settled_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import CompoundSelect, Row, Select

    from groupware.store import Snapshot, Store

SLICE = 500
WATCHER = 0
"""The official of a session that is nobody's: it watches for all."""
EVERYBODY = frozenset(
    {
        EventKind.RIGHTS_CHANGED,
        EventKind.POST_WITHDRAWN,
        EventKind.POST_MARKED,
        EventKind.AREA_CHANGED,
        EventKind.ROOM_CHANGED,
    }
)
MOST_LEAVERS = 1_000
"""Of whom it is remembered when their sessions ended."""
SIGNING_IN = 5 * clock.MICROSECONDS
"""The longest time between the check of a password and the session's joining."""
UNSEEN = frozenset({EventKind.POST_UNCONFIRMED, EventKind.POST_HELD, EventKind.POST_REFUSED})
"""Of posts that only their author's and their sender's page shows; others who were woken would learn of it by that."""

_event = tables.event.c
_NEWS = (
    select(_event.txid, _event.id, _event.kind, _event.subject, _event.room, _event.at)
    .where(
        behind(_event.txid, _event.id, bindparam("txid", type_=BigInteger), bindparam("event", type_=BigInteger)),
        _event.txid < settled_below(),
    )
    .order_by(_event.txid, _event.id)
    .limit(SLICE)
)
_HEAD = (
    select(_event.txid, _event.id)
    .where(_event.txid < settled_below())
    .order_by(_event.txid.desc(), _event.id.desc())
    .limit(1)
)
_some: BindParameter[int] = bindparam("some", expanding=True)
_watched: BindParameter[int] = bindparam("watched", expanding=True)
_COPIED = select(tables.copy.c.official).where(tables.copy.c.official.in_(_watched), tables.copy.c.post.in_(_some))
_WROTE = union(
    select(tables.post.c.author.label("official")).where(tables.post.c.id.in_(_some)),
    select(tables.post.c.sender.label("official")).where(tables.post.c.id.in_(_some)),
)
_MAILED = select(tables.mail_recipient.c.official).where(tables.mail_recipient.c.mail.in_(_some))


@dataclass(eq=False, slots=True)
class Session:
    """An open session: whose it is, which room it shows (0: none), how to wake or close it, and at which door it is.

    `app_password` is Caller.app_password, what opened it: once that is revoked the session is closed.
    """

    official: int
    room: int
    wake: Callable[[], None]
    close: Callable[[], None]
    app_password: int = 0
    door: str = ""


@dataclass(slots=True)
class Leaving:
    """What was open of somebody who left: how many sessions at each door, and when the last of them went.

    Times in microseconds; a door without sessions is done when this process heard of it.
    """

    heard: int
    open: dict[str, int]
    went: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def is_done(self, door: str) -> bool:
        """Whether nothing of theirs is open there any more."""
        return self.left.get(door, 0) >= self.open.get(door, 0)


@dataclass(slots=True)
class News:
    """Whom a slice of the log concerns; of `leavers` also when they left (microseconds)."""

    officials: set[int] = field(default_factory=set)
    rooms: set[int] = field(default_factory=set)
    leavers: dict[int, int] = field(default_factory=dict)
    revoked: set[int] = field(default_factory=set)
    everybody: bool = False

    def concern(self, session: Session) -> bool:
        """Whether the session should look again."""
        return self.everybody or session.official in self.officials or session.room in self.rooms

    def end(self, session: Session) -> bool:
        """Whether the session is over."""
        return session.official in self.leavers or session.app_password in self.revoked


@dataclass(slots=True)
class About:
    """Ids of a slice of the log whose readers are yet to be looked up."""

    copied: list[int] = field(default_factory=list)
    unseen: list[int] = field(default_factory=list)
    mailed: list[int] = field(default_factory=list)


class Live:
    """The open sessions of this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sessions: set[Session] = set()
        self._place: tuple[int, int] | None = None
        self._leaving: dict[int, Leaving] = {}
        self._gone = asyncio.Event()
        self._ended: deque[tuple[int, str, int]] = deque(maxlen=MOST_LEAVERS)

    def join(self, session: Session) -> None:
        """Wake this one from now on; one that signed in while its official left is closed at once."""
        if self._come(session):
            session.close()

    def _come(self, session: Session) -> bool:
        """Whether it is of somebody who left just now."""
        self._sessions.add(session)
        leaving = self._leaving.get(session.official)
        if leaving is None or clock.now() - leaving.heard >= SIGNING_IN:
            return False
        leaving.open[session.door] = leaving.open.get(session.door, 0) + 1
        return True

    def leave(self, session: Session) -> None:
        """And no more."""
        if session not in self._sessions:
            return
        self._ended.append((session.official, session.door, clock.now()))
        self._go(session)

    def _go(self, session: Session) -> None:
        self._sessions.discard(session)
        leaving = self._leaving.get(session.official)
        if leaving is not None:
            leaving.left[session.door] = leaving.left.get(session.door, 0) + 1
            leaving.went[session.door] = clock.now()
            self._told()

    @contextmanager
    def during(self, official: int, door: str) -> Iterator[None]:
        """A request that signs in by itself is under way: it ends by itself, and no other is let in afterwards."""
        request = Session(official, 0, _let_be, _let_be, door=door)
        self._come(request)
        try:
            yield
        finally:
            self._go(request)

    async def left(self, official: int, door: str, since: int) -> tuple[int, int]:
        """Wait until nothing is open at a door of somebody who left at `since`: how many sessions, and when it was."""
        while True:
            news, leaving = self._gone, self._leaving.get(official)
            if leaving is not None and leaving.heard >= since - SIGNING_IN and leaving.is_done(door):
                return leaving.open.get(door, 0), leaving.went.get(door, leaving.heard)
            await news.wait()

    def _note(self, official: int, at: int) -> None:
        """What was open when somebody left; a session that noticed by itself has ended before this is read."""
        noticed = [each for each in self._ended if each[0] == official and each[2] >= at]
        still = [session.door for session in self._sessions if session.official == official]
        leaving = Leaving(clock.now(), dict(Counter([*still, *(door for _, door, _ in noticed)])))
        for _, door, moment in noticed:
            leaving.left[door] = leaving.left.get(door, 0) + 1
            leaving.went[door] = moment
        self._leaving.pop(official, None)
        self._leaving[official] = leaving
        if len(self._leaving) > MOST_LEAVERS:
            del self._leaving[next(iter(self._leaving))]

    def _told(self) -> None:
        news, self._gone = self._gone, asyncio.Event()
        news.set()

    def wake_others(self, session: Session) -> None:
        """Wake what else the same official has open: flags and folders of one's own are not told in the log."""
        for other in self._sessions:
            if other.official == session.official and other is not session:
                other.wake()

    async def run(self) -> None:
        """Watch the log until cancelled."""
        await steadily(self._store, "the watch for sessions", self.step)

    async def step(self) -> bool:
        """Read what is new in the log and wake whom it concerns; whether there was any. The first only looks."""
        known = self._place
        if known is None:
            self._place = await self._store.read(_head)
            return True
        watched = {session.official for session in self._sessions}
        self._place, news = await self._store.read(lambda snapshot: _news(snapshot, known, watched))
        if self._place == known:
            return False
        self._tell(news)
        return True

    def _tell(self, news: News) -> None:
        for official, at in news.leavers.items():
            self._note(official, at)
        for session in list(self._sessions):
            if news.end(session):
                session.close()
            elif news.concern(session):
                session.wake()
        if news.leavers:
            self._told()


def _let_be() -> None:
    """What is done to a request that is under way."""


def _head(snapshot: Snapshot) -> tuple[int, int]:
    row = snapshot.connection.execute(_HEAD).first()
    return (0, 0) if row is None else (row.txid, row.id)


def _news(snapshot: Snapshot, place: tuple[int, int], watched: set[int]) -> tuple[tuple[int, int], News]:
    """What is new behind a place in the log, for sessions of the `watched` officials, and the place behind it."""
    news, about = News(), About()
    for row in snapshot.connection.execute(_NEWS, {"txid": place[0], "event": place[1]}):
        place = (row.txid, row.id)
        _sort(row, news, about)
    if watched:
        for statement, some in ((_COPIED, about.copied), (_WROTE, about.unseen), (_MAILED, about.mailed)):
            news.officials.update(_officials(snapshot, statement, some, watched))
    return place, news


def _sort(row: Row[*tuple[Any, ...]], news: News, about: About) -> None:
    kind, subject = row.kind, row.subject
    if kind in EVERYBODY:
        news.everybody = True
    elif kind == EventKind.OFFICIAL_OFF_BOARDED:
        news.leavers[subject] = row.at
    elif kind == EventKind.APP_PASSWORD_REVOKED:
        news.revoked.add(subject)
        news.officials.add(WATCHER)
    elif kind == EventKind.COPIED:
        about.copied.append(subject)
    elif kind in UNSEEN:
        about.unseen.append(subject)
    elif kind == EventKind.MAIL_SENT:
        about.mailed.append(subject)
    elif row.room:
        news.rooms.add(row.room)


def _officials(
    snapshot: Snapshot, statement: Select[Any] | CompoundSelect[Any], some: list[int], watched: set[int]
) -> Iterable[int]:
    """Asked once for a whole slice of the log: under load an event comes each millisecond."""
    if not some:
        return ()
    return snapshot.connection.scalars(statement, {"some": some, "watched": list(watched)})
