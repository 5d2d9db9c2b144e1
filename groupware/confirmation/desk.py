"""What doors can ask for about posts that await their author's word: each call asks the monitor in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, or_, select

from groupware import reading, tables
from groupware.confirmation import confirming, rewriting
from groupware.confirmation.lapsing import Lapsing
from groupware.confirmation.telling import KINDS, NAME, Asking
from groupware.followers import Follower
from groupware.personal_data.finding import Kind as Seeming
from groupware.personal_data.searcher import Searcher
from groupware.personal_data_tables import personal_data_hold
from groupware.recipients import Room
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.personal_data.searcher import Report
    from groupware.posting import Receipt
    from groupware.reading import PostCard
    from groupware.recipients import Recipient
    from groupware.store import Snapshot, Store

_post, _room, _rendering, _hold = tables.post.c, tables.room.c, tables.rendering.c, personal_data_hold.c
_WAITING: Select[Any] = (
    select(_post.token, _post.number, _room.code, _room.name, _rendering.subject, _hold.kinds, _hold.at, _hold.until)
    .join(personal_data_hold, _hold.post == _post.id)
    .join(tables.room, _room.id == _post.room)
    .join(tables.rendering, _rendering.id == _post.rendering)
    .where(or_(_post.author == bindparam("me"), _post.sender == bindparam("me")))
    .order_by(_post.id)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post that awaits the caller's word: `kinds` of what seems to be in it, since and until when (microseconds)."""

    token: str
    number: int
    room: str
    room_name: str
    subject: str
    kinds: tuple[Seeming, ...]
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Case:
    """One of them as its author sees it: the texts with what was found in them, and the words to be written anew."""

    waiting: Waiting
    card: PostCard
    report: Report
    text: str


class Confirmation:
    """For one store. `portal` says the portal's address for links; whoever knows it sets it."""

    def __init__(self, store: Store, monitor: Monitor, domain: str, me: str) -> None:
        self._store = store
        self._monitor = monitor
        self._domain = domain
        self._me = me
        self._searcher = Searcher([domain])
        self._lapsing = Lapsing(store, domain)
        self.portal: Callable[[], str] = str

    async def run(self) -> None:
        """End what lapses, until cancelled."""
        await self._lapsing.run()

    def follower(self) -> Follower:
        """Who asks authors for their word."""
        return Follower(self._store, NAME, self._me, KINDS, Asking(self._domain, self._known_portal))

    def _known_portal(self) -> str:
        """As of then: whoever knows it says so after this was made."""
        return self.portal()

    async def close(self) -> None:
        """Let go of the child that looks."""
        await self._searcher.close()

    async def seeming(self, raw: bytes, to: Sequence[Recipient]) -> tuple[str, ...] | None:
        """Kinds of personal data that a message seems to hold; None, without a look, where no recipient bars it."""
        if not any(isinstance(each, Room) and each.bars_personal_data for each in to):
            return None
        return (await self._searcher.look(raw)).kinds

    async def waiting(self, caller: Caller) -> Sequence[Waiting]:
        """What awaits the caller's word, oldest first."""
        return await self._store.read(lambda snapshot: self._waiting(snapshot, caller))

    async def case(self, caller: Caller, token: str) -> Case:
        """One of them. Raises NotFound or Forbidden (told alike), Conflict(already-decided)."""

        def query(snapshot: Snapshot) -> tuple[Waiting, PostCard, bytes]:
            confirming.require(snapshot, self._monitor, caller, token)
            view = self._monitor.view(snapshot, caller, Action.READ, Kind.POST)
            card = reading.by_token(view, token)
            waiting = next(each for each in self._waiting(snapshot, caller) if each.token == token)
            return waiting, card, reading.raw(view, card, self._store.directory)

        waiting, card, raw = await self._store.read(query)
        report = await self._searcher.look(raw)
        text = next((each.text for each in report.texts if each.where == "text"), "")
        return Case(waiting, card, report, text)

    async def confirm(self, caller: Caller, token: str, reason: str) -> str:
        """Let it go on, with a reason; its new state. Raises as `case` does, and Refused by rule."""
        return await self._store.run(
            partial(confirming.confirm, monitor=self._monitor, caller=caller, token=token, reason=reason)
        )

    async def redact(self, caller: Caller, token: str, subject: str, text: str) -> Receipt:
        """Hand in a new version, which is looked through like any message; the first one ends. Raises as `submit`."""
        where = (self._domain, self._store.directory)
        version = await self._store.read(
            lambda snapshot: rewriting.rewritten(snapshot, self._monitor, caller, token, (subject, text), where)
        )
        seeming = await self.seeming(version.raw, [version.to])
        submission = await asyncio.to_thread(rewriting.prepared, caller, (*where, self._store.seals), version, seeming)
        return await self._store.run(lambda tx: rewriting.replace(tx, self._monitor, caller, token, submission))

    def _waiting(self, snapshot: Snapshot, caller: Caller) -> list[Waiting]:
        view = self._monitor.view(snapshot, caller, Action.CONFIRM, Kind.POST)
        values = {"me": caller.official, **view.parameters}
        return [
            Waiting(
                row.token,
                row.number,
                row.code,
                row.name,
                row.subject,
                tuple(Seeming(kind) for kind in row.kinds.split()),
                row.at,
                row.until,
            )
            for row in snapshot.connection.execute(_WAITING.where(view.clause), values)
        ]
