"""Break-glass as doors call it: each call is one transaction or snapshot, and asks the monitor in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.followers import Follower
from groupware.glass import asking, lapsing, looking, opening, telling
from groupware.steadily import steadily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.glass.asking import Wanted
    from groupware.glass.looking import Card, Entry
    from groupware.glass.rows import Covered
    from groupware.message.parser import Parser
    from groupware.message.text import Display
    from groupware.monitor import Monitor
    from groupware.store import Store

LONGEST_HOURS = 24


@dataclass(frozen=True, slots=True)
class Opened:
    """A post that was opened in an emergency, and what a page shows of it."""

    post: Covered
    display: Display


class GlassDesk:
    """For one store and mail domain. `longest` is for how many hours a glass may be broken."""

    def __init__(self, store: Store, monitor: Monitor, parser: Parser, domain: str, longest: int) -> None:
        self._store = store
        self._monitor = monitor
        self._parser = parser
        self._domain = domain
        self.longest = longest
        self._looked = lapsing.Looked()

    async def run(self) -> None:
        """End what is due, until cancelled."""
        await steadily(self._store, "break-glass", self.tend)

    def follower(self, me: str) -> Follower:
        """Who tells that it is asked, and that it is over."""
        return Follower(self._store, telling.NAME, me, telling.KINDS, telling.Telling(self._domain))

    async def ask(self, caller: Caller, wanted: Wanted) -> int:
        """See asking.ask."""
        return await self._store.run(lambda tx: asking.ask(tx, self._monitor, caller, wanted, self.longest))

    async def confirm(self, caller: Caller, number: int) -> int:
        """See asking.confirm."""
        return await self._store.run(lambda tx: asking.confirm(tx, self._monitor, caller, number, self._domain))

    async def end(self, caller: Caller, number: int) -> None:
        """See asking.end."""
        await self._store.run(lambda tx: asking.end(tx, self._monitor, caller, number))

    async def cards(self, caller: Caller) -> Sequence[Card]:
        """All that the caller may know of, newest first."""
        return await self._store.read(lambda snapshot: looking.cards(snapshot, self._monitor, caller))

    async def card(self, caller: Caller, number: int) -> Card:
        """One of them. Raises NotFound, the same for forbidden and absent."""
        return await self._store.read(lambda snapshot: looking.card(snapshot, self._monitor, caller, number))

    async def octets(self, caller: Caller, number: int, post: int) -> bytes:
        """Open a post: the message as its readers get it. Raises NotFound or Forbidden, told alike."""
        return b"".join((await self._opened(caller, number, post))[1])

    async def show(self, caller: Caller, number: int, post: int) -> Opened:
        """Open a post, for a page. Raises as `octets`."""
        found, octets = await self._opened(caller, number, post)
        return Opened(found, await self._parser.display(*octets))

    async def _opened(self, caller: Caller, number: int, post: int) -> tuple[Covered, tuple[bytes, bytes]]:
        found = await self._store.run(
            lambda tx: opening.open_post(tx, self._monitor, caller, number, post, self._domain)
        )
        return found, await self._store.read(lambda snapshot: opening.octets(snapshot, found, self._store.directory))

    async def ledger(self) -> Sequence[Entry]:
        """Every ask in a line, oldest first, for the operator."""
        return await self._store.read(looking.entries)

    async def tend(self) -> int:
        """End what is due; how much that was."""
        due, looked = await self._store.read(lambda snapshot: lapsing.is_due(snapshot, self._monitor, self._looked))
        if due:
            return await self._store.run(lambda tx: lapsing.tend(tx, self._monitor))
        self._looked = looked
        return 0
