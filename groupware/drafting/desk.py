"""What doors call about drafts: each a use case of groupware/drafting, in one transaction that asks the monitor."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.confirmation import rewriting
from groupware.drafting import asking, chat, deciding, lapsing, looking, redrafting, telling
from groupware.drafting.asking import House
from groupware.followers import Follower
from groupware.steadily import steadily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.confirmation.desk import Confirmation
    from groupware.drafting.deciding import Word
    from groupware.drafting.looking import Case, Line
    from groupware.message.parser import Parser
    from groupware.message.text import Display
    from groupware.monitor import Monitor
    from groupware.posting import Receipt
    from groupware.releases.chat import Telling
    from groupware.store import Store


@dataclass(frozen=True, slots=True)
class Shown:
    """A draft and its text."""

    case: Case
    display: Display


class Drafting:
    """For one store and mail domain."""

    def __init__(
        self, store: Store, monitor: Monitor, parser: Parser, confirmation: Confirmation, domain: str, me: str
    ) -> None:
        self._store = store
        self._monitor = monitor
        self._parser = parser
        self._confirmation = confirmation
        self._domain = domain
        self._me = me
        self._house = House(monitor, domain, store.directory, self._portal)

    async def run(self) -> None:
        """Remind of drafts and let them lapse, until cancelled."""
        await steadily(self._store, "drafts that lapse", self.tend)

    async def tend(self) -> int:
        """What is due now; how much that was."""
        return await lapsing.DEADLINES.tend(
            self._store,
            lapsing.lapse,
            lambda tx, row: asking.ask(tx, self._house, row, "Your authorisation is still asked"),
        )

    def follower(self) -> Follower:
        """This process's copy of who asks colleagues and tells authors."""
        return Follower(self._store, telling.NAME, self._me, telling.KINDS, telling.Telling(self._house))

    async def to_authorise(self, caller: Caller) -> Sequence[Line]:
        """What awaits the caller's word, oldest first."""
        return await self._store.read(lambda snapshot: looking.to_authorise(snapshot, self._monitor, caller))

    async def own(self, caller: Caller) -> Sequence[Line]:
        """The caller's own that wait, oldest first."""
        return await self._store.read(lambda snapshot: looking.own(snapshot, self._monitor, caller))

    async def show(self, caller: Caller, token: str) -> Shown:
        """One of either, with its text. Raises NotFound or Forbidden (told alike), Conflict(already-decided)."""
        where = self._store.directory
        case = await self._store.read(lambda snapshot: looking.case(snapshot, self._monitor, caller, token, where))
        return Shown(case, await self._parser.display(*case.octets))

    async def decide(self, caller: Caller, token: str, word: Word, reason: str = "") -> str:
        """See deciding.decide."""
        return await self._store.run(lambda tx: deciding.decide(tx, self._monitor, caller, token, word, reason))

    async def redraft(self, caller: Caller, token: str, subject: str, text: str) -> Receipt:
        """Hand in a new version of one's own; the first one ends. Raises as redrafting.replace does."""
        where = (self._domain, self._store.directory)
        version = await self._store.read(
            lambda snapshot: redrafting.version(snapshot, self._monitor, caller, token, (subject, text), where)
        )
        seeming = await self._confirmation.seeming(version.raw, [version.to])
        submission = await asyncio.to_thread(rewriting.prepared, caller, (*where, self._store.seals), version, seeming)
        return await self._store.run(lambda tx: redrafting.replace(tx, self._monitor, caller, token, submission))

    # ---- in a chat

    async def untold(self) -> Sequence[Telling]:
        """What colleagues are to be told in the rooms that they have with ICONet alone."""
        return await self._store.read(chat.untold)

    async def told(self, what: Telling) -> None:
        """It is in their room."""
        await self._store.run(lambda tx: chat.told(tx, what.key))

    async def say(self, caller: Caller, text: str) -> str:
        """What they say there about a draft has its effect; how they are answered. "" for what is about none."""
        if not chat.is_about_draft(text):
            return ""
        return await self._store.run(lambda tx: chat.say(tx, self._monitor, caller, text))

    def _portal(self) -> str:
        """As of then: whoever knows it tells groupware.confirmation."""
        return self._confirmation.portal()
